"""All that is labelled in a folder or a table: lifts and single postures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.errors import UsageError
from shared.media.limits import DEFAULT_LIMITS, SourceLimits
from training.athletes import Athletes
from training.lifts import CLIPS_CSV, LabelledLift, ObserveClip, read_lifts
from training.postures import FindLifter, Posture, read_postures


@dataclass(frozen=True, eq=False)
class LabelledData:
    """Labelled lifts, and labelled single postures."""

    lifts: tuple[LabelledLift, ...]
    postures: tuple[Posture, ...]

    @property
    def athletes(self) -> list[str]:
        """The lifter of each lift and posture."""
        lifters = [lift.athlete for lift in self.lifts]
        return lifters + [posture.athlete for posture in self.postures]

    @classmethod
    def joined(cls, parts: "Iterable[LabelledData]") -> "LabelledData":
        """Several of them as one."""
        found = list(parts)
        return cls(
            tuple(lift for part in found for lift in part.lifts),
            tuple(posture for part in found for posture in part.postures),
        )


def read(
    path: Path,
    find_lifter: FindLifter,
    observe_clip: ObserveClip,
    athletes: Athletes,
    turns_deg: Sequence[float] = (0.0,),
    limits: SourceLimits = DEFAULT_LIMITS,
) -> LabelledData:
    """Read a folder or table in any of the formats of `training.lifts` and `training.postures`.

    Raises:
        UsageError: nothing in it is labelled, or a file in it is damaged.
        SourceError: a picture or a clip cannot be read.
    """
    lifts = tuple(read_lifts(path, observe_clip, athletes, turns_deg))
    postures = tuple(read_postures(path, find_lifter, athletes, limits))
    if not lifts and not postures:
        raise UsageError(
            f"{path} holds nothing that is labelled: clips with a {CLIPS_CSV}, good…/bad… folders "
            "of COCO-18 JSON, BODY_25 sequences, g_*/b_* 3D skeletons, good/ and bad/ folders of "
            "pictures, or a MediaPipe-33 table (see docs/score.md)"
        )
    return LabelledData(lifts, postures)
