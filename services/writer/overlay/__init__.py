"""Draws the analysis on frames: skeletons, score, repetitions, bar path, faults. Pure.

Everything scales with the picture, and only the pixels near what is drawn are touched.
"""

from collections.abc import Sequence

import numpy as np

from services.writer.overlay.body import BodyDrawing
from services.writer.overlay.pen import FAINT, PANEL, TEXT, Image, Pen, colour_of, shade
from services.writer.overlay.strip import Strip
from shared.messages import Analysis, Fault, LifterFrame

#: A fault's name stays at least so long, seconds: less cannot be read.
_MIN_SHOWN_S = 0.9

#: A lifter at one frame, and whether that was interpolated from neighbouring frames.
Seen = tuple[LifterFrame | None, bool]


class Overlay:
    """Draws on the frames of one clip, all of one size."""

    def __init__(
        self,
        analysis: Analysis,
        width_px: int,
        height_px: int,
        duration_s: float,
        amount: str = "full",
    ) -> None:
        """Prepare what does not change from frame to frame.

        Args:
            analysis: what is drawn.
            width_px: of the frames.
            height_px: of the frames.
            duration_s: of the clip.
            amount: as `JobOptions.overlay`, or "bodies" for the lifters alone.
        """
        self._lifter, self._amount = analysis.lifter, amount
        self._pen = Pen.of(width_px, height_px)
        self._bodies = [BodyDrawing(lifter, self._pen) for lifter in analysis.lifters]
        self._strip = Strip(self._lifter, self._pen, duration_s)

    def draw(self, image: Image, time_s: float, lifters: Sequence[Seen]) -> None:
        """Draw on a BGR image, uint8 (height, width, 3), in place.

        Args:
            image: the frame.
            time_s: the frame's time.
            lifters: each lifter of the analysis at that time, None for nothing.
        """
        if self._amount == "none":
            return
        full = self._amount == "full"
        for body, (frame, guessed) in zip(self._bodies, lifters, strict=True):
            if frame is not None:
                body.draw(image, frame, guessed, details=full)
        self._number(image, lifters)
        if self._amount == "bodies":
            return
        if full:
            self._strip.draw(image, time_s)
            fault = self._fault_at(time_s)
            if fault is not None:
                bottom = self._pen.height - self._strip.height_px
                self._pen.banner(image, f"rep {fault.rep}: {fault.name}", bottom)
        self._draw_panel(image, time_s, *lifters[0])

    def _number(self, image: Image, lifters: Sequence[Seen]) -> None:
        """Where two lift, say which is which."""
        if len(lifters) < 2:
            return
        for number, (frame, _) in enumerate(lifters, start=1):
            if frame is not None and frame.person is not None:
                left, top = (round(float(v)) for v in frame.box_px[:2])
                self._pen.label(image, f"lifter {number}", (left, top), TEXT)

    def _draw_panel(
        self, image: Image, time_s: float, frame: LifterFrame | None, guessed: bool
    ) -> None:
        width, height = (round(side * self._pen.text_unit) for side in PANEL)
        shade(image[:height, :width])
        if frame is None or frame.person is None:
            number, colour = "--", FAINT
            small = "frame not analysed" if guessed else "no lifter found"
        elif not np.isfinite(frame.score):
            number, colour = "--", FAINT
            small = "too little is seen"
        else:
            number, colour = f"{frame.score:.2f}", colour_of(frame.score)
            small = "posture score"
        self._pen.write(image, number, (8, 30), 1.0, colour, 2.0)
        self._pen.write(image, small, (8, 43), 0.34, TEXT)
        self._pen.write(image, self._rep_line(time_s, frame), (8, 56), 0.38, TEXT)
        # An interpolated frame took no time of its own.
        took = f"  pose {frame.pose_ms:.0f} ms" if frame is not None and not guessed else ""
        self._pen.write(image, f"{time_s:.2f} s{took}", (8, 69), 0.34, FAINT)

    def _rep_line(self, time_s: float, frame: LifterFrame | None) -> str:
        """Repetition and phase: "rep 3/10  pull"."""
        reps = self._lifter.reps
        begun = sum(rep.start_s <= time_s for rep in reps)
        counter = f"rep {begun}/{len(reps)}" if reps else "no rep"
        return f"{counter}  {frame.phase}" if frame is not None and frame.phase else counter

    def _fault_at(self, time_s: float) -> Fault | None:
        """The surest fault that holds now."""
        now = [
            fault
            for fault in self._lifter.faults
            if fault.from_s <= time_s <= max(fault.to_s, fault.from_s + _MIN_SHOWN_S)
        ]
        return max(now, key=lambda fault: fault.confidence, default=None)
