"""`analysis.json` and `frames.csv`, as text. Pure; the fields are the design's contract."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from shared.data.messages import (
    ANGLES,
    Analysis,
    BarPath,
    Contribution,
    LifterAnalysis,
    LifterFrame,
    Rep,
)
from shared.data.recording import measured_json, points_json, rounded
from shared.data.skeleton import MPI_15

#: Raised with every change of the fields of `analysis.json`.
ANALYSIS_SCHEMA = 2


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
    """What a result says of how poses were found.

    options: those of `shared.data.pose_options.PoseOptions` that are not the usual ones.
    """

    backend: str
    every: int
    skeleton: str = "mpi-15"
    options: dict[str, Any] = field(default_factory=dict)


def analysis_document(analysis: Analysis, source: SourceRecord, pose: PoseRecord) -> dict[str, Any]:
    """The content of `analysis.json`; unseen and unknown is None."""
    main, *others = (_lifter(lifter) for lifter in analysis.lifters)
    main["summary"]["warnings"] = [*analysis.warnings, *main["summary"]["warnings"]]
    return {
        "schema": ANALYSIS_SCHEMA,
        "job": analysis.job,
        "source": {
            **asdict(source),
            "duration_s": round(source.duration_s, 4),
            "fps": round(source.fps, 4),
        },
        "pose": {name: value for name, value in asdict(pose).items() if name != "options" or value},
        "warnings": list(analysis.warnings),
        **main,
        "others": others,
    }


def analysis_json(document: dict[str, Any]) -> str:
    """The document as strict JSON: one line a frame, so that it can be compared and searched."""
    lifters = [document, *document["others"]]
    bare = {**document, "frames": "frames 0", "others": [
        {**other, "frames": f"frames {place}"} for place, other in enumerate(document["others"], 1)
    ]}  # fmt: skip
    text = json.dumps(bare, indent=2, allow_nan=False)
    for place, lifter in enumerate(lifters):
        lines = [json.dumps(frame, allow_nan=False) for frame in lifter["frames"]]
        listed = "[\n    " + ",\n    ".join(lines) + "\n  ]" if lines else "[]"
        text = text.replace(f'"frames": "frames {place}"', f'"frames": {listed}', 1)
    return text + "\n"


def frames_csv(document: dict[str, Any]) -> str:
    """One row an analysed frame of the main lifter of an `analysis_document`; empty where unseen.

    filled: names of the joints that were interpolated, with spaces between.
    """
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    joints = [f"{joint}_{part}" for joint in MPI_15 for part in ("x_px", "y_px", "confidence")]
    fixed = ["index", "time_s", "score", "confidence", "phase", "pose_ms"]
    angles = [f"{name}_deg" for name in ANGLES]
    table.writerow([*fixed, "bar_x_px", "bar_y_px", *angles, *joints, "filled"])
    for row in document["frames"]:
        points = [value for point in row["keypoints"] for value in (point or ("", "", ""))]
        bar = row["bar"] or ("", "")
        numbers = [*(row[name] for name in fixed), *bar, *row["angles"].values(), *points]
        table.writerow([*numbers, " ".join(row["filled"])])
    return text.getvalue()


def _lifter(lifter: LifterAnalysis) -> dict[str, Any]:
    faults = [_plain(asdict(fault)) for fault in lifter.faults]
    reps = [_rep(rep, lifter.bar) for rep in lifter.reps]
    for rep in reps:
        rep["faults"] = [fault["kind"] for fault in faults if fault["rep"] == rep["index"]]
    return {
        "frames": [_frame(frame) for frame in lifter.frames],
        "reps": reps,
        "faults": faults,
        "abstentions": [{**asdict(one), "reps": list(one.reps)} for one in lifter.abstentions],
        "bar": _plain(asdict(lifter.bar)),
        "summary": {
            "score": rounded(lifter.score, 4),
            "reps": len(reps),
            "partial_reps": sum(bool(rep["partial"]) for rep in reps),
            "faults": sorted({fault["kind"] for fault in faults}),
            "contributions": _contributions(lifter.contributions),
            "view": lifter.view,
            "turn_deg": rounded(lifter.turn_deg, 1),
            "facing": lifter.facing,
            "style": lifter.style,
            "occlusion": rounded(lifter.occlusion, 3),
            "tilt_deg": rounded(lifter.tilt_deg, 1),
            "warnings": list(lifter.warnings),
        },
    }


def _rep(rep: Rep, bar: BarPath) -> dict[str, Any]:
    """A repetition; metres only where there is a scale, with the interval of that scale."""
    plain = _plain(asdict(rep))
    in_m = bar.unit == "m"
    plain["unit"] = bar.unit
    plain["contributions"] = _contributions(rep.contributions)
    for name in ("rom", "drift", "mean_velocity", "peak_velocity"):
        value = plain[name]
        field = f"{name}_m_s" if name.endswith("velocity") else f"{name}_m"
        known = in_m and value is not None
        plain[field] = value if known else None
        plain[f"{field}_interval"] = (
            [rounded(value * bar.px_per_unit / side, 4) for side in (bar.high, bar.low)]
            if known
            else None
        )
    return plain


def _contributions(contributions: Sequence[Contribution]) -> list[dict[str, Any]]:
    return [{"text": c.text, "effect": rounded(c.effect, 4)} for c in contributions]


def _frame(frame: LifterFrame) -> dict[str, Any]:
    return {
        "index": frame.index,
        "time_s": round(frame.time_s, 6),
        "score": rounded(frame.score, 4),
        "confidence": rounded(float(frame.confidence.mean()), 4),
        "phase": frame.phase or None,
        "keypoints": points_json(frame.xy_px, frame.confidence),
        "filled": [name for name, filled in zip(MPI_15, frame.filled, strict=True) if filled],
        "bar": [rounded(value, 2) for value in frame.bar_px]
        if np.isfinite(frame.bar_px).all()
        else None,
        "angles": {
            name: rounded(value, 1) for name, value in zip(ANGLES, frame.angles, strict=True)
        },
        "shot": frame.shot,
        "measured": measured_json(frame),
        "pose_ms": round(frame.pose_ms, 3),
    }


def _plain(record: dict[str, Any]) -> dict[str, Any]:
    """A record for JSON: numbers rounded, NaN as None."""
    return {
        name: rounded(value, 4) if isinstance(value, float) else value
        for name, value in record.items()
    }
