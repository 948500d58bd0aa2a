"""`--faults FILE.toml`: what it reads, and what it refuses."""

import pytest
from builders import FILMED, analysis_of, run_coach

import coach
from coach.cli.fault_settings import MAX_BYTES, read_fault_settings
from shared.errors import UsageError


@pytest.fixture
def file(tmp_path):
    """A function that writes a settings file."""

    def write(content):
        path = tmp_path / "faults.toml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_fields_that_differ_from_the_defaults_are_read(file):
    path = file(
        """
        [rounded_back]
        threshold_deg = 30
        hold_s = 0.15          # as it is anyway
        [hitching]
        views = ["front"]
        [squatted]
        """
    )
    assert read_fault_settings(path) == {
        "rounded_back": {"threshold_deg": 30.0},
        "hitching": {"views": ["front"]},
    }


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[rounded_back]\nthreshold_deg = 'far'", "rounded_back.threshold_deg takes a number"),
        ("[rounded_back]\nlimit = 3", "rounded_back has no field 'limit'"),
        ("[round]\nlimit = 3", "no fault 'round'; there are rounded_back"),
        ("threshold_deg = 3", "'threshold_deg' stands outside a table"),
        ("[rounded_back", "it is no TOML"),
        (b"\xff\xfe", "it is no TOML"),
        ("#" * (MAX_BYTES + 1), "it is larger than"),
    ],
)
def test_refusals_name_file_table_and_field(file, content, message):
    path = file(content)
    with pytest.raises(UsageError) as refused:
        read_fault_settings(path)
    assert message in str(refused.value)
    assert str(path) in str(refused.value)


def test_missing_file_is_refused(tmp_path):
    with pytest.raises(UsageError, match="cannot read .*none.toml"):
        read_fault_settings(tmp_path / "none.toml")


@pytest.mark.slow
def test_rescore_judges_by_the_file_and_keeps_its_settings(file, tmp_path):
    first = tmp_path / "first"
    first.mkdir()
    (first / "analysis.json").write_text(analysis_of(FILMED).to_json())
    path = file("[stiff_legged]\nthreshold_deg = 20")
    asked = ("--faults", str(path), "--out", str(tmp_path / "strict"))
    done = run_coach("analyze", "--rescore", str(first), *asked)
    assert done.returncode == 0, done.stderr
    strict = coach.load(tmp_path / "strict" / "first")
    assert strict.judging.faults == {"stiff_legged": {"threshold_deg": 20.0}}
    assert strict.summary.faults == ("stiff_legged",)
    assert "threshold_deg 20° instead of 58°" in strict.faults[0].reason
    again = run_coach(
        "analyze", "--rescore", str(tmp_path / "strict" / "first"), "--out", str(tmp_path / "again")
    )
    assert again.returncode == 0, again.stderr
    assert coach.load(tmp_path / "again" / "first").judging == strict.judging


@pytest.mark.slow
@pytest.mark.parametrize("command", ["analyze", "submit"])
def test_wrong_settings_end_a_command_with_status_2(file, command, tmp_path):
    path = file("[rounded_back]\nlimit = 3")
    done = run_coach(command, "clip.mp4", "--faults", str(path), "--out", str(tmp_path / "out"))
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: {path}: rounded_back has no field 'limit'")
