"""Samples that estimators are trained on: features, labels and the weight of each posture."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from services.scorer.score.features import is_scorable, posture_features

from services.scorer.motion.view import classify_view, estimate_turn_deg, upright_trunk_length_px
from shared.data.skeleton import F32, trunk_length_px
from training.datasets import LabelledPoses

F64 = NDArray[np.float64]

#: Prior number of clips of either label in each view of a source. Chosen: without it, one bad clip
#: among ten good ones would weigh as much as all of them.
_PRIOR_CLIPS = 1.0


@dataclass(frozen=True, eq=False)
class Samples:
    """Scorable postures of several sources.

    Attributes:
        features: float64 (n, n_features), NaN where not seen.
        label: float64 (n,), 1 good, 0 bad.
        group: (n,) strings, "source: group".
        clip: (n,) strings, "source: clip".
        source: (n,) strings.
        view: (n,) strings.
        weight: float64 (n,), see `even_weights`.
    """

    features: F64
    label: F64
    group: NDArray[np.str_]
    clip: NDArray[np.str_]
    source: NDArray[np.str_]
    view: NDArray[np.str_]
    weight: F64

    def __len__(self) -> int:
        return len(self.label)

    def __getitem__(self, rows: NDArray[np.bool_]) -> "Samples":
        return Samples(*(values[rows] for values in vars(self).values()))


def gather(sets: Sequence[LabelledPoses]) -> Samples:
    """Compute the features of all scorable postures of some sources."""
    parts = []
    for poses in sets:
        keep = is_scorable(poses.xy_px, poses.confidence)
        xy, confidence = poses.xy_px[keep], poses.confidence[keep]
        group, clip = (
            np.array([f"{poses.source}: {name}" for name in names[keep]], dtype=str)
            for names in (poses.group, poses.clip)
        )
        source = np.full(int(keep.sum()), poses.source)
        turn_deg = _turns_deg(xy, clip, poses.turn_deg[keep])
        view = np.array([classify_view(turn) for turn in turn_deg], dtype=str)
        features = posture_features(xy, confidence, turn_deg=turn_deg)
        parts.append((features, poses.label[keep], group, clip, source, view))
    features, label, group, clip, source, view = map(np.concatenate, zip(*parts, strict=True))
    weight = even_weights(label, clip, source, view)
    return Samples(features, label, group, clip, source, view, weight)


def even_weights(
    label: F64, clip: NDArray[np.str_], source: NDArray[np.str_], view: NDArray[np.str_]
) -> F64:
    """Weights (n,) with the same sum for each clip, and for each label in each view of a source.

    In most sources the good clips are filmed from the front more often than the bad ones. With
    these weights the label cannot be predicted from the camera's view or the source. Their mean
    is 1.
    """
    _, clip_of, counts = np.unique(clip, return_inverse=True, return_counts=True)
    weight = np.asarray(1.0 / counts[clip_of])
    for one_source, one_view in set(zip(source, view, strict=True)):
        here = (source == one_source) & (view == one_view)
        sums = [weight[here & (label == value)].sum() for value in (0.0, 1.0)]
        if min(sums) > 0:
            for value, total in zip((0.0, 1.0), sums, strict=True):
                factor = (sum(sums) / 2 + _PRIOR_CLIPS) / (total + _PRIOR_CLIPS)
                weight[here & (label == value)] *= factor
    return np.asarray(weight / weight.mean())


def _turns_deg(xy_px: F32, clip: NDArray[np.str_], measured_deg: F64) -> F64:
    """Turn of the body in each posture, (n,): that of its clip, estimated as for scoring."""
    turns = np.full(len(clip), np.nan)
    for name in np.unique(clip):
        rows = clip == name
        trunk = upright_trunk_length_px(trunk_length_px(xy_px[rows]).astype(np.float64))
        xy = xy_px[rows].astype(np.float64)
        turns[rows] = estimate_turn_deg(measured_deg[rows], xy, trunk)
    return turns
