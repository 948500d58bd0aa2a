"""What is drawn of one lifter at one frame of the source. Pure."""

from dataclasses import dataclass

from shared.data.analysis import LifterFrame


@dataclass(frozen=True, slots=True, eq=False)
class OverlayFrame:
    """One lifter at one frame of the source.

    Attributes:
        lifter: the lifter's analysed or interpolated frame; None before the first analysed one.
        is_interpolated: whether this frame was not analysed itself.
    """

    lifter: LifterFrame | None
    is_interpolated: bool
