"""Renders the report of an analysis, and reads its text."""

import html
import re
from dataclasses import replace

import numpy as np

from services.writer import report


def render_page(one, path="/clips/lift.mp4", with_pictures=True):
    image = np.full((240, 320, 3), 90, np.uint8)
    pictures = {}
    if with_pictures:
        requests = [s for of_frame in report.requested_pictures(one).values() for s in of_frame]
        pictures = {shot.key: report.take_picture(shot, image) for shot in requests}
    return report.render(replace(one, source=replace(one.source, path=path)), pictures)


def text_of(page):
    """The page's text, without tags and line breaks."""
    body = re.sub(r"<style>.*?</style>", "", page, flags=re.S)
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)))
