"""`import coach`: what it offers, what it costs, and that it gives what the pipeline gives."""

import ast
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
from builders import FILMED, analysis_of, poses_of

import coach
from services.pose.backends import check_backend
from shared.data.document import dumped

#: What `coach --help` must not wait for.
SLOW_LIBRARIES = {"numpy", "scipy", "cv2", "av", "redis", "rq", "pydantic", "openvino"}

#: Maximum number of modules that `coach --help` loads (measured: 353). Its time is measured in
#: benchmarks/startup.py.
MAX_HELP_MODULES = 400


def test_every_export_exists_and_is_documented():
    for name in coach.__all__:
        assert getattr(coach, name).__doc__, name
    assert set(coach.__all__) <= set(dir(coach))
    with pytest.raises(AttributeError, match="no_such_thing"):
        _ = coach.no_such_thing


def test_what_type_checkers_see_is_what_is_exported():
    tree = ast.parse(Path(coach.__file__).read_text())
    block = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {alias.name for node in block.body for alias in node.names}
    assert seen == set(coach.__all__)
    for package in ("coach", "shared", "services"):
        folder = Path(__import__(package).__path__[0])
        assert (folder / "py.typed").is_file(), package


@pytest.mark.parametrize("module", ["coach", "coach.cli.commands"])
def test_importing_coach_or_its_commands_loads_no_slow_library(module):
    code = f"import {module}, sys; print({SLOW_LIBRARIES} & {{*sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_pose_worker_loads_nothing_that_only_downloads_need():
    code = (
        "import services.pose.__main__, sys; print({'httpx2', 'unearth', 'rich'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_help_loads_few_modules():
    command = [sys.executable, "-X", "importtime", "-m", "coach", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    modules = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    assert "coach.cli.commands" in done.stderr
    assert len(modules) <= MAX_HELP_MODULES


@pytest.mark.slow
def test_analyze_gives_what_the_pipeline_gives(film, analysed_film):
    pipeline, here = coach.load(analysed_film), coach.analyze(film)
    there, here = dumped(pipeline), dumped(here)
    for frame in (*there["frames"], *here["frames"]):
        del frame["pose_ms"]
    for part in ("frames", "reps", "faults", "not_judged", "summary", "bar", "source"):
        assert here[part] == there[part], part
    assert there["summary"]["reps"] == FILMED.reps


def test_one_rule_judges_one_fault():
    poses = poses_of(FILMED)
    strict = coach.faults.StiffLegged(threshold_deg=20.0)
    analysis = coach.judge(poses, faults=[strict])
    assert {fault.kind for fault in analysis.faults} == {"stiff_legged"}
    assert {fault.threshold for fault in analysis.faults} == {20.0}
    assert analysis.judging.faults == {"stiff_legged": {"threshold_deg": 20.0}}
    assert analysis.judging.rules == ("stiff_legged",)
    again = coach.judge(analysis, height_cm=180)  # by the one rule that judged it before
    assert {fault.kind for fault in again.faults} == {"stiff_legged"}
    assert again.not_judged == analysis.not_judged
    all_rules = coach.judge(poses, faults=coach.faults.replace_rules(strict))
    assert all_rules.judging.rules is None
    nothing = coach.judge(coach.judge(poses, faults=[]))
    assert nothing.faults == nothing.not_judged == ()
    assert all_rules.faults == analysis.faults
    assert coach.judge(poses).faults == ()


def test_an_analysis_judged_again_keeps_what_is_not_given():
    analysis = coach.judge(poses_of(FILMED), plate_mm=400)
    again = coach.judge(analysis, height_cm=180)
    assert asdict(again.judging) == {**asdict(analysis.judging), "height_cm": 180}
    assert again.reps[0].rom_m == pytest.approx(analysis.reps[0].rom_m)


def test_files_are_written_whole_and_read_back(short_film, models, tmp_path):
    analysis = coach.analyze(short_film, every=4)
    (tmp_path / "analysis.json").write_text(analysis.to_json())
    back = coach.load(tmp_path)
    assert back.to_json() == analysis.to_json()
    coach.report(back, tmp_path / "report.html", source=short_film)
    assert "data:image/jpeg" in (tmp_path / "report.html").read_text()
    coach.annotate(short_film, back, tmp_path / "annotated.mp4")
    assert (tmp_path / "annotated.mp4").stat().st_size > 10_000
    assert {path.name for path in tmp_path.iterdir()} == {
        "analysis.json", "report.html", "annotated.mp4",
    }  # fmt: skip
    table = back.frames_table()
    assert {len(column) for column in table.values()} == {len(back.frames)}


def test_annotate_refuses_another_clip(film, clip, tmp_path):
    with pytest.raises(coach.SourceError, match="analyse it again"):
        coach.annotate(clip, analysis_of(FILMED), tmp_path / "annotated.mp4")
    assert not list(tmp_path.glob("*annotated*"))


def test_an_unknown_backend_is_refused_by_name(film):
    with pytest.raises(coach.UsageError, match="no pose backend is called 'none'"):
        coach.track(film, backend="none")
    check_backend("blazepose-full")


def test_arguments_out_of_range_are_refused(film, tmp_path):
    with pytest.raises(coach.UsageError, match="every is a whole number"):
        coach.track(film, every=-5)
    with pytest.raises(coach.UsageError, match="plate_mm"):
        coach.judge(poses_of(FILMED), plate_mm=5)
    analysis = analysis_of(FILMED)
    with pytest.raises(coach.UsageError, match="overlay is one of full, minimal, none, not 'ful'"):
        coach.annotate(film, analysis, tmp_path / "annotated.mp4", overlay="ful")
    assert not list(tmp_path.iterdir())


def test_the_clip_itself_is_never_overwritten(film):
    before = film.read_bytes()
    with pytest.raises(coach.OutputError, match="is the clip itself"):
        coach.annotate(film, analysis_of(FILMED), film.parent / "." / film.name)
    with pytest.raises(coach.OutputError, match="is the clip itself"):
        coach.report(analysis_of(FILMED), film, source=film)
    assert film.read_bytes() == before


def test_the_pictures_of_a_sequence_are_never_overwritten(tmp_path):
    picture = tmp_path / "frame_0001.png"
    with pytest.raises(coach.OutputError, match="is the clip itself or lies in it"):
        coach.annotate(tmp_path, analysis_of(FILMED), picture)
    assert not picture.exists()


def test_a_folder_is_no_file_to_write(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(coach.OutputError, match="it is a folder"):
        coach.report(analysis_of(FILMED), folder)
    assert not list(folder.iterdir())
    assert list(tmp_path.iterdir()) == [folder]


def test_a_manifest_that_cannot_be_read_is_as_none(tmp_path):
    (tmp_path / "analysis.json").write_text(analysis_of(FILMED).to_json())
    (tmp_path / "manifest.json").mkdir()
    assert coach.load(tmp_path).to_json() == analysis_of(FILMED).to_json()


def test_a_folder_that_is_missing_is_an_output_error(tmp_path):
    for write in (coach.report, coach.export):
        with pytest.raises(coach.OutputError, match="cannot write"):
            write(analysis_of(FILMED), tmp_path / "none" / "frames.csv")
