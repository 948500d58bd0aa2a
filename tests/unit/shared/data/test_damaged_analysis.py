"""Nothing that is read is trusted: what is wrong anywhere in an analysis is refused and named."""

import copy
import json
from dataclasses import replace

import pytest
from analyses import analysis, frame, lifter_set, nobody
from schemas import wrong_in

from shared.data.analysis import ANALYSIS_SCHEMA, Analysis
from shared.errors import UsageError

TWO_REPS = lifter_set(reps=2)
DOCUMENT = json.loads(analysis(replace(TWO_REPS, frames=TWO_REPS.frames[:5])).to_json())

HUGE = 10**400  # larger than any float

#: Path of a field → a value that damages it.
DAMAGE = [
    (("job",), 5),
    (("job",), None),
    (("warnings",), "text"),
    (("warnings", 0), 1),
    (("source",), []),
    (("source", "frames"), -1),
    (("source", "frames"), 10**12),
    (("source", "frames"), 3.5),
    (("source", "frames"), True),
    (("source", "width"), "640"),
    (("source", "width"), 0),
    (("source", "fps"), -25.0),
    (("source", "duration_s"), None),
    (("pose", "every"), 0),
    (("pose", "skeleton"), "coco"),
    (("pose", "options", "region"), "yes"),
    (("pose", "options", "region"), 1),
    (("pose", "engines"), {"a": 1}),
    (("judging", "plate_mm"), "450"),
    (("judging", "plate_mm"), True),
    (("judging", "faults"), {"rounded_back": 3}),
    (("frames",), {}),
    (("frames", 3), None),
    (("frames", 3), [1, 2]),
    (("frames", 3, "index"), 2**40),
    (("frames", 3, "time_s"), None),
    (("frames", 3, "time_s"), "0.3"),
    (("frames", 3, "score"), 1.5),
    (("frames", 3, "score"), True),
    (("frames", 3, "confidence"), None),
    (("frames", 3, "phase"), "flying"),
    (("frames", 3, "filled"), ["Nose"]),
    (("frames", 3, "filled"), ["Head"] * 16),
    (("frames", 3, "bar_px"), [1.0]),
    (("frames", 3, "bar_px"), [1.0, None]),
    (("frames", 3, "bar_px"), {"0": 1, "1": 2}),
    (("frames", 3, "angles", "hip"), 1e4),
    (("frames", 3, "angles", "hip"), [170]),
    (("frames", 3, "pose_ms"), -1),
    (("frames", 3, "keypoints"), [[1.0, 2.0, 0.5]] * 14),  # a joint is missing
    (("frames", 3, "keypoints"), [[1.0, 2.0]] * 15),
    (("frames", 3, "keypoints"), [[1.0, 2.0, 1.5]] * 15),
    (("frames", 3, "keypoints"), [[1.0, 2.0, -0.5]] * 15),
    (("frames", 3, "keypoints"), [[1.0, 2.0, None]] * 15),
    (("frames", 3, "keypoints"), [[True, 2.0, 0.5]] * 15),
    (("frames", 3, "keypoints"), [0] * 15),
    (("frames", 3, "keypoints"), "abc"),
    (("frames", 3, "keypoints"), None),
    (("frames", 3, "measured"), None),
    (("frames", 3, "measured", "plates"), None),
    (("frames", 3, "measured", "plates"), [[1, 2, 3, 4, 0.5]]),
    (("frames", 3, "measured", "plates"), [DOCUMENT["frames"][3]["measured"]["plates"][0]] * 65),
    (("frames", 3, "measured", "plates", 0, "half_width_px"), -1),
    (("frames", 3, "measured", "plates", 0, "confidence"), 2),
    (("frames", 3, "measured", "plates", 0, "x_px"), None),
    (("frames", 3, "measured", "person"), []),
    (("frames", 3, "measured", "person", "xy_px"), [[1.0, 2.0]] * 16),
    (("frames", 3, "measured", "person", "xy_px"), [[1e7, 2.0]] * 15),
    (("frames", 3, "measured", "person", "confidence"), [0.5] * 14 + [None]),
    (("frames", 3, "measured", "person", "confidence"), [0.5] * 14 + [-0.1]),
    (("frames", 3, "measured", "person", "feet_px"), [[1.0, "2"]] * 4),
    (("frames", 3, "measured", "person", "outline_px"), [[1.0] * 11, [1.0] * 10]),
    (("frames", 3, "measured", "person", "sole_px"), [[1.0, 2.0]]),
    (("frames", 3, "measured", "person", "turn_deg"), True),
    (("frames", 3, "measured", "person", "turn_deg"), HUGE),
    (("frames", 3, "measured", "person", "box_px"), [0, 0, None, 1]),
    (("frames", 3, "measured", "person", "box_px"), None),
    (("frames", 3, "measured", "person", "detection_confidence"), "yes"),
    (("reps", 1, "unit"), "yards"),
    (("reps", 1, "partial"), None),
    (("reps", 1, "rom_m_interval"), [1.0]),
    (("reps", 1, "rom_m_interval"), [1.0, None]),
    (("reps", 1, "index"), 0),
    (("reps", 1, "contributions", 0, "effect"), None),
    (("faults", 0, "unit"), "kg"),
    (("faults", 0, "shown_at"), -1),
    (("faults", 0, "cue"), None),
    (("not_judged", 0, "reps"), [1.5]),
    (("bar", "source"), ""),
    (("bar", "px_per_unit"), "120"),
    (("summary", "facing"), 2),
    (("summary", "view"), "above"),
    (("summary", "reps"), None),
    (("others",), None),
    (("others",), [{}]),
]


def written(path):
    """A field's path as errors name it."""
    return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in path).removeprefix(".")


def damaged(path, value):
    """The text of an analysis with another value in a field."""
    document = copy.deepcopy(DOCUMENT)
    *owners, last = path
    at = document
    for part in owners:
        at = at[part]
    if isinstance(at, list) and last >= len(at):
        at.append(value)
    else:
        at[last] = value
    return json.dumps(document)


@pytest.mark.parametrize(
    ("path", "value"), DAMAGE, ids=[f"{written(path)}={value!r:.20}" for path, value in DAMAGE]
)
def test_a_damaged_field_is_refused_and_named(path, value):
    with pytest.raises(UsageError) as refused:
        Analysis.from_json(damaged(path, value))
    assert str(refused.value).startswith(written(path))
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize(
    ("path", "value"), DAMAGE, ids=[f"{written(path)}={value!r:.20}" for path, value in DAMAGE]
)
def test_the_published_schema_refuses_it_too(path, value):
    assert wrong_in("analysis", json.loads(damaged(path, value)))


def paths_of_objects(value, path=()):
    """Every object in the first of each list of a document."""
    if isinstance(value, dict):
        yield path
        for name, inner in value.items():
            yield from paths_of_objects(inner, (*path, name))
    elif isinstance(value, list) and value:
        yield from paths_of_objects(value[0], (*path, 0))


OBJECTS = [path for path in paths_of_objects(DOCUMENT) if path[-1:] != ("faults",)]


@pytest.mark.parametrize("path", OBJECTS, ids=written)
def test_a_field_that_nobody_knows_is_refused(path):
    with pytest.raises(UsageError, match="extra"):
        Analysis.from_json(damaged((*path, "extra"), 1))


@pytest.mark.parametrize("path", OBJECTS, ids=written)
def test_a_field_that_is_missing_is_named(path):
    owner = DOCUMENT
    for part in path:
        owner = owner[part]
    for name in owner:
        document = copy.deepcopy(DOCUMENT)
        at = document
        for part in path:
            at = at[part]
        del at[name]
        wrong = refusal(document)  # a field with a default may be missing
        assert not wrong or wrong.startswith((written((*path, name)), "schema")), wrong
        assert wrong_in("analysis", document)


def refusal(document):
    """Why a document is refused; empty if it is not."""
    try:
        Analysis.from_json(json.dumps(document))
    except UsageError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_json_does_not_have_are_refused(constant):
    for path in [("frames", 3, "time_s"), ("source", "fps"), ("judging", "plate_mm")]:
        text = damaged(path, "HERE").replace('"HERE"', constant)
        with pytest.raises(UsageError, match="not JSON"):
            Analysis.from_json(text)
    rules = damaged(("judging", "faults"), {"rounded_back": {"threshold_deg": "HERE"}})
    with pytest.raises(UsageError, match="not JSON"):
        Analysis.from_json(rules.replace('"HERE"', constant))


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "null", "3", '"text"', "{}}", b"\xff\xfe", b"\x00" * 100,
        "[" * 100_000, '{"schema": ' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"schema": ' + "9" * 10_000 + "}",
    ],
)  # fmt: skip
def test_text_that_is_no_analysis_is_refused(text):
    with pytest.raises(UsageError):
        Analysis.from_json(text)


def test_a_text_that_is_cut_off_anywhere_is_refused():
    text = analysis(nobody(frames=2)).to_json()
    for end in range(0, len(text) - 2, 37):
        with pytest.raises(UsageError):
            Analysis.from_json(text[:end])


@pytest.mark.parametrize(
    ("name", "value"), [("index", 2), ("index", 1), ("time_s", 0.2), ("time_s", 0.05)]
)
def test_frames_that_are_out_of_order_are_refused(name, value):
    with pytest.raises(UsageError, match=rf"^frames\[3\]\.{name}"):
        Analysis.from_json(damaged(("frames", 3, name), value))
    other = copy.deepcopy(DOCUMENT)
    lifter = {name: other[name] for name in ("frames", "reps", "faults", "not_judged", "bar")}
    other["others"] = [copy.deepcopy({**lifter, "summary": other["summary"]})]
    other["others"][0]["frames"][3][name] = value
    with pytest.raises(UsageError, match=rf"^others\[0\]\.frames\[3\]\.{name}"):
        Analysis.from_json(json.dumps(other))


def test_options_out_of_range_are_refused_as_on_the_command_line():
    with pytest.raises(UsageError, match="--plate-mm"):
        Analysis.from_json(damaged(("judging", "plate_mm"), 5))
    with pytest.raises(UsageError, match="--pose-height"):
        Analysis.from_json(damaged(("pose", "options", "height_px"), 100))


@pytest.mark.parametrize(
    ("schema", "remedy"),
    [
        (ANALYSIS_SCHEMA + 1, "update Coach"),
        (1, "analyse the clip again"),
        ("5", "no analysis"),
        (None, "no anal"),
    ],
)
def test_an_analysis_of_another_version_is_refused_with_a_remedy(schema, remedy):
    with pytest.raises(UsageError, match=remedy):
        Analysis.from_json(damaged(("schema",), schema))


def test_a_frame_that_is_wrong_anywhere_is_found():
    document = json.loads(analysis(replace(nobody(), frames=(frame(0, 0.0),))).to_json())
    document["frames"][0]["angles"]["knee"] = "bent"
    with pytest.raises(UsageError, match=r"^frames\[0\]\.angles\.knee: 'bent' is no number"):
        Analysis.from_json(json.dumps(document))


@pytest.mark.parametrize("name", ["frames", "reps", "faults", "not_judged", "others", "warnings"])
def test_reading_stops_at_the_first_wrong_item(name):
    document = {**DOCUMENT, name: [{}] * 100_000}
    with pytest.raises(UsageError) as refused:
        Analysis.from_json(json.dumps(document))
    assert len(str(refused.value.__cause__)) < 3000  # one item's errors, not 100 000
