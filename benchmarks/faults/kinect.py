"""Reps of one lifter in 3D (philip-g-mak's Kinect data), seen from any view.

SOURCE.txt beside the data says what they are: 50 good reps, 20 stiff-legged ones with a bent back,
20 squatted and 10 rounded ones, all posed.
"""

from collections.abc import Iterator
from pathlib import Path

from services.scorer.observe import observe_lift
from training.skeleton_tables import skeleton_recordings

from .sets import ALL, NONE, LabelledSet

NAME = "Kinect, 1 lifter"

#: First number of the bad reps of each kind, and the faults they pose.
_BAD = (
    (40, frozenset({"rounded_back"})),
    (20, frozenset({"squatted"})),
    (0, frozenset({"stiff_legged", "rounded_back"})),
)


def sets(folder: Path, turn_deg: float) -> Iterator[LabelledSet]:
    """All reps, the camera turned from the side towards the front; each is a set of its own."""
    for recording in skeleton_recordings(folder, turn_deg):
        name = Path(recording.file).stem
        present, absent = NONE, ALL
        if not recording.label:
            number = int(name.partition("_")[2])
            present, absent = next(faults for first, faults in _BAD if number >= first), NONE
        lift = observe_lift(recording.seen)
        yield LabelledSet(NAME, f"{turn_deg:.0f}°", name, lift, present, absent)
