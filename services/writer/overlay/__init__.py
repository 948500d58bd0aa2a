"""Draws the analysis on frames: skeletons, score, repetitions, bar path, faults. Pure.

Everything scales with the picture, and only the pixels near what is drawn are touched.
"""

from collections.abc import Sequence
from functools import cached_property

from services.writer.overlay.angle import AngleDrawing
from services.writer.overlay.banner import Banner
from services.writer.overlay.bar import BarDrawing
from services.writer.overlay.body import BodyDrawing
from services.writer.overlay.frame import OverlayFrame
from services.writer.overlay.notice import Notice
from services.writer.overlay.panel import Panel
from services.writer.overlay.pen import Pen
from services.writer.overlay.strip import Strip
from services.writer.overlay.text import Image
from shared.data.analysis import Analysis

__all__ = ["Overlay", "OverlayFrame"]


class Overlay:
    """Draws on the frames of one clip, all of one size."""

    def __init__(self, analysis: Analysis, amount: str = "full") -> None:
        """Prepare what does not change from frame to frame.

        Args:
            analysis: what is drawn.
            amount: how much is drawn: "full", "minimal" (skeletons, score and repetition), "none",
                or "bodies" (lifters only).
        """
        self._analysis, self._amount = analysis, amount
        source, lifters = analysis.source, analysis.lifters
        self._pen = pen = Pen.of(source.width, source.height)
        self._bodies = [BodyDrawing(lifter, pen) for lifter in lifters]
        self._angles = [AngleDrawing(lifter, pen) for lifter in lifters]
        self._bars = [BarDrawing(lifter, pen) for lifter in lifters]

    # What is written is prepared once it is drawn: its letters take 20 ms, and not all clips or
    # amounts have it.

    @cached_property
    def _panel(self) -> Panel:
        return Panel(self._analysis, self._pen, with_time=self._amount == "full")

    @cached_property
    def _strip(self) -> Strip:
        return Strip(self._analysis, self._pen, self._analysis.source.duration_s)

    @cached_property
    def _banner(self) -> Banner:
        return Banner(self._analysis.lifters, self._pen)

    @cached_property
    def _notice(self) -> Notice | None:
        refusal = self._analysis.refusal
        return Notice(refusal, self._pen) if refusal else None

    def draw(self, image: Image, time_s: float, frames: Sequence[OverlayFrame]) -> None:
        """Draw on a BGR image, uint8 (height, width, 3), in place.

        Args:
            image: the frame.
            time_s: the frame's time.
            frames: each lifter of the analysis at that time.
        """
        if self._amount == "none":
            return
        if self._amount == "full":
            for bar in self._bars:
                bar.draw(image, time_s)
        self._draw_bodies(image, frames)
        if self._amount == "bodies":
            return
        if self._notice is not None:
            self._notice.draw(image)
            return
        if self._amount == "full":
            self._strip.draw(image, time_s)
            self._banner.draw(image, time_s, self._panel.bottom_px)
        self._panel.draw(image, time_s, frames[0])

    def _draw_bodies(self, image: Image, frames: Sequence[OverlayFrame]) -> None:
        for number, (frame, body, angle) in enumerate(
            zip(frames, self._bodies, self._angles, strict=True), start=1
        ):
            lifter = frame.lifter
            if lifter is None:
                continue
            body.draw(image, lifter, frame.is_interpolated)
            if self._amount != "minimal":
                body.draw_sole(image, lifter)
            if self._amount == "full":
                angle.draw(image, lifter)
            if len(frames) > 1:
                body.write_number(image, lifter, number)
