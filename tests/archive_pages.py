"""The page of an archive with made-up results: some without a score, some without a result."""

import base64
from functools import cache

import cv2
import numpy as np

from coach.archive.rows import Row
from coach.archive.summary import page_of

#: The name of a recording that would be markup, if it were put into the page as it is.
HOSTILE = "</script><img src=x onerror=alert(1)>&lt;b&gt;.mp4"


@cache
def picture(grey):
    _, data = cv2.imencode(".webp", np.full((64, 48, 3), grey, np.uint8))
    return "data:image/webp;base64," + base64.b64encode(data.tobytes()).decode()


def row(number):
    """One of every ten has no deadlift, one no clear score, one cannot be judged, one no result."""
    camera, day = f"cam{number % 3 + 1}", f"2026-01-{number % 28 + 1:02d}"
    place = f"{camera}/{day}/{number:05d}"
    known = {"recording": f"{place}.mp4", "camera": camera, "recorded": f"{day} 18:30:00"}
    kind = number % 10
    if kind == 1:
        return Row(**known, state="unreadable", error=f"{place}.mp4 cannot be read as a video")
    known |= {"state": "done", "result": place, "href": f"./{place}/report.html"}
    known["thumbnail"] = picture(number % 200)
    if kind == 2:
        return Row(**known, reps=0, said="No rep in this clip")
    if kind == 3:
        return Row(**known, reps=5, said="No score for this set. 5 reps")
    score = 0.2 + (number % 7) / 10
    verdict = "unclear" if kind == 4 else "good" if score > 0.5 else "poor"
    score = 0.99 if kind == 4 else score
    return Row(
        **known, reps=number % 6 + 1, score=score, score_low=score - 0.1, score_high=score + 0.01,
        verdict=verdict, said="Rounded back in reps 2–4. 5 reps, also hips shoot up",
        faults=("rounded back",) if number % 2 else ("hips shoot up", "bar drifts"),
    )  # fmt: skip


def archive_page(rows, name="gym & sons"):
    """The page of an archive with `rows` results; the first has a hostile name."""
    made = [row(number) for number in range(rows)]
    made[0] = Row(recording=f"cam1/{HOSTILE}", camera="<b>cam1", state="failed", error="<i>why")
    return page_of(made, name)
