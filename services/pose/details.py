"""What a pose network may see of a body besides its joints, and the person that it completes."""

from dataclasses import dataclass

import numpy as np

from shared.data.messages import Person
from shared.data.skeleton import F32, FEET, OUTLINE_LEVELS


@dataclass(frozen=True, slots=True, eq=False)
class BodyDetails:
    """Feet, outline, sole and turn of one person; all fields are as in `Person`."""

    feet_px: F32
    feet_confidence: F32
    outline_px: F32
    sole_px: F32
    turn_deg: float

    @classmethod
    def unseen(cls) -> "BodyDetails":
        """The details where no network sees them."""
        return cls(
            feet_px=np.full((len(FEET), 2), np.nan, np.float32),
            feet_confidence=np.zeros(len(FEET), np.float32),
            outline_px=np.full((2, OUTLINE_LEVELS), np.nan, np.float32),
            sole_px=np.full((2, 2), np.nan, np.float32),
            turn_deg=float("nan"),
        )

    def of_person(
        self,
        joints: tuple[F32, F32],
        box_px: F32,
        detection_confidence: float,
        disagreement: float = float("nan"),
    ) -> Person:
        """The person with these details; `joints` are xy_px and confidence, all as in `Person`."""
        return Person(
            xy_px=joints[0],
            confidence=joints[1],
            feet_px=self.feet_px,
            feet_confidence=self.feet_confidence,
            outline_px=self.outline_px,
            sole_px=self.sole_px,
            turn_deg=self.turn_deg,
            box_px=box_px,
            detection_confidence=detection_confidence,
            disagreement=disagreement,
        )
