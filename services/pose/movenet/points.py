"""The points that MoveNet sees: COCO's 17, in an image, each with a score."""

from dataclasses import dataclass

import numpy as np

from shared.data.skeleton import F32, SEEN_CONFIDENCE, mpi_from_coco

#: Order of the points. By definition (COCO).
(NOSE, L_EYE, R_EYE, L_EAR, R_EAR, L_SHOULDER, R_SHOULDER, L_ELBOW, R_ELBOW, L_WRIST, R_WRIST,
 L_HIP, R_HIP, L_KNEE, R_KNEE, L_ANKLE, R_ANKLE) = range(17)  # fmt: skip

#: Number of the points. By definition (COCO).
POINTS = 17

#: Index of each point's counterpart on the other side. By definition.
MIRRORED = [0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15]

#: Points of shoulders and hips. By definition.
SHOULDERS, HIPS = [L_SHOULDER, R_SHOULDER], [L_HIP, R_HIP]

#: Shoulders to ankles: the points that show where a body is and how sure the network is of it. By
#: definition.
BODY = list(range(L_SHOULDER, R_ANKLE + 1))


@dataclass(frozen=True, slots=True, eq=False)
class PersonPoints:
    """One person as MoveNet sees them.

    Attributes:
        xy_px: float32 (17, 2), in the image.
        score: float32 (17,), 0..1.
    """

    xy_px: F32
    score: F32

    @property
    def body_score(self) -> float:
        """Mean score of the joints from shoulders to ankles."""
        return float(self.score[BODY].mean())

    @property
    def trunk_line_px(self) -> F32:
        """Middle of the hips and of the shoulders, float32 (2, 2)."""
        return np.stack([self.xy_px[HIPS].mean(0), self.xy_px[SHOULDERS].mean(0)])

    @property
    def trunk_px(self) -> float:
        """Distance from the middle of the hips to the middle of the shoulders."""
        return float(np.linalg.norm(np.diff(self.trunk_line_px, axis=0)))

    @property
    def size_px(self) -> float:
        """Diagonal of the box around the body: unlike the trunk, it is no shorter in front view."""
        return float(np.linalg.norm(np.ptp(self.xy_px[BODY], axis=0)))

    @property
    def joints_seen(self) -> int:
        """Number of joints from shoulders to ankles that are likely seen, 0 to 12."""
        return int((self.score[BODY] >= SEEN_CONFIDENCE).sum())

    def joints(self) -> tuple[F32, F32]:
        """The 15 joints and their confidence, as `mpi_from_coco`."""
        return mpi_from_coco(self.xy_px, self.score)

    def mean(self, *others: "PersonPoints") -> "PersonPoints":
        """Mean of skeletons of one person, each point weighted by the square of its score."""
        scores = np.stack([one.score for one in (self, *others)])
        weights = scores[..., None] ** 2 + 1e-6
        xy = (np.stack([one.xy_px for one in (self, *others)]) * weights).sum(0) / weights.sum(0)
        return PersonPoints(xy.astype(np.float32), scores.mean(0))

    def distance(self, other: "PersonPoints") -> float:
        """Median distance of the joints from another person's, in sizes of the larger one."""
        apart = np.linalg.norm(self.xy_px[BODY] - other.xy_px[BODY], axis=-1)
        return float(np.median(apart)) / max(self.size_px, other.size_px, 1e-6)

    def overlap(self, other: "PersonPoints") -> float:
        """Common part of the boxes around two bodies, as a fraction of the smaller box."""
        boxes = [(p.xy_px[BODY].min(0), p.xy_px[BODY].max(0)) for p in (self, other)]
        low, high = np.maximum(boxes[0][0], boxes[1][0]), np.minimum(boxes[0][1], boxes[1][1])
        smaller = min(float(np.prod(end - start)) for start, end in boxes)
        return float(np.prod(np.maximum(high - low, 0))) / max(smaller, 1e-6)
