"""Labelled postures to train on, from pictures, clips and tables of keypoints.

    good/ and bad/ folders of pictures         label by folder; each picture is a group
    clips with a CLIPS.csv beside them         label by clip, `good` or `bad…`; a lifter is a group
    folders of COCO-18 JSON files              label by folder name good…/bad…; a file is a group
    BODY_25 sequence JSON files                label by `condition`; a subject is a group
    MediaPipe-33 CSV, one row per posture      label by `class`; the table is a group

A group is never split between training and test: it is a lifter where the lifter is known, else
one recording. Within a group each clip counts the same, whatever its number of frames. The
functions that find the lifter in pictures and the lift in clips are passed in, since the pose stage
is a service of its own.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.scorer.observe import ObservedLift
from services.scorer.score.scoring import rows_of_reps
from shared.data.messages import Person
from shared.data.skeleton import F32
from shared.errors import UsageError
from shared.media.images import IMAGE_SUFFIXES
from shared.media.limits import DEFAULT_LIMITS, SourceLimits
from shared.media.resize import shrink
from shared.media.source import open_source
from training.keypoint_tables import LABELS, Row, coco_files, csv_rows, mediapipe, sequences

F64 = NDArray[np.float64]

#: Finds the lifter in a BGR picture, None if nobody is there.
FindLifter = Callable[[NDArray[np.uint8]], Person | None]

#: Observes the main lifter's lift in a clip, None if nobody is there.
ObserveClip = Callable[[Path], ObservedLift | None]

#: Rate at which postures are taken from clips, in Hz. Chosen: neighbouring frames look alike.
_CLIP_HZ = 10.0

#: Scales of each picture in which the lifter is found, each also mirrored. Chosen: one pose alone
#: has the pose stage's error of a single frame.
_LOOK_SCALES = (1.0, 0.8, 0.6)

#: Name of the table that labels clips.
_CLIPS_CSV = "CLIPS.csv"


@dataclass(frozen=True, eq=False)
class LabelledPoses:
    """Labelled postures of one source.

    Attributes:
        source: Name of the folder or table.
        xy_px: float32 (n, 15, 2), MPI-15 joints, NaN where unseen, origin top left.
        confidence: float32 (n, 15), 0..1.
        label: float64 (n,), 1 good, 0 bad.
        group: (n,) strings, the lifter or recording of each posture.
        clip: (n,) strings, the clip or picture of each posture.
        turn_deg: float64 (n,), measured turn of the body from side-on, NaN if it was not.
    """

    source: str
    xy_px: F32
    confidence: F32
    label: F64
    group: NDArray[np.str_]
    clip: NDArray[np.str_]
    turn_deg: F64


def read(
    path: Path,
    find_lifter: FindLifter,
    observe_clip: ObserveClip,
    limits: SourceLimits = DEFAULT_LIMITS,
) -> LabelledPoses:
    """Read a folder or table of labelled postures in any of the formats above.

    Args:
        path: the folder or table.
        find_lifter: finds the lifter in a picture.
        observe_clip: observes the main lifter's lift in a video file.
        limits: largest pictures that are read.

    Raises:
        UsageError: nothing in it can be read, or a file in it is damaged.
    """
    if path.suffix == ".csv" and path.is_file():
        rows = list(mediapipe(path))
    elif path.is_dir():
        rows = [
            *_pictures(path, find_lifter, limits),
            *_clips(path, observe_clip),
            *coco_files(path),
            *sequences(path),
        ]
    else:
        raise UsageError(f"{path} is neither a folder nor a CSV table of labelled postures")
    if not rows:
        raise UsageError(
            f"{path} holds no labelled postures: good/ and bad/ folders of pictures, clips with a "
            f"{_CLIPS_CSV}, good…/bad… folders of COCO-18 JSON, BODY_25 sequences, or a "
            "MediaPipe-33 table (see docs/score.md)"
        )
    xy, confidence, *columns = zip(*rows, strict=True)
    return LabelledPoses(path.name, np.stack(xy), np.stack(confidence), *map(np.array, columns))


def _pictures(path: Path, find_lifter: FindLifter, limits: SourceLimits) -> Iterator[Row]:
    """Pictures, each with several poses (see `_LOOK_SCALES`)."""
    for folder, label in LABELS.items():
        for file in sorted((path / folder).glob("*")):
            if file.suffix.lower() not in IMAGE_SUFFIXES:
                continue
            with open_source(file, limits) as source:
                image = next(source.frames()).image.copy()
            name = f"{folder}/{file.name}"
            for scale in _LOOK_SCALES:
                small = shrink(image, round(scale * max(image.shape[:2])))
                for look in (small, np.ascontiguousarray(small[:, ::-1])):
                    person = find_lifter(look)
                    if person is not None:
                        yield Row(
                            person.xy_px, person.confidence, label, name, name, person.turn_deg
                        )


def _clips(path: Path, observe_clip: ObserveClip) -> Iterator[Row]:
    """Clips of a `CLIPS.csv` (file, video_label, lifter_group): the frames of their repetitions.

    Outside repetitions the lifter stands around, in bad clips as in good ones. Those frames count
    only where a clip has no repetition.
    """
    table = path / _CLIPS_CSV
    if not table.is_file():
        return
    for entry in csv_rows(table, ("file", "video_label", "lifter_group")):
        label = LABELS.get(entry["video_label"].partition(":")[0])
        file = path / Path(entry["file"]).name
        lift = observe_clip(file) if label is not None and file.exists() else None
        if lift is None or label is None:
            continue
        motion = lift.motion
        fps = 1 / max(float(np.median(np.diff(motion.time_s))), 1e-3) if len(motion) > 1 else 1
        rows = rows_of_reps(lift.reps, len(motion))
        for row in rows[:: max(1, round(fps / _CLIP_HZ))]:
            yield Row(
                motion.xy_px[row].astype(np.float32),
                motion.confidence[row].astype(np.float32),
                label,
                entry["lifter_group"] or file.name,
                file.name,
                motion.turn_deg,
            )
