"""Compares the analyses of two checkouts, number for number.

python benchmarks/compare.py BEFORE AFTER CLIP…             two checkouts, each with its own .venv
python benchmarks/compare.py --results FOLDER FOLDER        two folders of results

Each checkout analyses every clip with its own `coach analyze --no-video`, and every value of the
two `analysis.json` is compared. Fields that were renamed are compared under their new names; the
list `RENAMED` says which, and why. Ends with 1 where anything else differs.
"""

import argparse
import json
import math
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from services.writer.contents import MANIFEST
from shared.data.analysis import ANALYSIS_SCHEMA
from shared.data.upgrade import upgraded

#: What schema 3 calls otherwise than schema 2, and why.
RENAMED = {
    "frames[].bar": "bar_px: the unit is in the name",
    "frames[].segment": "shot: one word for uninterrupted footage",
    "frames[].measured": "person and plates: objects with named fields instead of columns",
    "measured.presence": "person.detection_confidence: one word, confidence",
    "measured.trunk": "person.outline_px: it is the trunk's outline",
    "abstentions": "not_judged; its why is a reason",
    "bar.scale": "basis: what the scale stands on",
    "unit: torso": "trunk: one word for the trunk",
    "pose.options": "all options, not only those that were changed",
    "faults[].reason": "not compared: it is written anew, and quotes the threshold that was used",
}

#: Fields that are not compared: they are times of this run, or new.
_LEFT_OUT = {
    *("schema", "job", "pose_ms", "judging", "posture_model", "trunk_length_px", "engines"),
    *("options", "path"),
}

#: What texts say now, for those that were reworded: pattern → replacement.
_TEXTS = {
    "there is a sign of it, too unsure to be told": "possible, but not certain enough to report",
    "the hands are seen too unsurely": "the hands are not seen clearly enough",
    "which way the lifter faces cannot be told": "it is unknown which way the lifter faces",
    r"it is in another shot, (seen from elsewhere|with another view)": (
        "the film is cut there, and the view is another"
    ),
    "the camera's side is not known": "the view of the camera is unknown",
    "corrected for it and less sure": "corrected for this and less certain",
    "what stands on them is less sure": "results that depend on them are less certain",
    r"(\d+) frames a second are few": r"only \1 frames per second",
    "what is short may be missed": "brief faults may be missed",
    r"the camera stands about \d+° off the side: angles are corrected for this and less certain": (
        "filmed half from the front, where angles are less certain: film from the side next time"
    ),
    r"\d+% of the joints are hidden, often by plates: .*": "plates or the rack hide a part of you",
    r"plates or the rack hide .* of the lifter: .*": "plates or the rack hide a part of you",
}

#: Texts that are not compared: paths without their numbers.
_TEXTS_LEFT_OUT = {"faults[].reason", "others[].faults[].reason"}

#: Intervals were computed from rounded values, and are now from exact ones.
_TOLERANCES = {"interval": 1.01e-4}


def main() -> int:
    """Compare and print a row per clip; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--results", action="store_true", help="BEFORE and AFTER hold results")
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("clips", nargs="*", type=Path)
    given = parser.parse_args()
    if given.results:
        return compare(given.before, given.after)
    with tempfile.TemporaryDirectory() as folder:
        outs = [Path(folder) / name for name in ("before", "after")]
        for checkout, out in zip((given.before, given.after), outs, strict=True):
            _analyze(checkout, [clip.resolve() for clip in given.clips], out)
        return compare(*outs)


def compare(before: Path, after: Path) -> int:
    """Compare all results of two folders."""
    names = sorted(path.parent.name for path in before.glob("*/analysis.json"))
    missing = [name for name in names if not (after / name / "analysis.json").is_file()]
    table = Table("clip", "values", "different", "largest difference", "where")
    total: Counter[str] = Counter()
    for name in (name for name in names if name not in missing):
        old, new = (_read(folder / name / "analysis.json") for folder in (before, after))
        different = {key: _off(old.get(key), new.get(key)) for key in old.keys() | new.keys()}
        different = {key: off for key, off in different.items() if off > _tolerance(key)}
        total += Counter(map(_kind, different))
        worst = max(different, key=lambda key: different[key], default="")
        largest = f"{different[worst]:.4g}" if different else "0"
        table.add_row(name, str(len(new)), str(len(different)), largest, worst)
    console = Console(width=140)
    console.print(table)
    for kind, count in total.most_common():
        console.print(f"{count} different: {kind}")
    for name in missing:
        console.print(f"no result after: {name}")
    console.print("Renamed since schema 2: " + "; ".join(f"{a} → {b}" for a, b in RENAMED.items()))
    return 1 if total or missing or not names else 0


def _analyze(checkout: Path, clips: list[Path], out: Path) -> None:
    command = [checkout / ".venv/bin/python", "-m", "coach", "analyze", *clips]
    subprocess.run([*command, "--no-video", "--out", out], cwd=checkout, check=True)


def _read(path: Path) -> dict[str, Any]:
    manifest = path.with_name(MANIFEST)
    text = manifest.read_bytes() if manifest.is_file() else None
    document = upgraded(json.loads(path.read_text("utf-8")), text, ANALYSIS_SCHEMA)
    return dict(_leaves(document, ""))


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in _LEFT_OUT:
                yield from _leaves(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        yield f"{path}.length", len(value)
        for place, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{place}]")
    elif _kind(path) not in _TEXTS_LEFT_OUT:
        yield path, _reworded(value) if isinstance(value, str) else value


def _reworded(text: str) -> str:
    for pattern, now in _TEXTS.items():
        text = re.sub(pattern, now, text)
    return text


def _off(old: Any, new: Any) -> float:
    """How far two values are apart; infinite where they are no two numbers."""
    if old == new:
        return 0.0
    numbers = all(isinstance(value, int | float) for value in (old, new))
    return abs(old - new) if numbers else math.inf


def _tolerance(key: str) -> float:
    return next((most for part, most in _TOLERANCES.items() if part in key), 0.0)


def _kind(key: str) -> str:
    """A path without its numbers."""
    return "[]".join(part.split("]")[-1] for part in key.split("["))


if __name__ == "__main__":
    sys.exit(main())
