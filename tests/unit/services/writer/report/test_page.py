"""The page's text; how it looks is tested in `tests/browser`."""

import html
import re
from dataclasses import replace

import numpy as np
import pytest
from analyses import IN_TRUNKS, NAN, analysis, changed, fault, frame, lifter_set, nobody

from services.writer import report
from shared.data.analysis import Contribution, NotJudged, Partial

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}{% raw %}",  # a template is not made of what comes from outside
    "</title><b>&amp;",
)


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


@pytest.mark.parametrize("text", HOSTILE)
def test_text_from_outside_is_escaped(text):
    name = text.replace("/", "-")
    kinds = ("Warning", "fault", "cue", "reason", "Rule", "why", "cost")
    places = {kind.lower(): f"{kind} {text}" for kind in kinds}
    hostile = lifter_set(
        warnings=(places["warning"],),
        not_judged=(NotJudged("heels_lift", places["rule"], places["why"]),),
        faults=(fault(2, name=places["fault"], cue=places["cue"], reason=places["reason"]),),
        contributions=(Contribution(places["cost"], -0.1),),
    )
    page = render_page(analysis(hostile), f"/clips/{name}.mp4", with_pictures=False)
    assert page.count(escaped(name)) >= 2  # title and heading
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
    # Three thumbnails a rep, the summary's picture, the bar's path, the fault.
    assert page.count("data:image/jpeg;base64,") == 3 * 3 + 3
    assert all(" alt=" in tag for tag in re.findall(r"<img [^>]*>", page))


def test_the_page_says_what_was_found():
    text = text_of(render_page(analysis(warnings=("a warning",))))
    for sentence in (
        "3 reps, and one thing to work on",
        "Good posture",
        "Push the floor away",
        "hips shoot up , in rep 2",
        "hips 14° too low",
        "17° where the limit is 10°; very likely (80 %)",
        "Why this limit: Hips and shoulders rise together.",
        "Heels lift : not judged, because the feet are not seen.",
        "A warning.",
        "The picture leans a little.",
        "The last rep was 8 % slower than the fastest.",
        "Camera angle : from the side, 9° off the side",
        "every frame analysed",
    ):
        assert sentence in text, sentence


@pytest.mark.parametrize(
    ("score", "verdict"),
    [
        (0.61, "Good posture"),  # the usual score of clips that are labelled good
        (0.55, "Room to improve"),  # and of those that are not
        (0.48, "Needs work"),
        (NAN, "Not scored"),
    ],
)
def test_a_score_has_its_verdict(score, verdict):
    text = text_of(render_page(analysis(lifter_set(score=score))))
    verdicts = {"Good posture", "Room to improve", "Needs work", "Not scored"}
    assert {one for one in verdicts if one in text} == {verdict}


def test_a_partial_repetition_is_marked():
    lifter = lifter_set(reps=2, faults=())
    partial = replace(lifter.reps[1], partial=Partial.NO_END, eccentric_s=NAN, end_s=NAN)
    text = text_of(render_page(analysis(changed(lifter, reps=(lifter.reps[0], partial)))))
    assert "1 partial" in text
    assert "ends after the clip" in text
    assert "no faults found in what could be judged" in text
    assert "nan" not in text.lower()


def test_a_value_that_is_too_low_is_short_of_its_limit():
    low = fault(2, "squatted", name="squatted start", value=-3.0, threshold=8.0)
    page = render_page(analysis(lifter_set(faults=(low,))))
    assert "-3° where at least 8° is needed" in text_of(page)
    # The meter's red is what is missing: all of it, from nothing to the limit.
    [meter] = re.findall(r'<svg class="meter".*?</svg>', page, re.S)
    left, width = map(float, re.search(r'"over" x="([\d.]+)" width="([\d.]+)"', meter).groups())
    limit = float(re.search(r'"limit" x1="([\d.]+)"', meter).group(1))
    assert (left, width) == (0, limit)


def test_a_habit_names_its_repetitions_as_a_range():
    habit = tuple(fault(n) for n in (2, 3, 4))
    text = text_of(render_page(analysis(lifter_set(reps=4, faults=habit))))
    assert "in reps 2–4" in text
    assert "Reps 2–4; shown" in text


def test_velocities_of_partial_repetitions_are_marked():
    lifter = lifter_set(reps=2, faults=())
    partial = replace(lifter.reps[0], partial=Partial.NO_START)
    pages = [
        render_page(analysis(changed(lifter, reps=(first, lifter.reps[1]))))
        for first in (partial, lifter.reps[0])
    ]
    for mark in ('class="bar pale"', "<small>partial</small>", "shows only a part of the rep"):
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
    assert "0.58–0.65" in metres  # 0.6 m at 110 to 125 instead of 120 pixels a metre
    assert "0.48 m/s" in metres
    assert "0.58–0.65" not in trunks
    assert "0.48 trunks/s" in trunks
    assert " m/s" not in trunks


def test_a_second_lifter_has_a_section_of_its_own():
    two = analysis(lifter_set(place=0.3), lifter_set(reps=2, place=0.7))
    text = text_of(render_page(two))
    first, second = text.split("Lifter 2")
    assert "3 reps, and one thing" in first
    assert "2 reps, and one thing" in second
    ids = re.findall(r' id="([^"]+)"', render_page(two))
    assert sorted(ids) == ["1-hips_shoot_up", "2-hips_shoot_up"]
    assert all(f'href="#{one}"' in render_page(two) for one in ids)


def test_a_clip_without_a_lifter_says_so_and_invents_nothing():
    text = text_of(render_page(analysis(nobody(), warnings=("nobody was found in this clip",))))
    assert "No lifter was found in this clip" in text
    assert "Nobody was found in this clip." in text
    assert "Not judged" not in text
    for absent in ("nan", "Camera tilt", "Hidden joints", "Best rep"):
        assert absent not in text


def test_a_lifter_without_a_repetition_has_a_picture():
    still = lifter_set(reps=0, faults=())
    still = replace(still, frames=tuple(frame(i, i / 10, 0.2) for i in range(8)))
    page = render_page(analysis(still))
    assert "No repetition was found in this clip" in text_of(page)
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


def test_the_most_frequent_faults_come_first():
    once, twice = "heels_lift", "bent_arms"
    lifter = lifter_set(
        faults=(
            fault(1, once, name="heels lift", confidence=0.95),
            fault(1, twice, name="bent arms", confidence=0.6),
            fault(2, twice, name="bent arms", confidence=0.7),
        )
    )
    page = render_page(analysis(lifter))
    assert page.index(f'id="1-{twice}"') < page.index(f'id="1-{once}"')
    assert "Reps 1, 2; shown: rep 2" in text_of(page)  # the more certain one
