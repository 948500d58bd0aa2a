"""Draws overlays on plain frames, for tests that look at the pixels."""

from dataclasses import replace

import numpy as np

from services.writer.overlay import Overlay, OverlayFrame

#: Brightness of the frames that are drawn on.
GREY = 200

#: Usual sizes of clips, down to the smallest, upright ones too: width, height.
SIZES = [(284, 160), (426, 240), (240, 426), (640, 360), (1080, 1920), (1920, 1080)]


def analysed(frame):
    """A lifter's frame as it is drawn where it was analysed itself."""
    return OverlayFrame(frame, is_interpolated=False)


def interpolated(frame):
    """A lifter's frame as it is drawn where it was not."""
    return OverlayFrame(frame, is_interpolated=True)


def drawn(one, time_s, size_px=(320, 240), amount="full", frames=None, brightness=GREY):
    """A grey picture with the overlay of an analysis of 10 frames a second at a time.

    frames: what is drawn of each lifter; of each the analysed frame if not given.
    """
    image = np.full((size_px[1], size_px[0], 3), brightness, np.uint8)
    source = replace(one.source, width=size_px[0], height=size_px[1])
    frames = frames or [analysed(lifter.frames[round(time_s * 10)]) for lifter in one.lifters]
    Overlay(replace(one, source=source), amount).draw(image, time_s, frames)
    return image


def inked(image, brightness=GREY):
    """First and last row, first and last column that differ from the plain frame."""
    rows, columns = np.nonzero((image != brightness).any(-1))
    return rows.min(), rows.max(), columns.min(), columns.max()


def has_colour(image, colour, at_least=3):
    """Whether some pixels are of nearly this colour, BGR."""
    return (np.abs(image.astype(int) - colour).max(-1) < 12).sum() >= at_least
