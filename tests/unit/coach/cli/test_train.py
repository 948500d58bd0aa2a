import io
import json
from types import SimpleNamespace

import numpy as np
import pytest
from rich.console import Console

import coach
from coach.cli import train
from services.scorer.score import lift_model
from shared.errors import UsageError
from synthetic import Lift, render_poses
from synthetic.video import write_video
from training.evaluation import Figures, Ranged

NAN = float("nan")

#: MPI-15 joint of each COCO-18 point; the head stands for nose, eyes and ears.
COCO = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 0, 0, 0, 0)


AUC = Ranged(0.731, 0.657, 0.841)


def figures(part, auc=AUC):
    others = Ranged(0.844, 0.772, 0.958), Ranged(0.2054, 0.1744, 0.226), Ranged(1.13, 0.4, 2.2)
    return Figures(part, 150, 70, 42, auc, *others, 0.21)


def printed(width):
    findings = SimpleNamespace(
        estimators=[figures("constrained ridge"), figures("elastic net")],
        parts=[figures(np.str_("EricGilerson__Deadlift-ESAP")), figures("front", Ranged(NAN))],
        held_out=[figures("philip-g-mak__Kinect-Deadlift at 30°")],
        postures=[],
        shuffled=np.array([0.4, 0.5, 0.6]),
        phase_share=0.02,
        shared={"kaggle_C1": ("clips", "EricGilerson__Deadlift-ESAP")},
    )
    text = io.StringIO()
    Console(width=width, file=text).print(train.render(SimpleNamespace(findings=findings)))
    return text.getvalue()


@pytest.mark.parametrize("width", [80, 200])
def test_all_figures_and_their_intervals_can_be_read(width):
    text = printed(width)
    assert "…" not in text
    for figure in ("0.73", "0.66–0.84", "0.84", "0.77–0.96", "0.21", "0.17–0.23", "1.13"):
        assert text.count(figure) >= 3, figure
    assert "elastic net" in text
    [front] = [line for line in text.splitlines() if line.startswith("front")]
    assert front.split()[4] == "–"  # of one label alone there is no AUC


def test_lifters_in_several_sources_are_told_of():
    text = " ".join(printed(80).split())
    assert "kaggle_C1 is seen in clips and EricGilerson__Deadlift-ESAP" in text
    assert "AUC with shuffled labels: 0.50" in text
    assert "phase's share of the score's variance: 2%" in text


def write_tables(folder, lifters=4):
    """A good and a bad set of each lifter as COCO-18, 8 Hz."""
    rng = np.random.default_rng(0)
    for label, fault in (("good", {}), ("bad", {"fault": "bent_arms", "severity": 60.0})):
        (folder / label).mkdir(parents=True)
        joints = [frame.people[0].xy_px for frame in render_poses(Lift(reps=1, fps=8, **fault))]
        for name in range(lifters):
            noisy = np.array(joints)[:, COCO] + rng.normal(0, 2, (len(joints), 18, 2))
            (folder / label / f"{name}.json").write_text(json.dumps(noisy.tolist()))


def write_clip(folder):
    folder.mkdir()
    write_video(Lift(reps=1, fps=8, width_px=320, height_px=240), folder / "one.mp4")
    (folder / "CLIPS.csv").write_text("file,video_label,lifter_group\none.mp4,good,0\n")


def test_a_model_is_trained_on_tables_and_judged_by_a_clip(models, tmp_path):
    write_tables(tmp_path / "tables")
    write_clip(tmp_path / "clips")
    rows = [f"tables,{label}/{n}.json,{n}" for label in ("good", "bad") for n in range(4)]
    (tmp_path / "who.csv").write_text("\n".join(["source,file,athlete", *rows]))
    out, cache = tmp_path / "model.json", tmp_path / "cache"
    report = coach.train(
        [tmp_path / "tables"], out, held_out=[tmp_path / "clips"], cache=cache,
        athletes=[tmp_path / "who.csv"],
    )  # fmt: skip
    assert lift_model.load(out).weights == report.model.weights
    assert out.with_suffix(".png").stat().st_size > 0
    assert report.findings.parts[0].lifters == 4
    [held_out] = report.findings.held_out
    assert (held_out.part, held_out.sets) == ("clips", 1)
    assert report.findings.shared == {"0": ("clips", "tables")}
    assert len(list(cache.iterdir())) == 1


def test_data_of_unknown_lifters_are_not_compared_in_silence(models, tmp_path):
    write_tables(tmp_path / "tables", lifters=1)
    with pytest.raises(UsageError, match="nobody says who is seen in 2 files"):
        coach.train([tmp_path / "tables"], tmp_path / "model.json")
    with pytest.raises(UsageError, match="at least four lifters"):
        coach.train([tmp_path / "tables"], tmp_path / "model.json", files_are_lifters=True)
    assert not (tmp_path / "model.json").exists()
