"""What came of a job, and how it differs from what an undisturbed run gave."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

import av

#: Files of a result folder; a set's has its clip, too.
_FILES = {"annotated.mp4", "analysis.json", "frames.csv", "report.html", "manifest.json"}
_SET_FILES = _FILES | {"clip.mp4"}

#: Files of a recording's folder, beside the folders of its sets.
_SETS = "sets.json"
_RECORDING_FILES = {_SETS, "report.html", "manifest.json"}


@dataclass(frozen=True)
class Result:
    """What is compared of a clip's or a set's result.

    Attributes:
        frames: The analysis's frames, without the time that each took.
        reps: Its repetitions.
        pixels: Hash of each decoded frame of the annotated video.
        times: Time of each of them, in s.
        warnings: The analysis's warnings.
    """

    frames: list
    reps: list
    pixels: list[str]
    times: list[float]
    warnings: list[str]

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read a result folder."""
        analysis = json.loads((folder / "analysis.json").read_text())
        frames = [
            {name: value for name, value in frame.items() if name != "pose_ms"}
            for frame in analysis["frames"]
        ]
        pixels, times = [], []
        with av.open(str(folder / "annotated.mp4")) as video:
            for frame in video.decode(video=0):
                pixels.append(hashlib.sha256(frame.to_ndarray().tobytes()).hexdigest()[:16])
                times.append(frame.time)
        return cls(frames, analysis["reps"], pixels, times, analysis["summary"]["warnings"])

    def differences(self, folder: Path, files: set[str]) -> list[str]:
        """How the result in a folder, which must have these files, differs."""
        found = _wrong_files(folder, files)
        if found:
            return found
        result = Result.read(folder)
        indexes = [frame["index"] for frame in result.frames]
        if indexes != list(range(len(self.frames))):
            found.append(f"frames {indexes} instead of 0 to {len(self.frames) - 1}")
        for name in ("frames", "reps", "pixels", "times", "warnings"):
            found += _difference(name, getattr(result, name), getattr(self, name))
        return found


@dataclass(frozen=True)
class Outcome:
    """What an undisturbed run gives for a job.

    Attributes:
        results: Name of a folder → the result in it; "" is the job's own folder.
        listed: What a recording's `sets.json` says, without the job; empty for a clip.
    """

    results: dict[str, Result]
    listed: dict[str, Any] = field(default_factory=dict)

    as_dict = asdict

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the folder of a clip or a recording."""
        listed = _listed(folder)
        names = [one["folder"] for one in listed["sets"]] if listed else [""]
        return cls({name: Result.read(folder / name) for name in names}, listed)

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Self:
        """Read what `as_dict` gave."""
        results = {name: Result(**one) for name, one in content["results"].items()}
        return cls(results, content["listed"])

    @property
    def frames(self) -> int:
        """Number of analysed frames."""
        return sum(len(result.frames) for result in self.results.values())

    def differences(self, folder: Path) -> list[str]:
        """How what lies in a job's folder differs."""
        if not self.listed:
            return self.results[""].differences(folder, _FILES)
        found = _wrong_files(folder, _RECORDING_FILES | set(self.results))
        if found:
            return found
        now = _listed(folder)
        for name, expected in self.listed.items():
            if now.get(name) != expected:
                found.append(f"{_SETS} has {name} {now.get(name)} instead of {expected}")
        for name, result in self.results.items():
            found += [f"{name}: {what}" for what in result.differences(folder / name, _SET_FILES)]
        return found


def folders_of(out: Path) -> list[Path]:
    """The folders that a job's result may have: its own, and those of its sets."""
    return [out, *(out / one["folder"] for one in _listed(out).get("sets", ()))]


def _listed(folder: Path) -> dict[str, Any]:
    """What a recording's `sets.json` says, without the job; empty for a clip."""
    file = folder / _SETS
    content: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    return {name: value for name, value in content.items() if name != "job"}


def _wrong_files(folder: Path, files: set[str]) -> list[str]:
    present = {path.name for path in folder.iterdir()}
    if present != files:
        return [f"files {sorted(present)} instead of {sorted(files)}"]
    manifest = json.loads((folder / "manifest.json").read_text())
    return [
        f"{name} is not the file of the manifest"
        for name, record in manifest["files"].items()
        if hashlib.sha256((folder / name).read_bytes()).hexdigest() != record["sha256"]
    ]


def _difference(name: str, actual: list, expected: list) -> list[str]:
    if actual == expected:
        return []
    if len(actual) != len(expected):
        return [f"{name}: {len(actual)} instead of {len(expected)}"]
    rows = [row for row, (a, e) in enumerate(zip(actual, expected, strict=True)) if a != e]
    row = rows[0]
    text = f"{str(actual[row])[:200]} instead of {str(expected[row])[:200]}"
    return [f"{name} differ in {len(rows)} rows, first {row}: {text}"]
