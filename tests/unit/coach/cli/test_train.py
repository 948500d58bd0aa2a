import io
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from rich.console import Console

import coach
from coach.cli import train
from services.scorer.score import posture_model
from synthetic import Lift
from synthetic.video import render, write_video
from training.evaluation import Figures

NAN = float("nan")


def figures(part, **more):
    given = {
        "postures": 21954, "clips": 150, "groups": 150, "good": 0.51,
        "auc": 0.731, "auc_low": 0.657, "auc_high": 0.841,
        "clip_auc": 0.844, "clip_auc_low": 0.772, "clip_auc_high": 0.958,
        "brier": 0.2054, "brier_low": 0.1744, "brier_high": 0.226, "majority": 0.2499,
    }  # fmt: skip
    return Figures(part, **{**given, **more})


def printed(width):
    one_label = dict.fromkeys(("auc", "auc_low", "auc_high"), NAN)
    report = SimpleNamespace(
        chosen="ridge",
        candidates=[SimpleNamespace(name="elastic-net", figures=figures("all"))],
        rows=[
            figures(np.str_("EricGilerson__Deadlift-ESAP")),
            figures("all but sravb, trained on sravb alone"),
            figures("front view", **one_label),
        ],
    )
    text = io.StringIO()
    Console(width=width, file=text).print(train.render(report))
    return text.getvalue()


@pytest.mark.parametrize("width", [80, 200])
def test_all_figures_and_their_intervals_can_be_read(width):
    text = printed(width)
    assert "…" not in text
    for figure in ("0.73", "0.66–0.84", "0.84", "0.77–0.96", "0.205", "0.174–0.226", "0.250"):
        assert text.count(figure) >= 3, figure
    assert "elastic-net" in text
    assert "Scores of unseen lifters and clips by ridge" in text
    [front] = [line for line in text.splitlines() if line.startswith("front view")]
    assert front.split()[5] == "–"  # of one label alone there is no AUC


def write_pictures(folder):
    """Two good and two bad pictures: a rendered lifter who stands, and one who bends over."""
    frames = list(render(Lift(reps=1, fps=4, width_px=320, height_px=240)))
    height = [frame.bar_px[1] for frame in frames]
    order = np.argsort(height)
    for label, rows in (("good", order[:2]), ("bad", order[-2:])):
        (folder / label).mkdir(parents=True)
        for row in rows:
            cv2.imwrite(str(folder / label / f"{row}.png"), frames[row].image)


def test_a_model_is_trained_from_pictures_and_judged_by_a_clip(models, tmp_path):
    write_pictures(tmp_path / "pictures")
    clips = tmp_path / "clips"
    clips.mkdir()
    write_video(Lift(reps=1, fps=8, width_px=320, height_px=240), clips / "one.mp4")
    (clips / "CLIPS.csv").write_text("file,video_label,lifter_group\none.mp4,good,anna\n")
    out, cache = tmp_path / "model.json", tmp_path / "cache"
    report = coach.train([tmp_path / "pictures"], out, held_out=[clips], cache=cache)
    assert posture_model.load(out) == report.model
    assert out.with_suffix(".png").stat().st_size > 0
    [held_out] = [row for row in report.rows if row.part == "clips, held out"]
    assert held_out.clips == 1
    assert held_out.postures > 8
    assert len(list(cache.iterdir())) == 1
