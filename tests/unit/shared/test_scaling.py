"""The rule for the number of pose workers is the same on one machine and on Kubernetes."""

from pathlib import Path

import pytest
import yaml

from shared.scaling import CHUNKS_PER_WORKER, COOLDOWN_S, POLL_S, shared_out, wanted_workers

SCALING = Path(__file__).resolve().parents[3] / "deploy/kubernetes/workers/scaling.yaml"


@pytest.mark.parametrize(
    ("chunks", "wanted"), [(0, 0), (1, 1), (2, 1), (3, 2), (16, 8), (17, 8), (4000, 8)]
)
def test_workers_follow_the_chunks_within_bounds(chunks, wanted):
    assert wanted_workers(chunks, most=8) == wanted


def test_keda_has_the_same_numbers():
    documents = yaml.safe_load_all(SCALING.read_text())
    [pose] = [one["spec"] for one in documents if one["metadata"]["name"] == "coach-pose"]
    assert pose["advanced"]["scalingModifiers"]["target"] == str(CHUNKS_PER_WORKER)
    assert pose["pollingInterval"] == POLL_S
    assert pose["cooldownPeriod"] == COOLDOWN_S


@pytest.mark.parametrize(
    ("wanted", "most", "given"),
    [
        ([], 4, []),
        ([0, 3], 4, [0, 3]),
        ([4, 4], 4, [2, 2]),
        ([4, 1, 4], 4, [2, 1, 1]),  # the first of equals gets the odd one
        ([2, 2, 2], 2, [1, 1, 1]),  # more than the machine has cores: no server waits for ever
    ],
)
def test_servers_share_the_pose_workers_of_a_machine(wanted, most, given):
    assert shared_out(wanted, most) == given
