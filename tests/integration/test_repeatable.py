"""The same job gives the same result, whatever ran it."""

import hashlib
import json

import av
import pytest
from builders import run_coach

pytestmark = pytest.mark.slow


def pixels_of(video):
    with av.open(str(video)) as container:
        return [
            hashlib.sha256(frame.to_ndarray().tobytes()).hexdigest()
            for frame in container.decode(video=0)
        ]


def test_two_runs_differ_in_nothing_but_their_timings(models, short_film, tmp_path):
    for name, workers in (("one", "1"), ("two", "2")):
        done = run_coach(
            "analyze",
            str(short_film),
            "--out",
            str(tmp_path / name),
            "--pose-workers",
            workers,
            COACH_TIMINGS="0",
        )
        assert done.returncode == 0, done.stderr
    one, two = (tmp_path / name / short_film.stem for name in ("one", "two"))
    first, second = (json.loads((at / "analysis.json").read_text()) for at in (one, two))
    del first["job"], second["job"]  # the place of the results is part of it
    assert first == second
    assert first["frames"][0]["pose_ms"] is None
    assert pixels_of(one / "annotated.mp4") == pixels_of(two / "annotated.mp4")
    for name in ("frames.csv", "report.html"):
        assert (one / name).read_bytes() == (two / name).read_bytes()
