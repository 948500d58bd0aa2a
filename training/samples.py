"""What estimators are trained on: features, labels, and how much each posture counts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.scorer.motion.view import classify_view, estimate_turn_deg, upright_trunk_length_px
from services.scorer.score.features import is_scorable, posture_features
from shared.data.skeleton import trunk_length_px
from training.datasets import LabelledPoses

F64 = NDArray[np.float64]

#: Clips of either label that a view of a source is taken to have beyond those that it has. Without
#: it, the one bad clip among ten good ones would count as much as all of them.
_PRIOR_CLIPS = 1.0


@dataclass(frozen=True, eq=False)
class Samples:
    """Scorable postures of several sources.

    features: (n, n_features), NaN where not seen. label: (n,), 1 good, 0 bad. group, clip, source,
    view: (n,) strings. weight: (n,), see `even_weights`.
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
    """Features of all scorable postures of some sources."""
    parts = []
    for poses in sets:
        keep = is_scorable(poses.xy_px, poses.confidence)
        xy, sure = poses.xy_px[keep], poses.confidence[keep]
        group, clip = (
            np.array([f"{poses.source}: {name}" for name in names[keep]], dtype=str)
            for names in (poses.group, poses.clip)
        )
        source = np.full(int(keep.sum()), poses.source)
        parts.append((posture_features(xy, sure), poses.label[keep], group, clip, source,
                      _views(xy, clip)))  # fmt: skip
    features, label, group, clip, source, view = map(np.concatenate, zip(*parts, strict=True))
    weight = even_weights(label, clip, source, view)
    return Samples(features, label, group, clip, source, view, weight)


def even_weights(
    label: F64, clip: NDArray[np.str_], source: NDArray[np.str_], view: NDArray[np.str_]
) -> F64:
    """Weights (n,) by which clips count alike, and good and bad alike in each view of a source.

    In most sources the good clips are filmed from the front more often than the bad ones. With even
    weights, neither the camera's place nor the source tells the label. Their mean is 1.
    """
    _, place, counts = np.unique(clip, return_inverse=True, return_counts=True)
    weight = np.asarray(1.0 / counts[place])
    for corner in set(zip(source, view, strict=True)):
        here = (source == corner[0]) & (view == corner[1])
        sums = [weight[here & (label == value)].sum() for value in (0.0, 1.0)]
        if min(sums) > 0:
            for value, total in zip((0.0, 1.0), sums, strict=True):
                share = (sum(sums) / 2 + _PRIOR_CLIPS) / (total + _PRIOR_CLIPS)
                weight[here & (label == value)] *= share
    return np.asarray(weight / weight.mean())


def _views(xy_px: NDArray[np.float32], clip: NDArray[np.str_]) -> NDArray[np.str_]:
    """View of each posture, told from all of its clip."""
    views = np.full(len(clip), "unknown", dtype="<U8")
    for name in np.unique(clip):
        mine = xy_px[clip == name].astype(np.float64)
        trunk = upright_trunk_length_px(trunk_length_px(mine.astype(np.float32)).astype(np.float64))
        views[clip == name] = classify_view(
            estimate_turn_deg(np.full(len(mine), np.nan), mine, trunk)
        )
    return views
