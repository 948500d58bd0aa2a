"""Each fault injected alone into a film, through the whole pipeline."""

import importlib.util
from pathlib import Path

import pytest
from builders import run_coach

import coach
from synthetic import FAULTS, Lift, write_video

BENCHMARK = Path(__file__).resolve().parents[2] / "benchmarks" / "rendered.py"
_spec = importlib.util.spec_from_file_location("rendered", BENCHMARK)
rendered = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(rendered)


def test_every_fault_is_injected():
    assert set(rendered.INJECTED) == set(FAULTS)


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["", *FAULTS])
def test_film_with_one_fault_gives_that_fault_and_no_other(models, tmp_path, fault):
    severity, _ = rendered.INJECTED.get(fault, (0.0, 0.0))
    lift = Lift(reps=2, fps=15, view="side", fault=fault, severity=severity)
    write_video(lift, tmp_path / "set.mp4")
    done = run_coach("analyze", str(tmp_path / "set.mp4"), "--out", str(tmp_path), "--no-video")
    assert done.returncode == 0, done.stderr
    analysis = coach.load(tmp_path / "set")
    found = [(one.kind, one.rep, one.value) for one in analysis.faults]
    print(f"\n{fault or 'correct'} {severity:g}: {found}")
    assert rendered.is_as_injected(lift, analysis), (found, analysis.not_judged)
