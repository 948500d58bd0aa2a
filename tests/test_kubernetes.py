"""The Kubernetes manifests: valid by their schemas, scaled on what the code fills, secured.

The schemas of Kubernetes are those of the package `kubernetes-validate`. KEDA's own are in no
package for Python: what is used of them is written down here, after its documentation.
"""

import base64
import json
import shutil
import subprocess
from pathlib import Path

import jsonschema
import kubernetes_validate
import pytest
import redis
import yaml

from shared.data.defaults import BACKEND
from shared.queue import keys, tasks
from shared.queue.priorities import PRIORITIES
from shared.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
KUBERNETES = ROOT / "deploy" / "kubernetes"
SERVICES = ("decoder", "pose", "scorer", "writer")

DOCUMENTS = [
    (f"{path.parent.name}/{path.name}:{number}", document)
    for path in sorted(KUBERNETES.rglob("*.yaml"))
    if not path.name.startswith("kustomiz")
    for number, document in enumerate(yaml.safe_load_all(path.read_text()))
]
OF_KEDA = [(name, one) for name, one in DOCUMENTS if one["apiVersion"] == "keda.sh/v1alpha1"]
PODS = [
    (name, one["spec"]["template"]["spec"])
    for name, one in DOCUMENTS
    if one["kind"] in ("Deployment", "StatefulSet")
]


def exactly(required, optional=None):
    """Schema of an object with these fields and no others."""
    properties = {**required, **(optional or {})}
    return {"type": "object", "properties": properties, "required": list(required),
            "additionalProperties": False}  # fmt: skip


TEXT, COUNT = {"type": "string", "minLength": 1}, {"type": "integer", "minimum": 0}
NUMBER_TEXT = {"type": "string", "pattern": "^[0-9]+$"}
TRUTH_TEXT = {"enum": ["true", "false"]}
NAMED = exactly({"name": TEXT})
CONNECTION = {"address": {"type": "string", "pattern": "^[a-z0-9.-]+:[0-9]+$"}}
TRIGGERS = {
    "redis-streams": exactly(
        {**CONNECTION, "stream": TEXT, "streamLength": NUMBER_TEXT}, {"enableTLS": TRUTH_TEXT}
    ),
    "redis": exactly(
        {**CONNECTION, "listName": TEXT, "listLength": NUMBER_TEXT}, {"enableTLS": TRUTH_TEXT}
    ),
}
TRIGGER = {
    "oneOf": [
        exactly({"type": {"const": kind}, "name": TEXT, "metadata": metadata},
                {"authenticationRef": NAMED})
        for kind, metadata in TRIGGERS.items()
    ]
}  # fmt: skip
ADVANCED = exactly(
    {
        "scalingModifiers": exactly(
            {"formula": TEXT, "target": NUMBER_TEXT},
            {"metricType": {"enum": ["AverageValue", "Value"]}},
        )
    },
    {
        "horizontalPodAutoscalerConfig": exactly(
            {"behavior": exactly({"scaleDown": exactly({"stabilizationWindowSeconds": COUNT})})}
        )
    },
)
KEDA = {
    "ScaledObject": exactly(
        {
            "scaleTargetRef": NAMED,
            "triggers": {"type": "array", "items": TRIGGER, "minItems": 1},
        },
        {
            "minReplicaCount": COUNT,
            "maxReplicaCount": {"type": "integer", "minimum": 1},
            "pollingInterval": {"type": "integer", "minimum": 1},
            "cooldownPeriod": COUNT,
            "advanced": ADVANCED,
        },
    ),
    "TriggerAuthentication": exactly(
        {
            "secretTargetRef": {
                "type": "array",
                "items": exactly(
                    {"parameter": {"enum": ["username", "password"]}, "name": TEXT, "key": TEXT}
                ),
            }
        }
    ),
}


def of_kind(kind, name):
    [found] = [
        one for _, one in DOCUMENTS if one["kind"] == kind and one["metadata"]["name"] == name
    ]
    return found


@pytest.mark.parametrize(("name", "document"), DOCUMENTS, ids=[name for name, _ in DOCUMENTS])
def test_documents_fit_their_schemas(name, document):
    if document["apiVersion"] == "keda.sh/v1alpha1":
        jsonschema.validate(document["spec"], KEDA[document["kind"]])
        assert document.keys() == {"apiVersion", "kind", "metadata", "spec"}
    else:
        kubernetes_validate.validate(document, "1.31", strict=True)


def test_wrong_fields_are_noticed():
    deployment = of_kind("Deployment", "coach-pose")
    deployment = yaml.safe_load(yaml.safe_dump(deployment))
    deployment["spec"]["template"]["spec"]["containers"][0]["livenesProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(deployment, "1.31", strict=True)


@pytest.mark.parametrize("service", ["decoder", "pose", "writer"])
def test_workers_are_scaled_on_what_the_code_fills(service):
    scaled = of_kind("ScaledObject", f"coach-{service}")["spec"]
    assert "replicas" not in of_kind("Deployment", f"coach-{service}")["spec"]  # KEDA's business
    triggers = {one["name"]: one["metadata"] for one in scaled["triggers"]}
    formula = scaled["advanced"]["scalingModifiers"]["formula"]
    assert set(formula.split(" + ")) == triggers.keys()
    if service == "pose":
        assert scaled["minReplicaCount"] == 0
        streams = keys.by_priority(keys.frames(BACKEND))
        assert [triggers[priority]["stream"] for priority in PRIORITIES] == list(streams)
        return
    name = {"decoder": "decode", "writer": "write"}[service]
    for queue, priority in zip(tasks.queues(redis.Redis(), name), PRIORITIES, strict=True):
        assert triggers[priority]["listName"] == queue.key
        assert triggers[f"{priority}_started"]["listName"] == queue.started_job_registry.key


@pytest.mark.parametrize(("name", "pod"), PODS, ids=[name for name, _ in PODS])
def test_pods_have_no_rights(name, pod):
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] > 0
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    for container in [*pod["containers"], *pod.get("initContainers", [])]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["resources"]["limits"]["memory"]


@pytest.mark.parametrize("service", SERVICES)
def test_services_are_probed_and_have_their_own_rights(service):
    [container] = of_kind("Deployment", f"coach-{service}")["spec"]["template"]["spec"][
        "containers"
    ]
    assert container["image"] == f"weightlifting-coach-{service}"
    for probe in ("startupProbe", "livenessProbe"):
        assert container[probe]["exec"]["command"] == [
            "python", "-m", "shared.queue.health", service,
        ]  # fmt: skip
    [url] = container["env"]
    assert url["name"] == "COACH_REDIS_URL"
    assert url["valueFrom"]["secretKeyRef"]["key"] == f"{service}-url"


def test_settings_exist():
    settings = of_kind("ConfigMap", "coach-settings")["data"]
    for name in settings:
        assert name.removeprefix("COACH_").lower() in Settings.model_fields
    assert json.loads(settings["COACH_AUTOSCALED"]) == [settings["COACH_BACKEND"]]  # to zero


@pytest.fixture
def build(tmp_path):
    """Builds an overlay of a copy, with the users' file in it, as the documentation says."""
    if shutil.which("kubectl") is None:
        pytest.skip("no kubectl on this machine")
    shutil.copytree(KUBERNETES, tmp_path / "kubernetes")

    def build_overlay(name):
        overlay = tmp_path / "kubernetes/overlays" / name
        shutil.copy(ROOT / "deploy/coach.acl", overlay)
        built = subprocess.run(
            ["kubectl", "kustomize", str(overlay)], capture_output=True, text=True, check=True
        )
        documents = list(yaml.safe_load_all(built.stdout))
        for document in documents:
            if document["kind"] in KEDA:
                jsonschema.validate(document["spec"], KEDA[document["kind"]])
            else:
                kubernetes_validate.validate(document, "1.31", strict=True)
            if document["kind"] == "Deployment":
                [container] = document["spec"]["template"]["spec"]["containers"]
                assert container["image"].startswith("registry.example/")
            if document["kind"] != "Namespace":
                assert document["metadata"]["namespace"] == "coach"
        return {(one["kind"], one["metadata"]["name"]): one for one in documents}

    return build_overlay


def test_kustomize_builds_the_overlay_of_one_server(build):
    kinds = [kind for kind, _ in build("one-server")]
    assert kinds.count("Deployment") == 4
    assert kinds.count("Secret") == 2


def test_kustomize_builds_workers_and_scaling_for_each_server(build):
    """Nothing of one server's workers leads to another server."""
    built = build("two-servers")
    names = {name for kind, name in built if kind == "Deployment"}
    assert names == {f"coach-{service}-{number}" for service in SERVICES for number in (1, 2)}
    for number in (1, 2):
        secret = built["Secret", f"coach-redis-{number}"]["data"]
        for service in SERVICES:
            spec = built["Deployment", f"coach-{service}-{number}"]["spec"]
            assert spec["selector"]["matchLabels"]["app.kubernetes.io/instance"] == (
                f"server-{number}"
            )
            [url] = spec["template"]["spec"]["containers"][0]["env"]
            assert url["valueFrom"]["secretKeyRef"]["name"] == f"coach-redis-{number}"
            stored = base64.b64decode(secret[f"{service}-url"]).decode()
            assert stored.endswith(f"@redis-{number}:6379/0")
        for service in ("decoder", "pose", "writer"):
            spec = built["ScaledObject", f"coach-{service}-{number}"]["spec"]
            assert spec["scaleTargetRef"] == {"name": f"coach-{service}-{number}"}
            for trigger in spec["triggers"]:
                assert trigger["metadata"]["address"] == f"redis-{number}.coach.svc:6379"
                assert trigger["authenticationRef"] == {"name": f"coach-redis-{number}"}
        [*_, last] = built["TriggerAuthentication", f"coach-redis-{number}"]["spec"][
            "secretTargetRef"
        ]
        assert last["name"] == f"coach-redis-{number}"
        assert ("Service", f"redis-{number}") in built
        assert built["StatefulSet", f"redis-{number}"]["spec"]["serviceName"] == f"redis-{number}"
