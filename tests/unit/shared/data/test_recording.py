import json

import numpy as np
import pytest
from shared.data.recording import measured_json, measured_of

from shared.data.messages import ANGLES, LifterFrame, Person, empty_skeleton
from shared.data.skeleton import FEET, JOINTS, OUTLINE_LEVELS
from shared.errors import UsageError

RNG = np.random.default_rng(3)
PLATES = np.array([[100.126, 200.0, 50.5, 60.25, 0.98765]], np.float32)
NO_PLATES = np.zeros((0, 5), np.float32)


def somebody():
    xy = (RNG.random((JOINTS, 2)) * 3840).astype(np.float32)
    xy[3] = np.nan
    confidence = RNG.random(JOINTS).astype(np.float32)
    confidence[3] = 0
    feet = (RNG.random((len(FEET), 2)) * 3840).astype(np.float32)
    trunk = (RNG.random((2, OUTLINE_LEVELS)) * 90).astype(np.float32)
    trunk[1, 4] = np.nan
    sure = np.full(len(FEET), 0.5, np.float32)
    box = np.array([1.234, 2.345, 3000.456, 4000.567], np.float32)
    sole = np.array([[801.234, 902.345], [861.456, 912.567]], np.float32)
    return Person(xy, confidence, feet, sure, trunk, sole, 33.333, box, 0.91234)


def frame(person, plates):
    xy, confidence = empty_skeleton()
    nothing = np.zeros(JOINTS, np.float32), np.full(2, np.nan, np.float32)
    angles = np.full(len(ANGLES), np.nan, np.float32)
    return LifterFrame(0, 0.0, person, plates, 0, xy, confidence, *nothing, "", angles, 0.5, 1.0)


def test_what_was_measured_comes_back_to_a_hundredth_of_a_pixel():
    person = somebody()
    text = json.dumps(measured_json(frame(person, PLATES)), allow_nan=False)
    back, plates = measured_of(json.loads(text))
    for name, off in (
        ("xy_px", 0.006), ("feet_px", 0.006), ("outline_px", 0.006), ("sole_px", 0.006),
        ("box_px", 0.006),
        ("confidence", 6e-5), ("feet_confidence", 6e-5), ("turn_deg", 0.006), ("detection_confidence", 6e-5),
    ):  # fmt: skip
        np.testing.assert_allclose(getattr(back, name), getattr(person, name), rtol=0, atol=off)
    np.testing.assert_allclose(plates, PLATES, atol=0.006)
    assert np.isnan(back.xy_px[3]).all()
    assert back.xy_px.dtype == plates.dtype == np.float32
    # A second round changes nothing more: a rescored recording can be rescored.
    assert measured_json(frame(back, plates)) == json.loads(text)


def test_an_analysis_from_before_soles_were_seen_has_none():
    content = measured_json(frame(somebody(), PLATES))
    del content["sole"]
    person, _ = measured_of(content)
    assert np.isnan(person.sole_px).all()


def test_a_lifter_without_plates_comes_back():
    person, plates = measured_of(measured_json(frame(somebody(), NO_PLATES)))
    assert person is not None
    assert plates.shape == (0, 5)


def test_a_frame_without_the_lifter_is_null_but_keeps_its_plates():
    assert measured_json(frame(None, NO_PLATES)) is None
    assert measured_of(None)[0] is None
    person, plates = measured_of(measured_json(frame(None, PLATES)))
    assert person is None
    np.testing.assert_allclose(plates, PLATES, atol=0.006)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("keypoints", [[1.0, 2.0, 0.5]] * 14),  # one joint is missing
        ("keypoints", [[1.0, 2.0]] * 15),
        ("keypoints", [[1.0, 2.0, 1.5]] * 15),  # surer than sure
        ("keypoints", [[1.0, 2.0, None]] * 15),
        ("keypoints", [0] * 15),
        ("keypoints", "abc"),
        ("keypoints", None),
        ("feet", [[1.0, "2", 0.5]] * 4),
        ("feet", {}),
        ("trunk", [[1.0] * 11, [1.0] * 10]),
        ("sole", [[1.0, 2.0]]),
        ("turn_deg", True),
        ("turn_deg", [1.0]),
        ("turn_deg", 10**400),  # larger than any float
        ("box", [0, 0, float("inf"), 1]),
        ("box", [0, 0, float("nan"), 1]),
        ("detection_confidence", "yes"),
        ("plates", [[1, 2, 3, 4, 0.5]] * 65),
        ("plates", [[1, 2, 3, 4]]),
        ("plates", None),
    ],
)
def test_damage_is_told_with_the_field(field, value):
    content = {**measured_json(frame(somebody(), PLATES)), field: value}
    with pytest.raises(UsageError, match=field):
        measured_of(content)


def test_a_field_that_is_missing_is_told():
    content = measured_json(frame(somebody(), PLATES))
    del content["box"]
    with pytest.raises(UsageError, match="box"):
        measured_of(content)
    with pytest.raises(UsageError, match="object"):
        measured_of([1, 2])
