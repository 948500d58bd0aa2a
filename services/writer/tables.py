"""`analysis.json` and `frames.csv`, as text. Pure; the fields are the design's contract."""

import csv
import io
import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from shared.messages import Analysis, LifterFrame
from shared.skeleton import MPI_15

#: Raised with every change of the fields of `analysis.json`.
ANALYSIS_SCHEMA = 1

#: What this version does not do yet is said, not passed over.
_NOT_JUDGED = "repetitions and faults are not judged by this version"


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """What a result says of its source; sizes in pixels, upright."""

    path: str
    sha256: str
    width: int
    height: int
    duration_s: float
    frames: int
    fps: float


@dataclass(frozen=True, slots=True)
class PoseRecord:
    """What a result says of how poses were found."""

    backend: str
    every: int
    skeleton: str = "mpi-15"


def analysis_document(analysis: Analysis, source: SourceRecord, pose: PoseRecord) -> dict[str, Any]:
    """The content of `analysis.json`; unseen and unknown is None."""
    return {
        "schema": ANALYSIS_SCHEMA,
        "source": {
            "path": source.path,
            "sha256": source.sha256,
            "width": source.width,
            "height": source.height,
            "duration_s": round(source.duration_s, 4),
            "frames": source.frames,
            "fps": round(source.fps, 4),
        },
        "pose": {"backend": pose.backend, "every": pose.every, "skeleton": pose.skeleton},
        "frames": [_frame(frame) for frame in analysis.frames],
        "reps": [],
        "faults": [],
        "summary": {
            "score": _number(analysis.score),
            "reps": None,
            "view": analysis.view,
            "warnings": [*analysis.warnings, _NOT_JUDGED],
        },
    }


def analysis_json(document: dict[str, Any]) -> str:
    """The document as strict JSON: one line a frame, so that it can be compared and searched."""
    head = {**document, "frames": None}
    lines = [json.dumps(frame, allow_nan=False) for frame in document["frames"]]
    text = json.dumps(head, indent=2, allow_nan=False)
    listed = "[\n    " + ",\n    ".join(lines) + "\n  ]" if lines else "[]"
    return text.replace('"frames": null', f'"frames": {listed}', 1) + "\n"


def frames_csv(analysis: Analysis) -> str:
    """One row an analysed frame; empty where unseen."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    joints = [f"{joint}_{part}" for joint in MPI_15 for part in ("x_px", "y_px", "confidence")]
    table.writerow(["index", "time_s", "score", "confidence", "phase", "pose_ms", *joints])
    for frame in map(_frame, analysis.frames):
        values = [value for point in frame["keypoints"] for value in (point or ("", "", ""))]
        fixed = [frame[name] for name in ("index", "time_s", "score", "confidence", "phase")]
        table.writerow([*fixed, frame["pose_ms"], *values])
    return text.getvalue()


def _frame(frame: LifterFrame) -> dict[str, Any]:
    return {
        "index": frame.index,
        "time_s": round(frame.time_s, 6),
        "score": _number(frame.score),
        "confidence": _number(float(frame.confidence.mean())),
        "phase": None,
        "keypoints": [
            [round(float(x), 2), round(float(y), 2), round(float(sure), 4)]
            if np.isfinite([x, y]).all()
            else None
            for (x, y), sure in zip(frame.xy_px, frame.confidence, strict=True)
        ],
        "pose_ms": round(frame.pose_ms, 3),
    }


def _number(value: float) -> float | None:
    return round(value, 4) if np.isfinite(value) else None
