"""The whole clip at once: who the lifter is, and what the set is worth. Pure."""

from collections.abc import Sequence

import numpy as np

from services.scorer.lifter import find_lifter
from services.scorer.view import tell_view
from shared.messages import Analysis, LifterFrame, ScoredFrame, empty_skeleton

#: Below this share of frames with the lifter in them, the result is called incomplete.
_MIN_SEEN_SHARE = 0.8


def analyse(job: str, frames: Sequence[ScoredFrame], end_reason: str) -> Analysis:
    """Judge a clip from the people of all its analysed frames, in order.

    The set's score is the mean of its frames' scores.
    """
    places = find_lifter(frames)
    lifter = tuple(_lifter_frame(frame, place) for frame, place in zip(frames, places, strict=True))
    scores = np.array([frame.score for frame in lifter])
    scored = scores[np.isfinite(scores)]
    return Analysis(
        job=job,
        frames=lifter,
        score=float(scored.mean()) if scored.size else float("nan"),
        view=tell_view(np.stack([frame.xy_px for frame in lifter])),
        warnings=tuple(_warnings(places, scored.size, end_reason)),
    )


def _lifter_frame(frame: ScoredFrame, place: int | None) -> LifterFrame:
    poses = frame.poses
    if place is None:
        xy, confidence = empty_skeleton()
        box, score = np.full(4, np.nan, np.float32), float("nan")
    else:
        person = poses.people[place]
        xy, confidence, box = person.xy_px, person.confidence, person.box_px
        score = float(frame.scores[place])
    return LifterFrame(poses.index, poses.time_s, xy, confidence, box, score, poses.pose_ms)


def _warnings(places: Sequence[int | None], scored: int, end_reason: str) -> list[str]:
    warnings = []
    seen = sum(place is not None for place in places)
    if seen == 0:
        warnings.append("nobody was found in this clip: film the whole lifter, in good light")
    elif seen < _MIN_SEEN_SHARE * len(places):
        warnings.append(f"the lifter was found in only {seen} of {len(places)} frames")
    if seen and not scored:
        warnings.append("too little of the lifter is seen to score the posture")
    if end_reason == "truncated":
        warnings.append("the video is damaged or breaks off early; what can be read was analysed")
    return warnings
