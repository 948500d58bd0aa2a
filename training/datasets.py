"""Labelled postures to train on, from pictures, clips and tables of key points.

    good/ and bad/ folders of pictures         label by folder; each picture is a group
    clips with a CLIPS.csv beside them         label by clip, `good` or `bad…`; a lifter is a group
    folders of COCO-18 JSON files              label by folder name good…/bad…; a file is a group
    BODY_25 sequence JSON files                label by `condition`; a subject is a group
    MediaPipe-33 CSV, a row a posture          label by `class`; the table is a group

A group is what is never split between training and test: a lifter where that is known, else what
was filmed at one go. Within it each clip counts the same, whatever its number of frames. What finds
joints in pictures and clips is passed in: poses are another service's.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.scorer.motion.motion import Motion
from services.scorer.reps.find import find_reps
from shared.data.messages import Person
from shared.data.skeleton import F32
from shared.errors import UsageError
from shared.media.images import IMAGE_SUFFIXES
from shared.media.resize import shrink
from shared.media.source import open_source
from training.keypoint_tables import LABELS, Row, coco_files, csv_rows, mediapipe, sequences

#: Finds the lifter in a BGR picture, None if nobody is there.
FindLifter = Callable[[NDArray[np.uint8]], Person | None]

#: The main lifter's motion in a clip, None if nobody is there.
FindMotion = Callable[[Path], Motion | None]

#: Of clips, postures at this rate: neighbours say the same.
_CLIP_HZ = 10.0

#: A picture is looked at in these shares of its size, each as it is and in a mirror.
_LOOKS = (1.0, 0.8, 0.6)

#: Names of the table that labels clips.
_CLIPS_CSV = "CLIPS.csv"


@dataclass(frozen=True, eq=False)
class LabelledPoses:
    """Postures of one source.

    xy_px: float32 (n, 15, 2); confidence: float32 (n, 15); label: float64 (n,), 1 good, 0 bad;
    group, clip: (n,) strings.
    """

    source: str
    xy_px: F32
    confidence: F32
    label: NDArray[np.float64]
    group: NDArray[np.str_]
    clip: NDArray[np.str_]


def read(path: Path, find_lifter: FindLifter, find_motion: FindMotion) -> LabelledPoses:
    """Read a folder or table of labelled postures, whatever its format.

    Raises:
        UsageError: nothing in it can be read, or a file in it is damaged.
    """
    if path.suffix == ".csv" and path.is_file():
        rows = list(mediapipe(path))
    elif path.is_dir():
        rows = [
            *_pictures(path, find_lifter),
            *_clips(path, find_motion),
            *coco_files(path),
            *sequences(path),
        ]
    else:
        raise UsageError(f"{path} is no folder or CSV table of labelled postures")
    if not rows:
        raise UsageError(
            f"{path} holds no labelled postures: good/ and bad/ folders of pictures, clips with a "
            f"{_CLIPS_CSV}, good…/bad… folders of COCO-18 JSON, BODY_25 sequences, or a "
            "MediaPipe-33 table (see docs/score.md)"
        )
    xy, confidence, label, group, clip = zip(*rows, strict=True)
    return LabelledPoses(
        path.name, np.stack(xy), np.stack(confidence), *map(np.array, (label, group, clip))
    )


def _pictures(path: Path, find_lifter: FindLifter) -> Iterator[Row]:
    """Pictures, each looked at several times: a single look is off by as much as one frame is."""
    for folder, label in LABELS.items():
        for file in sorted((path / folder).glob("*")):
            if file.suffix.lower() not in IMAGE_SUFFIXES:
                continue
            with open_source(file) as source:
                image = next(source.frames()).image.copy()
            name = f"{folder}/{file.name}"
            for share in _LOOKS:
                small = shrink(image, round(share * max(image.shape[:2])))
                for look in (small, np.ascontiguousarray(small[:, ::-1])):
                    person = find_lifter(look)
                    if person is not None:
                        yield Row(person.xy_px, person.confidence, label, name, name)


def _clips(path: Path, find_motion: FindMotion) -> Iterator[Row]:
    """Clips of a `CLIPS.csv` (file, video_label, lifter_group); their repetitions' frames.

    Before, between and after repetitions the lifter stands about, in a bad clip as in a good one.
    """
    table = path / _CLIPS_CSV
    if not table.is_file():
        return
    for row in csv_rows(table, ("file", "video_label", "lifter_group")):
        label = LABELS.get(row["video_label"].partition(":")[0])
        file = path / Path(row["file"]).name
        motion = find_motion(file) if label is not None and file.exists() else None
        if motion is None or label is None:
            continue
        reps = find_reps(motion)
        spans = [np.arange(rep.start, rep.end + 1) for rep in reps]
        rows = np.concatenate(spans) if spans else np.arange(len(motion))
        fps = 1 / max(float(np.median(np.diff(motion.time_s))), 1e-3) if len(motion) > 1 else 1
        for place in rows[:: max(1, round(fps / _CLIP_HZ))]:
            xy, sure = motion.xy_px[place], motion.confidence[place]
            yield Row(
                xy.astype(np.float32),
                sure.astype(np.float32),
                label,
                row["lifter_group"] or file.name,
                file.name,
            )
