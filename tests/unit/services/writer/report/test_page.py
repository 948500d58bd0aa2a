"""The page's text; how it looks is tested in `tests/browser`."""

import html
import re
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from analyses import (
    IN_TRUNKS,
    NAN,
    analysis,
    changed,
    contribution,
    fault,
    frame,
    lifter_set,
    nobody,
)
from report_pages import render_page, text_of

from services.writer import report
from shared.data.analysis import NotJudged, Partial

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}{% raw %}",  # a template is not made of what comes from outside
    "</title><b>&amp;",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_text_from_outside_is_escaped(text):
    name = text.replace("/", "-")
    kinds = ("Warning", "Fault", "cue", "reason", "Rule", "why", "Cost", "Unscored")
    places = {kind.lower(): f"{kind} {text}" for kind in kinds}
    hostile = lifter_set(
        warnings=(places["warning"],),
        not_judged=(NotJudged("heels_lift", places["rule"], places["why"]),),
        faults=(fault(2, name=places["fault"], cue=places["cue"], reason=places["reason"]),),
        contributions=(contribution(text=places["cost"]),),
        unscored=places["unscored"],
    )
    page = render_page(analysis(hostile), f"/clips/{name}.mp4", with_pictures=False)
    assert page.count(escaped(name)) >= 2  # title and heading
    page += render_page(
        analysis(changed(hostile, faults=(), unscored="")), f"/clips/{name}.mp4", False
    )
    for place, shown in places.items():
        assert escaped(shown) in page, place
    for unescaped in ("<script", "<img", "<b>&"):
        assert unescaped not in page


def escaped(text):
    return html.escape(text).replace("&quot;", "&#34;").replace("&#x27;", "&#39;")


def test_a_file_name_that_is_not_text_still_gives_a_page():
    render_page(analysis(), "/clips/Kreuzheben_\udcfc.mp4").encode()


def test_the_page_loads_nothing_from_elsewhere():
    page = render_page(analysis())
    assert not re.findall(r"https?://|<script|<link|url\(", page)
    # Three thumbnails a rep, the worst moment beside the best rep, the bar's path.
    assert page.count("data:image/jpeg;base64,") == 3 * 3 + 3
    assert all(" alt=" in tag for tag in re.findall(r"<img [^>]*>", page))


def test_the_page_says_what_was_found():
    text = text_of(render_page(analysis(warnings=("a warning",))))
    for sentence in (
        "Hips shoot up in rep 2 3 reps.",
        "Score 0.74 (0.63–0.82)",
        "7 of 10 coaches would call this good; it may be 6 to 8.",
        "Do this first Push the floor away",
        "Why: Hips shoot up in rep 2: 17°, where 10° is the limit.",
        "How sure: Sure: seen in 1 of 3 reps.",
        "hips 14° too low at the start",
        "Why this limit Hips and shoulders rise together.",
        "Heels lift : the feet are not seen.",
        "A warning.",
        "The picture leans a little.",
        "The last rep was 8 % slower than the fastest.",
        "Camera : from the side",
        "every frame analysed",
    ):
        assert sentence in text, sentence


def test_what_is_said_first_comes_first():
    text = text_of(render_page(analysis()))
    order = (
        "Hips shoot up in rep 2", "Score", "Do this first", "Why:", "How sure:", "Rep by rep",
        "The bar", "Faults", "How far to trust this", "How this was made", "SHA-256",
    )  # fmt: skip
    places = [text.index(one) for one in order]
    assert places == sorted(places)


def test_the_page_has_a_date_where_it_is_known():
    one = analysis()
    assert "27 November 2026" in text_of(report.render(one, {}, date(2026, 11, 27)))
    assert "2026" not in text_of(report.render(one, {}))


def test_the_deviation_is_drawn_on_the_worst_moment():
    page = render_page(analysis())
    worst, best = re.findall(r'<svg class="photo marked (\w+)".*?</svg>', page, re.S)
    assert (worst, best) == ("wrong", "right")
    drawn = re.search(r'<svg class="photo marked wrong".*?</svg>', page, re.S)[0]
    assert ">17°</text>" in drawn
    assert 'class="usual"' in drawn
    assert "off by 17°" in drawn
    copied = re.search(r'<svg class="photo marked right".*?</svg>', page, re.S)[0]
    assert "<text" not in copied
    assert 'class="usual"' not in copied


def test_an_earlier_set_is_shown_beside_this_one():
    then = report.Earlier(
        analysis(lifter_set(reps=2), path="/clips/october.mp4"), date(2026, 10, 1)
    )
    one = analysis(lifter_set(faults=(), not_judged=()))
    text = text_of(report.render(one, {}, date(2026, 11, 27), then))
    for part in (
        "Beside your earlier set Earlier: october.mp4",
        "Analysed then 1 October 2026 now 27 November 2026",
        "Score then 0.74 (0.63–0.82) now 0.74 (0.63–0.82) no clear difference",
        "Reps then 2 now 3",
        "gone: hips shoot up",
    ):
        assert part in text, part
    assert "Beside your earlier set" not in text_of(report.render(one, {}))


def test_a_partial_repetition_is_marked():
    lifter = lifter_set(reps=2, faults=())
    partial = replace(lifter.reps[1], partial=Partial.NO_END, eccentric_s=NAN, end_s=NAN)
    text = text_of(render_page(analysis(changed(lifter, reps=(lifter.reps[0], partial)))))
    assert "cut off by the end of the film" in text
    assert "no fault seen in what could be judged" in text
    assert "nan" not in text.lower()


def test_a_value_that_is_too_low_is_short_of_its_limit():
    low = fault(2, "squatted", name="squatted start", value=-3.0, threshold=8.0)
    page = render_page(analysis(lifter_set(faults=(low,))))
    assert "-3°, where at least 8° is needed" in text_of(page)
    assert ">11°</text>" in page  # what is missing


def test_a_habit_names_its_repetitions_as_a_range():
    habit = tuple(fault(n) for n in (2, 3, 4))
    text = text_of(render_page(analysis(lifter_set(reps=4, faults=habit))))
    assert "Hips shoot up in reps 2–4" in text


def test_velocities_of_partial_repetitions_are_marked():
    lifter = lifter_set(reps=2, faults=())
    partial = replace(lifter.reps[0], partial=Partial.NO_START)
    pages = [
        render_page(analysis(changed(lifter, reps=(first, lifter.reps[1]))))
        for first in (partial, lifter.reps[0])
    ]
    for mark in ('class="bar pale"', "<small>the film begins", "shows only a part of the rep"):
        assert [page.count(mark) for page in pages] == [1, 0], mark


def test_the_bars_path_is_of_the_shot_it_is_drawn_on():
    whole = lifter_set(reps=2, faults=())
    cut = tuple(replace(f, shot=int(f.time_s >= 3.6)) for f in whole.frames)
    pages = [render_page(analysis(replace(whole, frames=frames))) for frames in (whole.frames, cut)]
    assert [page.count('class="way"') for page in pages] == [2, 1]


def test_only_metres_have_intervals():
    lifter = lifter_set()
    in_trunks = changed(lifter, bar=IN_TRUNKS)
    metres, trunks = (text_of(render_page(analysis(one))) for one in (lifter, in_trunks))
    assert "60 58–65" in metres  # 0.6 m at 110 to 125 instead of 120 pixels a metre
    assert "0.48 m/s" in metres
    assert "58–65" not in trunks
    assert "about 0.24 m/s" in trunks  # of a usual trunk of 50 cm
    assert "your trunk counts as 50 cm" in trunks
    for text in (metres, trunks):
        assert not re.search(r"trunks?/s|trunk lengths", text)


def test_a_second_lifter_has_a_section_of_its_own():
    two = analysis(lifter_set(place=0.3), lifter_set(reps=2, place=0.7))
    text = text_of(render_page(two))
    first, second = text.split("Lifter 2")
    assert "Hips shoot up in rep 2 3 reps" in first
    assert "Hips shoot up in rep 2 2 reps" in second
    ids = re.findall(r' id="([^"]+)"', render_page(two))
    assert sorted(ids) == ["1-hips_shoot_up", "2-hips_shoot_up"]


def test_a_clip_without_a_lifter_says_so_and_invents_nothing():
    text = text_of(render_page(analysis(nobody(), warnings=("nobody was found in this clip",))))
    assert text.count("Nobody was found in this clip") == 1
    for absent in ("nan", "could not be judged", "Camera tilt", "Hidden", "best", "Score"):
        assert absent not in text


def test_a_lifter_without_a_repetition_has_a_picture():
    still = lifter_set(reps=0, faults=())
    still = replace(still, frames=tuple(frame(i, i / 10, 0.2) for i in range(8)))
    page = render_page(analysis(still))
    assert "No rep in this clip The bar was not seen to go from the floor" in text_of(page)
    assert "How far to trust" not in page  # there is nothing to trust
    assert page.count("data:image/jpeg;base64,") == 1


def test_limbs_replace_missing_pictures():
    page = render_page(analysis(), with_pictures=False)
    assert "data:image" not in page.replace("img-src data:", "")
    assert page.count('class="limb ') == (3 * 3 + 3) * 14  # of an MPI-15 skeleton
    assert 'class="way"' in page  # the bar's path


@pytest.mark.parametrize("reps", [30, 100])
def test_the_page_of_a_long_set_is_small_enough_for_mail(reps):
    size = (960, 540)
    names = "abcdefghij"
    faults = tuple(
        fault(n, kind, shown_at=10 * n + i) for n in (2, 3) for i, kind in enumerate(names)
    )
    one = analysis(lifter_set(reps, fps=3, size_px=size, faults=faults), size_px=size)
    noise = np.random.default_rng(0).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    requests = [s for of_frame in report.requested_pictures(one).values() for s in of_frame]
    pictures = {shot.key: report.take_picture(shot, noise) for shot in requests}
    page = report.render(one, pictures)
    assert len(page.encode()) < 6_000_000
    assert text_of(page).count("mid-pull") == min(reps, 60)
    assert f"Rep {reps}" in text_of(page)


def test_the_first_thing_to_do_is_not_said_twice():
    lifter = lifter_set(
        faults=(
            fault(1, "heels_lift", name="heels lift", confidence=0.95, cue="Both heels down."),
            fault(1, "bent_arms", name="bent arms", confidence=0.85, cue="Straight arms."),
            fault(2, "bent_arms", name="bent arms", confidence=0.9, cue="Straight arms."),
        )
    )
    page = render_page(analysis(lifter))
    assert page.index('id="1-bent_arms"') < page.index('id="1-heels_lift"')
    assert page.count("Straight arms.") == 1
    assert "The first thing to do, see above." in text_of(page)
    assert "Heels lift in rep 1: 17°," in text_of(page)
