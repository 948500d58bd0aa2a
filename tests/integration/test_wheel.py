"""The built wheel, in a fresh virtual environment: the README's Python snippet and the command."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from docs.pages import blocks_of

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_readmes_snippet_runs_from_a_built_wheel(short_film, models, tmp_path):
    def run(*command, **how):
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, **how)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    source = tmp_path / "source"
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file() and not name.startswith(("tests/", "docs/")):
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, source / name)
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", "wheel", str(source))
    run(sys.executable, "-m", "venv", "fresh")
    python = str(tmp_path / "fresh" / "bin" / "python")
    [wheel] = (tmp_path / "wheel").glob("*.whl")
    constraints = str(ROOT / "constraints.txt")
    # Uncompiled: most of what the dependencies bring is never imported.
    quick = ("--quiet", "--no-compile", "--constraint", constraints)
    run(python, "-m", "pip", "install", *quick, str(wheel))
    shutil.copy(short_film, tmp_path / "lift.mp4")
    coach = str(tmp_path / "fresh" / "bin" / "coach")
    run(coach, "analyze", "lift.mp4", "--out", "out", "--no-video")
    [snippet] = [block for block in blocks_of("README.md") if block.kind == "python"]
    run(python, "-c", snippet.code)
    assert (tmp_path / "annotated.mp4").stat().st_size > 10_000
    assert {"lift.trc", "report.html"} <= {path.name for path in tmp_path.iterdir()}
