"""Draws the analysis on frames: skeletons, score, repetitions, bar path, faults. Pure.

Everything scales with the picture, and only the pixels near what is drawn are touched.
"""

from collections.abc import Sequence

from services.writer.overlay.banner import Banner
from services.writer.overlay.bar import BarDrawing
from services.writer.overlay.body import BodyDrawing
from services.writer.overlay.panel import Panel
from services.writer.overlay.pen import Pen
from services.writer.overlay.strip import Strip
from services.writer.overlay.text import Image
from shared.data.analysis import Analysis, LifterFrame

__all__ = ["Overlay", "OverlayFrame"]

#: A lifter at one frame, and whether that was interpolated from neighbouring frames.
OverlayFrame = tuple[LifterFrame | None, bool]


class Overlay:
    """Draws on the frames of one clip, all of one size."""

    def __init__(
        self,
        analysis: Analysis,
        amount: str = "full",
    ) -> None:
        """Prepare what does not change from frame to frame.

        Args:
            analysis: what is drawn.
            amount: as `JobOptions.overlay`, or "bodies" for the lifters alone. "minimal" draws
                skeletons, score and repetition.
        """
        self._amount = amount
        source = analysis.source
        pen = Pen.of(source.width, source.height)
        self._bodies = [BodyDrawing(lifter, pen) for lifter in analysis.lifters]
        self._bars = [BarDrawing(lifter, pen) for lifter in analysis.lifters]
        self._panel = Panel(analysis, pen, with_time=amount == "full")
        self._strip, self._banner = (
            Strip(analysis, pen, source.duration_s),
            Banner(analysis.lifters, pen),
        )

    def draw(self, image: Image, time_s: float, lifters: Sequence[OverlayFrame]) -> None:
        """Draw on a BGR image, uint8 (height, width, 3), in place.

        Args:
            image: the frame.
            time_s: the frame's time.
            lifters: each lifter of the analysis at that time, None for nothing.
        """
        if self._amount == "none":
            return
        full = self._amount == "full"
        if full:
            for bar in self._bars:
                bar.draw(image, time_s)
        self._draw_bodies(image, lifters, with_angles=full)
        if self._amount == "bodies":
            return
        if full:
            self._strip.draw(image, time_s)
            self._banner.draw(image, time_s, self._panel.bottom_px)
        self._panel.draw(image, time_s, *lifters[0])

    def _draw_bodies(
        self, image: Image, lifters: Sequence[OverlayFrame], with_angles: bool
    ) -> None:
        for number, (body, (frame, guessed)) in enumerate(
            zip(self._bodies, lifters, strict=True), start=1
        ):
            if frame is None:
                continue
            body.draw(image, frame, guessed)
            if self._amount != "minimal":
                body.draw_sole(image, frame)
            if with_angles:
                body.draw_angle(image, frame)
            if len(lifters) > 1:
                body.name(image, frame, number)
