"""`coach doctor` with real servers, damaged weights and unavailable engines."""

import hashlib
import json
import shutil

import pytest
from builders import run_coach

from coach.cli import doctor
from coach.cli.checkup import examine, server_fault
from services.pose.engines import openvino_cpu
from services.pose.engines.interface import int8_file
from shared.queue.connection import Server, connect, server_of
from shared.settings import read_settings

NO_INT8 = openvino_cpu.why_unavailable("int8")


@pytest.fixture
def models_dir(models, tmp_path, monkeypatch):
    """A cache of its own with the default backend's weights in it, and nothing else."""
    folder = tmp_path / "models"
    for path in models.values():
        (folder / path.parent.name).mkdir(parents=True, exist_ok=True)
        shutil.copy(path, folder / path.parent.name)
    monkeypatch.setenv("COACH_MODELS_DIR", str(folder))
    return folder


def found(*urls, **settings):
    return {(one.area, one.name): one for one in examine(urls, read_settings(**settings))}


def wrong(findings):
    return [one for one in findings.values() if one.state == "wrong"]


def test_a_sound_machine_gives_one_json_document(models_dir):
    done = run_coach("doctor", "--json")
    assert done.returncode == 0, done.stdout
    document = json.loads(done.stdout)
    assert document["ok"] is True
    values = {(one["area"], one["name"]): one["value"] for one in document["findings"]}
    assert values["video", "libx264"] == "there"
    assert values["queue", "embedded Valkey"].startswith("Valkey ")
    assert values["engines", "chosen"].startswith("openvino ")
    assert "a2925747fccaf737" in values["models", "movenet/movenet-thunder.bin"]
    assert "9ba9dd3d42efaaba" in values["models", "blazepose-full/pose_detection.tflite"]
    for library in ("Python", "openvino", "onnxruntime", "av", "redis", "rq"):
        assert values["versions", library][0].isdigit()


def test_the_table_is_not_truncated(models_dir, capsys):
    assert doctor.run((), read_settings(), as_json=False) == 0
    shown = capsys.readouterr().out.replace("│", "").replace("\n", "").replace(" ", "")
    assert "9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c" in shown
    assert "Ajobcouldrunhere." in shown
    assert "weightlifting-coach[nvidia]" in shown  # no markup


@pytest.mark.parametrize("backend", ["movenet", "movenet-fast"])
@pytest.mark.parametrize(
    "name", ["movenet/movenet-multipose.bin", "blazepose-full/pose_landmark_full.tflite"]
)
def test_damaged_weights_of_the_backend_in_use_are_wrong(models_dir, capsys, backend, name):
    broken = models_dir / name
    broken.write_bytes(broken.read_bytes()[:-1] + b"\1")
    [only] = wrong(found(backend=backend))
    assert (only.name, only.value) == (name, "damaged")
    assert "coach models pull" in only.remedy
    assert doctor.run((), read_settings(backend=backend), as_json=False) == 1
    assert "coach models pull" in " ".join(capsys.readouterr().out.split())


def test_damaged_weights_of_another_backend_are_only_a_note(models_dir):
    other = models_dir / "openpose-mobilenet"
    other.mkdir()
    (other / "graph_opt.pb").write_bytes(b"no network")
    findings = found()
    assert findings["models", "openpose-mobilenet/graph_opt.pb"].state == "note"
    assert not wrong(findings)


def test_missing_weights_are_reported_with_the_pull_command(tmp_path):
    findings = found(models_dir=tmp_path / "none")
    for model, file in (
        ("movenet", "movenet-thunder.json"),
        ("blazepose-full", "pose_detection.tflite"),
    ):
        missing = findings["models", f"{model}/{file}"]
        assert missing.state == "note"
        assert f"coach models pull {model}" in missing.remedy
    assert not (tmp_path / "none").exists()
    assert not wrong(findings)


def test_a_running_deployment_is_named(models_dir, any_url):
    client = connect(any_url)
    client.config_set("maxmemory-policy", "noeviction")
    server = server_of(client)
    client.close()
    finding = found(any_url)["queue", any_url]
    assert (finding.value, finding.state) == (str(server), "ok")
    assert server.supported


def test_a_deployment_that_evicts_queues_is_wrong(models_dir, valkey_url):
    client = connect(valkey_url)
    client.config_set("maxmemory-policy", "allkeys-lru")
    client.close()
    [only] = wrong(found(valkey_url))
    assert "noeviction" in only.remedy


def test_an_unreachable_deployment_is_wrong_and_its_password_hidden(models_dir):
    [only] = wrong(found("redis://:secret@127.0.0.1:1"))
    assert "secret" not in only.name + only.value + only.remedy
    assert "cannot be reached" in only.remedy


@pytest.mark.parametrize(
    ("name", "version", "supported"),
    [
        ("Redis", "6.2.14", False),
        ("Redis", "7.0.0", True),
        ("Redis", "10.0", True),  # ten is more than seven
        ("Valkey", "7.2.5", True),
        ("Valkey", "9.1.2", True),
    ],
)
def test_old_servers_are_wrong(name, version, supported):
    assert Server(name, version, "noeviction").supported is supported
    assert (server_fault(supported, "noeviction")[0] == "ok") is supported


def test_an_unavailable_engine_is_wrong_only_if_asked_for(models_dir):
    [only] = wrong(found(engine="cuda"))
    assert only.name == "chosen"
    assert "weightlifting-coach[nvidia]" in only.remedy


@pytest.mark.skipif(bool(NO_INT8), reason=NO_INT8)
def test_int8_is_wrong_until_the_networks_are_quantized(models_dir):
    asked = {"precision": "int8", "backend": "blazepose-full"}
    [only] = wrong(found(**asked))
    assert only.name == "chosen"
    assert "coach models quantize" in only.remedy
    for name in ("pose_detection", "pose_landmark_full"):
        int8_file(models_dir / "blazepose-full" / f"{name}.tflite").touch()
    assert not wrong(found(**asked))


def test_own_weights_are_wrong_only_if_their_backend_is_in_use(models_dir):
    name = "openpose-mpi (COACH_OPENPOSE_WEIGHTS)"
    findings = found(openpose_weights="/nonexistent")
    assert findings["models", name].state == "note"
    assert not wrong(findings)
    [only] = wrong(found(openpose_weights="/nonexistent", backend="openpose-mpi"))
    assert only.name == name
    own = models_dir / "my.caffemodel"
    own.write_bytes(b"weights")
    digest = hashlib.sha256(b"weights").hexdigest()
    assert digest in found(openpose_weights=own)["models", name].value
