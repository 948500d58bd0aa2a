"""The style of a set: conventional, sumo, Romanian, or with a kettlebell. Pure.

Rules that depend on the style need it before they judge. A stance is sumo if the feet are far wider
apart than the shoulders and the hands are between the knees. A deadlift is Romanian if the legs are
nearly straight at the bottom and the bar stays above the floor, by its plate or by the hands. It is
done with a kettlebell if the hands are close together and no plate moves with them. All else counts
as conventional, which is the less certain, the less of the others can be excluded: from the side,
all stances and grips look alike. A trap bar or a band looks conventional. No style is told that is
hardly likelier than not.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.scorer.motion.kinematics import Kinematics
from services.scorer.motion.motion import Motion, middle
from services.scorer.reps.rep_boundaries import RepBoundaries
from shared.data.analysis import Partial, Style, View
from shared.data.skeleton import (
    L_ANKLE,
    L_KNEE,
    L_SHOULDER,
    L_WRIST,
    R_ANKLE,
    R_KNEE,
    R_SHOULDER,
    R_WRIST,
)

Rows = NDArray[np.int64]

#: Minimum knee angle at the bottom of a Romanian deadlift, in degrees. Chosen: softly bent knees
#: are at 155–165, less the network's error of 6–12 (doi 10.1177/17543371251348697). In real clips
#: of other styles the knees are at 57 to 122.
_MIN_STRAIGHT_DEG = 145.0

#: Minimum elevation of the thighs above horizontal with softly bent knees, in degrees; used where
#: plates hide the ankles. Chosen: between Romanian starts (71 in rendered sets) and others (12 to
#: 44 in real clips).
_MIN_THIGH_ELEVATION_DEG = 60.0

#: Minimum height of the hands over the ankles at the bottom of a Romanian deadlift, in trunk
#: lengths. Chosen: between both values measured in rendered sets, 0.45 with 450 mm plates on the
#: floor, and 0.64 with a bar at mid-shin.
_MIN_HANDS_ABOVE_ANKLES = 0.52

#: Minimum height of a plate's centre over the ankles at the bottom of a Romanian deadlift filmed
#: from the side, in its diameters. Chosen: the middle between plates on the floor (-0.42 to 0.11 in
#: 15 real clips, 0.03 to 0.18 in rendered sets and films) and a bar at mid-shin (0.33 to 0.40 in
#: rendered ones). Hands tell less: behind plates, networks place them up to 0.3 trunk lengths too
#: low, or 0.1 too high.
_MIN_PLATE_ABOVE_ANKLES = 0.26

#: Minimum distance of the ankles over that of the shoulders in a sumo stance. Chosen: between the
#: 1.9 to 2.4 measured in sumo stances (rendered, and two real clips) and the 0.5 to 0.8 in
#: conventional ones.
_MIN_SUMO_RATIO = 1.6

#: Minimum distance of the ankles in a sumo stance, in trunk lengths. Chosen: from the side all
#: distances across the picture are small (0.01 to 0.11 in real clips), and their ratio says
#: nothing.
_MIN_SUMO_WIDTH = 0.2

#: Minimum width of the shoulders in a ratio, in trunk lengths. Chosen: as small as the joints'
#: errors.
_MIN_WIDTH = 0.1

#: Maximum distance between the hands on a kettlebell, in shoulder widths. Chosen: two real
#: kettlebell sets, not filmed from the side, have 0.38 and 0.47; eight sets in which a bar is
#: gripped too narrowly on purpose have 0.58 to 0.74, and all other sets 0.83 and more.
_MAX_TOGETHER_RATIO = 0.55

#: Highest probability of a kettlebell, of a sumo stance from the side, and of a conventional
#: deadlift. Chosen: hands close together may hold a band or a dumbbell as well, and a bar's plates
#: are not always found; from the side one foot before the other looks like a wide stance; and a
#: trap bar looks conventional.
_MAX_KETTLEBELL, _MAX_SUMO_SIDE, _MAX_CONVENTIONAL = 0.8, 0.8, 0.95

#: Minimum diameter of a plate that speaks against a kettlebell, in trunk lengths. Chosen: what is
#: found on kettlebells has 0.3, and plates on bars have 0.63 to 1.2 in 20 real clips.
_MIN_PLATE = 0.5

#: Standard error of the knee's and the thigh's angle at the bottom, in degrees, of the hands'
#: height over the ankles, in trunk lengths, of a plate's, in diameters, of the stance's ratio and
#: of the grip's. Chosen: the network's published error of 6–12° (doi 10.1177/17543371251348697),
#: and the scatter of the others in real clips, or films, of one style.
_ANGLE_ERROR_DEG, _HEIGHT_ERROR, _PLATE_ERROR = 10.0, 0.1, 0.05
_STANCE_ERROR, _GRIP_ERROR = 0.25, 0.1

#: Growth of these errors where the lifter is turned from side-on. Chosen: the sagittal plane is
#: foreshortened there, and feet stand at different heights in the picture.
_OBLIQUE_BLUR = 2.0

#: Probability of a style that cannot be seen from where the camera is, of a kettlebell from the
#: side where no plate is found, and least probability of a Romanian deadlift in oblique views.
#: Chosen: most sets are conventional; of four lifters filmed from the side without a plate that was
#: found, one has a kettlebell; and a network may bend the knees of a Romanian set too much, as
#: BlazePose does by 40° in the only real one, an oblique one, which is recognised with MoveNet.
_UNSEEN, _NO_PLATE, _MIN_ROMANIAN_OBLIQUE = 0.15, 0.25, 0.15

#: Minimum probability of a style that is told. Chosen: a little more likely than not.
_MIN_TOLD = 0.55

_ANKLES, _KNEES = (L_ANKLE, R_ANKLE), (L_KNEE, R_KNEE)
_SHOULDERS, _WRISTS = (L_SHOULDER, R_SHOULDER), (L_WRIST, R_WRIST)


@dataclass(frozen=True)
class StyleFound:
    """The style of a set.

    Attributes:
        style: The most likely style.
        confidence: Confidence in it, 0..1; 0 where it is unknown.
    """

    style: Style = Style.UNKNOWN
    confidence: float = 0.0


def classify_style(
    motion: Motion,
    reps: Sequence[RepBoundaries],
    kinematics: Kinematics,
    plate_px: float,
    plate_height: float = float("nan"),
) -> StyleFound:
    """The style of a set; unknown where no start of a repetition or no legs are seen.

    Args:
        motion: the lifter's motion.
        reps: the repetitions; those whose start the clip does not show say nothing.
        kinematics: the angles of the motion.
        plate_px: diameter of the plate that moves with the hands; NaN where none does.
        plate_height: height of its centre over the ankles at the starts, in its diameters; NaN
            where that is unknown.
    """
    reps = [rep for rep in reps if rep.partial is not Partial.NO_START]
    if not reps or not motion.trunk_length_px > 0:
        return StyleFound()
    is_sideways = motion.view in (View.SIDE, View.UNKNOWN)
    has_plate = plate_px > _MIN_PLATE * motion.trunk_length_px
    sumo, together = _sumo(motion, reps), 0.0 if has_plate else _hands_together(motion, reps)
    off_floor = float("nan")
    if motion.view is View.SIDE and has_plate:
        off_floor = _chance(plate_height, _MIN_PLATE_ABOVE_ANKLES, _PLATE_ERROR)
        sumo *= 1.0 if np.isnan(off_floor) else 1 - off_floor  # sumo deadlifts start on the floor
    romanian = _romanian(motion, reps, kinematics, off_floor)
    if np.isnan(romanian):
        if is_sideways and not sumo > _MIN_TOLD:
            return StyleFound()
        romanian = _UNSEEN
    chances = {
        Style.SUMO: sumo,
        Style.KETTLEBELL: (1 - sumo) * together,
        Style.ROMANIAN: (1 - sumo) * (1 - together) * romanian,
        Style.CONVENTIONAL: _MAX_CONVENTIONAL * (1 - sumo) * (1 - together) * (1 - romanian),
    }
    style = max(chances, key=lambda one: chances[one])
    return StyleFound(style, chances[style]) if chances[style] >= _MIN_TOLD else StyleFound()


def _romanian(
    motion: Motion, reps: Sequence[RepBoundaries], kinematics: Kinematics, off_floor: float
) -> float:
    """Probability of straight legs and a bar above the floor at the bottom; NaN if unseen.

    Where plates hide the ankles in every rep, the thighs alone decide.

    Args:
        motion: the lifter's motion.
        reps: the repetitions.
        kinematics: the angles of the motion.
        off_floor: probability that the plate is above the floor; NaN where the hands decide.
    """
    bottoms, tops = (np.array(rows) for rows in zip(*((r.start, r.top) for r in reps), strict=True))
    blur, floor = 1.0, 0.0
    if motion.view is not View.SIDE:
        blur, floor = _OBLIQUE_BLUR, _MIN_ROMANIAN_OBLIQUE
    for angles, limit_deg in (
        (kinematics.knee[bottoms], _MIN_STRAIGHT_DEG),
        (kinematics.thigh_elevation[bottoms], _MIN_THIGH_ELEVATION_DEG),
    ):
        known = angles[np.isfinite(angles)]
        if known.size:
            straight = _chance(float(np.median(known)), limit_deg, blur * _ANGLE_ERROR_DEG)
            above = off_floor
            if np.isnan(above):
                height = _hands_above_ankles(motion, bottoms, tops)
                above = _chance(height, _MIN_HANDS_ABOVE_ANKLES, blur * _HEIGHT_ERROR)
            return max(floor, straight * (0.0 if np.isnan(above) else above))
    return float("nan")


def _sumo(motion: Motion, reps: Sequence[RepBoundaries]) -> float:
    """Probability of a wide stance with the hands between the knees, in the lower half."""
    rows = _lower_half(reps)
    ankles, knees = (_width(motion, rows, *pair) for pair in (_ANKLES, _KNEES))
    shoulders, hands = (_width(motion, rows, *pair) for pair in (_SHOULDERS, _WRISTS))
    is_narrow = ankles <= _MIN_SUMO_WIDTH
    if np.isnan(ankles + shoulders) or is_narrow and motion.view is View.SIDE:
        return _UNSEEN
    if is_narrow or not hands < knees:
        return 0.0
    highest = _MAX_SUMO_SIDE if motion.view is View.SIDE else 1.0
    return highest * _chance(ankles / max(shoulders, _MIN_WIDTH), _MIN_SUMO_RATIO, _STANCE_ERROR)


def _hands_together(motion: Motion, reps: Sequence[RepBoundaries]) -> float:
    """Probability that the hands are close together in the lower half, as on a kettlebell."""
    rows = _lower_half(reps)
    shoulders, hands = (_width(motion, rows, *pair) for pair in (_SHOULDERS, _WRISTS))
    if motion.view is View.SIDE or np.isnan(hands + shoulders):
        return _NO_PLATE
    ratio = hands / max(shoulders, _MIN_WIDTH)
    return _MAX_KETTLEBELL * _chance(-ratio, -_MAX_TOGETHER_RATIO, _GRIP_ERROR)


def _chance(value: float, limit: float, error: float) -> float:
    """Probability that the true value is above a limit, if errors are normal; NaN for NaN."""
    return (1 + math.erf((value - limit) / error / math.sqrt(2))) / 2


def _lower_half(reps: Sequence[RepBoundaries]) -> Rows:
    """Rows of the lower half of the ways up."""
    return np.concatenate([np.arange(r.start, (r.start + r.top) // 2 + 1) for r in reps])


def _width(motion: Motion, rows: Rows, left: int, right: int) -> float:
    """Median horizontal distance of two joints, in trunk lengths; NaN if unseen."""
    across = motion.xy_px[rows, left, 0] - motion.xy_px[rows, right, 0]
    known = across[np.isfinite(across)]
    return abs(float(np.median(known))) / motion.trunk_length_px if known.size else float("nan")


def _hands_above_ankles(motion: Motion, bottoms: Rows, tops: Rows) -> float:
    """Median height of the hands over the ankles at the bottom, in trunk lengths; NaN if unseen.

    The ankles are taken at lockout: at the bottom plates hide them, and networks place them higher.
    """
    hands = middle(motion.xy_px[:, L_WRIST, 1], motion.xy_px[:, R_WRIST, 1])[bottoms]
    ankles = middle(motion.xy_px[:, L_ANKLE, 1], motion.xy_px[:, R_ANKLE, 1])[tops]
    if np.isnan(hands).all() or np.isnan(ankles).all():
        return float("nan")
    return float(np.nanmedian(ankles) - np.nanmedian(hands)) / motion.trunk_length_px
