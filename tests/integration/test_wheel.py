"""The built wheel in a fresh virtual environment: the README's Python snippet and the command.

The environment has what the wheel requires and nothing else.
"""

import shutil
import subprocess
import sys
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest
from docs.pages import blocks_of
from installed import closure, link
from packaging.requirements import Requirement

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
    run(sys.executable, "-m", "venv", "--without-pip", "fresh")
    python = str(tmp_path / "fresh" / "bin" / "python")
    [wheel] = (tmp_path / "wheel").glob("*.whl")
    pip = (sys.executable, "-m", "pip", "--python", python)
    run(*pip, "install", "--quiet", "--no-deps", "--no-index", str(wheel))
    # What the wheel says that it needs, and what that needs: as this environment has it.
    site_packages = Path(run(python, "-c", "import site; print(site.getsitepackages()[0])").strip())
    [metadata] = site_packages.glob("weightlifting_coach-*.dist-info")
    needed = [Requirement(text) for text in PathDistribution(metadata).requires]
    link(closure(one.name for one in needed if not one.marker), site_packages)
    run(*pip, "check")
    shutil.copy(short_film, tmp_path / "lift.mp4")
    coach = str(tmp_path / "fresh" / "bin" / "coach")
    run(coach, "analyze", "lift.mp4", "--out", "out", "--no-video")
    [snippet] = [block for block in blocks_of("README.md") if block.kind == "python"]
    run(python, "-c", snippet.code)
    assert (tmp_path / "annotated.mp4").stat().st_size > 10_000
    assert {"lift.trc", "report.html"} <= {path.name for path in tmp_path.iterdir()}
