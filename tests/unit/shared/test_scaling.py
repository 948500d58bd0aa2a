"""The rule for the number of pose workers is the same on one machine and on Kubernetes."""

from pathlib import Path

import pytest
import yaml

from shared.scaling import CHUNKS_PER_WORKER, COOLDOWN_S, POLL_S, wanted_workers

SCALING = Path(__file__).resolve().parents[3] / "deploy/kubernetes/base/scaling.yaml"


@pytest.mark.parametrize(
    ("chunks", "wanted"), [(0, 1), (1, 1), (2, 1), (3, 2), (16, 8), (17, 8), (4000, 8)]
)
def test_workers_follow_the_chunks_within_bounds(chunks, wanted):
    assert wanted_workers(chunks, fewest=1, most=8) == wanted


def test_no_chunks_need_no_workers():
    assert wanted_workers(0, fewest=0, most=8) == 0
    assert wanted_workers(1, fewest=0, most=8) == 1


def test_keda_has_the_same_numbers():
    documents = yaml.safe_load_all(SCALING.read_text())
    [pose] = [one["spec"] for one in documents if one["metadata"]["name"] == "coach-pose"]
    assert pose["advanced"]["scalingModifiers"]["target"] == str(CHUNKS_PER_WORKER)
    assert pose["pollingInterval"] == POLL_S
    assert pose["cooldownPeriod"] == COOLDOWN_S
