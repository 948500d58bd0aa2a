"""The poses of a whole clip: the result of the pose stage and the input of judging."""

from dataclasses import dataclass

from shared.data.analysis import PoseRecord, SourceRecord
from shared.data.messages import EndReason, FramePoses


@dataclass(frozen=True, eq=False)
class Poses:
    """The people, their joints and the plates near them in each analysed frame.

    Attributes:
        source: The clip.
        pose: How poses were found.
        frames: The analysed frames in order; each has `people`, with `xy_px` (15, 2) in pixels of
            the source and `confidence` (15,), and `plates`.
        end_reason: Why the frames ended.
        skipped_frames: How many of the frames nobody looked at, because no worker could process
            them; nobody is seen in these.
    """

    source: SourceRecord
    pose: PoseRecord
    frames: tuple[FramePoses, ...]
    end_reason: EndReason = EndReason.COMPLETE
    skipped_frames: int = 0

    def __len__(self) -> int:
        return len(self.frames)


def duration_s(frames: int, fps: float, last: FramePoses | None) -> float:
    """Time from the start of a clip to the end of its last frame, seconds.

    The last frame lasts one frame at the mean rate.

    Args:
        frames: how many the source has.
        fps: its mean rate.
        last: the last analysed frame; None if there is none.
    """
    if last is None:
        return frames / fps
    return last.time_s + (frames - last.index) / fps
