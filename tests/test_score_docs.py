"""`docs/score.md` states the figures of the shipped model."""

from pathlib import Path

import pytest

from services.scorer.score import posture_model

TEXT = (Path(__file__).parents[1] / "docs" / "score.md").read_text("utf-8")
PROVENANCE = posture_model.load_default().provenance

#: A part of the model's figures → its name in the table.
PARTS = {
    "sravb": "the original's pictures",
    "EricGilerson__Deadlift-ESAP": "Deadlift-ESAP keypoints, labelled per video",
    "deadlift_coords.csv": "a table of MediaPipe keypoints",
    "side view": "side views",
    "oblique view": "oblique views",
    "front view": "front views",
    "all": "all",
    "all but sravb": "all but the pictures",
    "all but sravb, trained on sravb alone": "the same, by a model of the pictures alone",
    "clips, held out": "clips held out",
    "clips, trained on sravb alone": "clips held out, by a model of the pictures alone",
}


def ranged(row, name, digits):
    """A figure with its interval, as the table writes it."""
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    interval = "" if low is None else f" ({low:.{digits}f}–{high:.{digits}f})"
    return f"{row[name]:.{digits}f}{interval}"


@pytest.mark.parametrize("row", PROVENANCE["figures"], ids=lambda row: row["part"])
def test_each_part_is_in_the_table(row):
    line = (
        f"| {PARTS[row['part']]} | {row['postures']} | {row['clips']} | {row['groups']} "
        f"| {ranged(row, 'auc', 2)} | {ranged(row, 'clip_auc', 2)} | {ranged(row, 'brier', 3)} "
        f"| {row['majority']:.3f} |"
    )
    assert line in TEXT.splitlines()


@pytest.mark.parametrize("row", PROVENANCE["candidates"], ids=lambda row: row["name"])
def test_each_estimator_is_compared(row):
    figures = f"{row['name']} {row['auc']:.2f} / {row['clip_auc']:.2f} / {row['brier']:.3f}"
    assert figures in " ".join(TEXT.split())


def test_the_model_and_its_rule_are_stated():
    assert PROVENANCE["model"].split()[0] in TEXT
    assert PROVENANCE["rule"] in " ".join(TEXT.split())
    assert PROVENANCE["trained"] in TEXT
