"""Labelled lifts to train on, from clips and from tables of keypoints in two or three dimensions.

    clips with a CLIPS.csv beside them         label by clip, `good` or `bad…`
    folders good… and bad… of COCO-18 JSON     label by folder
    BODY_25 sequences                          label by `condition`
    3D skeletons, g_*.txt and b_*.txt          label by name

All are observed as an analysis observes them. What finds the lift in a clip is passed in, since the
pose stage is a service of its own.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.scorer.observe import ObservedLift, observe_lift
from training.athletes import Athletes
from training.people_tables import body_25_recordings, coco_recordings
from training.recordings import LABELS, Recording
from training.skeleton_tables import skeleton_recordings
from training.table_files import csv_rows

#: Observes the main lifter's lift in a clip, None if nobody is there.
ObserveClip = Callable[[Path], ObservedLift | None]

#: Name of the table that labels clips.
CLIPS_CSV = "CLIPS.csv"


@dataclass(frozen=True, eq=False)
class LabelledLift:
    """A labelled lift.

    Attributes:
        source: Name of the folder it comes from.
        file: Its file within the folder.
        athlete: The lifter; one name is one lifter in all sources.
        label: 1 good, 0 bad.
        condition: The label in the source's words.
        lift: What was observed.
    """

    source: str
    file: str
    athlete: str
    label: int
    condition: str
    lift: ObservedLift


def read_lifts(
    path: Path, observe_clip: ObserveClip, athletes: Athletes, turns_deg: Sequence[float] = (0.0,)
) -> list[LabelledLift]:
    """Read all labelled lifts of a folder; none where it holds none.

    Args:
        path: the folder.
        observe_clip: observes the main lifter's lift in a video file.
        athletes: who is seen in which file.
        turns_deg: turns from side-on at which 3D skeletons are filmed, each a source of its own.

    Raises:
        UsageError: a file in it is damaged.
    """
    if not path.is_dir():
        return []
    lifts = list(_clips(path, observe_clip, athletes))
    for recording in (*coco_recordings(path), *body_25_recordings(path)):
        lifts.append(_lift_of(path.name, path.name, recording, athletes))
    for turn_deg in turns_deg:
        source = path.name if not turn_deg else f"{path.name} at {turn_deg:g}°"
        for recording in skeleton_recordings(path, turn_deg):
            lifts.append(_lift_of(source, path.name, recording, athletes))
    return lifts


def _lift_of(source: str, folder: str, recording: Recording, athletes: Athletes) -> LabelledLift:
    return LabelledLift(
        source=source,
        file=recording.file,
        athlete=athletes.of(folder, recording.file, recording.lifter),
        label=recording.label,
        condition=recording.condition,
        lift=observe_lift(recording.seen),
    )


def _clips(path: Path, observe_clip: ObserveClip, athletes: Athletes) -> Iterator[LabelledLift]:
    """Clips of a `CLIPS.csv` (file, video_label, lifter_group)."""
    table = path / CLIPS_CSV
    if not table.is_file():
        return
    for entry in csv_rows(table, ("file", "video_label", "lifter_group")):
        label = LABELS.get(entry["video_label"].partition(":")[0])
        file = path / Path(entry["file"]).name
        lift = observe_clip(file) if label is not None and file.exists() else None
        if lift is None or label is None:
            continue
        athlete = athletes.of(path.name, file.name, entry["lifter_group"])
        yield LabelledLift(path.name, file.name, athlete, label, entry["video_label"], lift)
