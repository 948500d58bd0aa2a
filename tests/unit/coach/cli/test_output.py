"""A command whose stdout cannot be written: a full disk, or a pipe that nobody reads any more."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

FULL = Path("/dev/full")

#: More than any buffer of stdout holds.
_LARGE = 200_000

SCRIPT = """
from coach.cli import app, commands

@commands.app.command()
def scripted():
    {code}

app.main()
"""


def run_command(code, stdout, tmp_path, *options):
    """Run a command of this code, and give its status and what it says on stderr."""
    (tmp_path / "script.py").write_text(SCRIPT.format(code=code))
    command = [sys.executable, *options, "-m", "script", "scripted"]
    done = subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, text=True, cwd=tmp_path)
    return done.returncode, done.stderr


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("options", [(), ("-u",)])
@pytest.mark.parametrize(
    "code",
    [
        "print('short')",  # it is written as the process ends
        f"print('x' * {_LARGE})",
        "print('flushed', flush=True)",
        "raise SystemExit(print('short'))",
        "from rich.console import Console; Console().print('table')",
    ],
)
def test_full_disk_behind_stdout_is_one_line(code, options, tmp_path):
    with FULL.open("w") as full:
        status, said = run_command(code, full, tmp_path, *options)
    assert said == "error: cannot write the output: No space left on device\n"
    assert status == 2


@pytest.mark.parametrize("code", ["print('short')", f"print('x' * {_LARGE})"])
def test_pipe_that_nobody_reads_is_no_error_to_tell(code, tmp_path):
    reading, writing = os.pipe()
    os.close(reading)
    try:
        assert run_command(code, writing, tmp_path)[1] == ""
    finally:
        os.close(writing)


def test_full_disk_of_another_file_is_not_told_as_that_of_stdout(tmp_path):
    code = "raise OSError(28, 'No space left on device')"
    status, said = run_command(code, subprocess.DEVNULL, tmp_path)
    assert status == 1
    assert "cannot write the output" not in said
    assert "Traceback" in said
