"""Each fault injected alone into a film, through the whole pipeline."""

import pytest
from builders import load_script, run_coach

import coach
from synthetic import FAULTS, Lift, write_video

rendered = load_script("benchmarks/rendered.py")


#: The correct set, and one with each fault; one repetition where that is enough. (Measured: of
#: heels that are lifted by 25° in a single one, 18.6° are seen.)
LIFTS = {
    fault: Lift(
        reps=2 if fault == "heels_lift" else 1,
        fps=15,
        view="side",
        fault=fault,
        severity=rendered.INJECTED.get(fault, (0.0,))[0],
    )
    for fault in ("", *FAULTS)
}


#: Those of `make test`: faults of joints, of the back's outline and of soles. Each rule has unit
#: tests of its own.
FEW = ("", "hips_shoot_up", "rounded_back", "heels_lift")


@pytest.fixture(scope="module")
def analyses(models, tmp_path_factory, request):
    """Fault → the analysis of its film; all films go through one command."""
    folder = tmp_path_factory.mktemp("films")
    faults = LIFTS if request.config.getoption("--thorough") else FEW
    films = {fault: folder / f"{fault or 'correct'}.mp4" for fault in faults}
    for fault, film in films.items():
        write_video(LIFTS[fault], film)
    done = run_coach(
        "analyze", *map(str, films.values()), "--out", str(folder), "--no-video", timeout_s=900
    )
    assert done.returncode == 0, done.stderr
    return {fault: coach.load(folder / film.stem) for fault, film in films.items()}


def test_every_fault_is_injected():
    assert set(rendered.INJECTED) == set(FAULTS)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(
            fault, id=fault or "correct", marks=() if fault in FEW else pytest.mark.thorough
        )
        for fault in LIFTS
    ],
)
def test_film_with_one_fault_gives_that_fault_and_no_other(analyses, fault):
    lift, analysis = LIFTS[fault], analyses[fault]
    found = [(one.kind, one.rep, one.value) for one in analysis.faults]
    print(f"\n{fault or 'correct'} {lift.severity:g}: {found}")
    assert rendered.is_as_injected(lift, analysis), (found, analysis.not_judged)
