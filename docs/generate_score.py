"""Writes the tables and figures of docs/score.md from the terms and the shipped model.

    python docs/generate_score.py

Only what stands between a pair of markers is replaced. A test runs `generated` and compares, so
that the figures are those of the model.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from services.scorer.score import lift_model  # noqa: E402
from services.scorer.score.lift_model import FAULT_COLUMNS, LiftModel  # noqa: E402
from services.scorer.score.terms import TERMS  # noqa: E402
from services.scorer.score.values import VALUES  # noqa: E402
from shared.data.analysis import FaultUnit  # noqa: E402

#: Source's folder → its name in the document.
SOURCES = {
    "clips": "clips",
    "EricGilerson__Deadlift-ESAP": "Deadlift-ESAP, COCO-18",
    "st17086ts__final_deadlift": "final_deadlift, BODY_25",
    "philip-g-mak__Kinect-Deadlift": "Kinect-Deadlift, 3D, from the side",
    "philip-g-mak__Kinect-Deadlift at 30°": "Kinect-Deadlift, 3D, turned by 30°",
    "sravb": "the original's pictures",
    "deadlift_coords.csv": "a table of MediaPipe keypoints",
}

_FIGURES = ("sets", "good", "lifters", "AUC", "AUC of all pairs", "Brier", "slope", "SD")


def generated(text: str, model: LiftModel) -> str:
    """The document with its generated parts written anew.

    Args:
        text: the present score.md.
        model: the shipped model.
    """
    told = model.provenance["figures"]
    parts = {
        "terms": _terms(model),
        "data": _data(model.provenance["data"]),
        "figures": _figures("part", [*told["parts"], *told["held_out"]]),
        "estimators": _figures("estimator", told["estimators"]),
        "calibration": _calibration(told["calibration"]),
        "sentences": "\n".join(_sentences(model)),
    }
    for part, content in parts.items():
        begin, end = f"<!-- generated: {part} -->", f"<!-- end: {part} -->"
        pattern = re.compile(f"{begin}\n.*{end}\n", re.DOTALL)
        if len(pattern.findall(text)) != 1:
            raise ValueError(f"score.md does not have one pair of {begin} and {end}")
        text = pattern.sub(lambda _, new=f"{begin}\n{content}\n{end}\n": new, text)
    return text


def _terms(model: LiftModel) -> str:
    rows = []
    of_terms = model.weights[: len(TERMS)]
    for term, median, width, weight in zip(
        TERMS, model.medians, model.widths, of_terms, strict=True
    ):
        is_angle = VALUES[term.value].unit is FaultUnit.DEGREE
        factor, unit = (1, "°") if is_angle else (100, " % of the trunk")
        rows.append(
            (
                f"`{term.name}`" + ("*" if term.from_floor else ""),
                term.value.replace("_", " "),
                str(term.part),
                "more" if term.sign > 0 else "less",
                f"{factor * median:.0f} ± {factor * width:.0f}{unit}",
                f"{weight:.3f}",
                term.reason,
            )
        )
    for name, weight in zip(FAULT_COLUMNS, model.weights[len(TERMS) :], strict=True):
        rows.append((f"`{name}`", "evidence of faults", "all", "more", "0", f"{weight:.3f}", "–"))
    head = ("term", "value", "part", "bad if", "good lifts", "weight", "reason")
    return _table(head, rows)


def _data(counts: list[dict[str, Any]]) -> str:
    rows = [
        (_name(one["source"]), *(str(one[key]) for key in
         ("files", "lifters", "sets", "good", "reps")))
        for one in counts
    ]  # fmt: skip
    return _table(("source", "labelled files", "lifters", "sets judged", "good", "reps"), rows)


def _figures(first: str, rows: list[dict[str, Any]]) -> str:
    return _table(
        (first, *_FIGURES),
        [
            (
                _name(row["part"]),
                *(str(row[key]) for key in ("sets", "good", "lifters")),
                *(_ranged(row[key]) for key in ("auc", "pairs_auc", "brier", "slope")),
                f"{row['score_sd']:.2f}",
            )
            for row in rows
        ],
    )


def _calibration(bins: list[dict[str, Any]]) -> str:
    rows = [(str(one["sets"]), f"{one['score']:.2f}", f"{one['good']:.2f}") for one in bins]
    return _table(("sets", "mean score", "fraction labelled good"), rows)


def _sentences(model: LiftModel) -> Iterator[str]:
    told = model.provenance["figures"]
    null, words = told["shuffled_labels"], told["words"]
    total = sum(map(sum, words.values()))
    unclear = sum(words["unclear"])
    yield (
        f'- Words: {unclear} of {total} sets ({unclear / total:.0%}) are "unclear"; of '
        f"{sum(words['good'])} called good, {words['good'][1]} are labelled good; of "
        f"{sum(words['poor'])} called poor, {words['poor'][0]} are labelled bad."
    )
    yield (
        f"- Shuffled labels: {null['shuffles']} trainings on labels shuffled among the clips of "
        f"each source had an AUC of {null['auc']:.2f} (95 % {null['low']:.2f}–{null['high']:.2f}); "
        f"{null['as_good']:.0%} of them reached that of the true labels."
    )
    yield (
        f"- Phase: how the time is spread over the parts of the lift explains "
        f"{max(told['phase_share'], 0):.0%} of the variance of the log odds (adjusted R²)."
    )
    for row in told["postures"]:
        yield (
            f"- The original's way on single postures of {_name(row['part'])} ({row['sets']}, "
            f"lifters: {row['lifters']}): AUC {_ranged(row['auc'])}, Brier {_ranged(row['brier'])}."
        )
    error = model.calibration_error
    yield (
        f"- Calibration: intercept {model.intercept:.2f} ± {error[0][0] ** 0.5:.2f}, slope "
        f"{model.slope:.2f} ± {error[1][1] ** 0.5:.2f} (standard deviations of a bootstrap over "
        "lifters)."
    )
    shared = model.provenance["shared_lifters"]
    names = [name for name, where in shared.items() if len({one[:12] for one in where}) > 1]
    yield f"- Lifters in more than one source, left out of all at once: {', '.join(names)}."
    yield (
        f"- Trained on {model.provenance['trained']} with seed {model.provenance['seed']}, "
        f"scikit-learn {model.provenance['scikit_learn']}."
    )


def _name(part: str) -> str:
    return SOURCES.get(part, part)


def _ranged(figure: list[float | None]) -> str:
    value, low, high = figure
    if value is None:
        return "–"
    to = " to " if low is not None and low < 0 else "–"
    return f"{value:.2f}" + ("" if low is None else f" ({low:.2f}{to}{high:.2f})")


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main() -> None:
    """Write the document anew."""
    path = HERE / "score.md"
    path.write_text(generated(path.read_text("utf-8"), lift_model.load_default()), "utf-8")


if __name__ == "__main__":
    main()
