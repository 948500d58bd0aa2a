"""The report in a real browser: on phones and desktops, light and dark, with no network."""

import html
import json
import re
import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from analyses import NAN, analysis, changed, lifter_set, nobody
from archive_pages import archive_page
from browser.options import OPTIONS
from builders import analysis_of

from services.writer import report
from services.writer.interpolation import Interpolation
from services.writer.overlay import Overlay
from shared.data.analysis import Verdict
from synthetic import Lift, render

PROBE = (Path(__file__).parent / "probe.js").read_text()

#: Widths of a phone, the narrowest phone still sold, a tablet, and a desktop window, in CSS pixels.
WIDTHS = (390, 320, 768, 1280)

SIZE = {"fps": 10, "width_px": 320, "height_px": 240}
UNSCORED = {
    "score": NAN,
    "score_interval": None,
    "verdict": Verdict.NONE,
    "unscored": "no score: the lift was filmed from the front",
}
FAULTY = Lift(reps=2, view="side", fault="hips_shoot_up", severity=22, **SIZE)


def pictures_of(judged, lift):
    requests = report.requested_pictures(judged)
    bodies = Overlay(judged, "bodies")
    lifters = [Interpolation(lifter.frames) for lifter in judged.lifters]
    pictures = {}
    for index, shown in enumerate(render(lift)):
        if index in requests:
            image = shown.image.copy()
            bodies.draw(image, shown.time_s, [one.at(index, shown.time_s) for one in lifters])
            pictures |= {shot.key: report.take_picture(shot, image) for shot in requests[index]}
    return pictures


def page_of(judged, pictures=None, name="lift.mp4"):
    source = replace(judged.source, path=f"/clips/{name}")
    return report.render(replace(judged, source=source), pictures or {})


def many_reps(judged, count=40):
    """As if the set had gone on: numbers that are as long as they get."""
    step_s = judged.frames[-1].time_s / count
    reps = tuple(
        replace(
            judged.reps[0], index=n + 1, start_s=n * step_s, top_s=(n + 0.4) * step_s,
            end_s=(n + 0.9) * step_s, mean_velocity=0.5 + n / 100,
        )
        for n in range(count)
    )  # fmt: skip
    faults = tuple(replace(fault, rep=count) for fault in judged.faults)
    return changed(judged, reps=reps, faults=faults)


def compared_page(judged):
    """A page with every part unfolded, beside an earlier set with a long name."""
    earlier = report.Earlier(analysis(path=f"/clips/{'earlier_' * 30}.mp4"), date(2026, 10, 30))
    page = report.render(judged, {}, date(2026, 11, 27), earlier)
    assert "<details>" in page
    return page.replace("<details>", "<details open>")


@pytest.fixture(scope="module")
def pages():
    faulty = analysis_of(FAULTY)
    return {
        "set": page_of(faulty, pictures_of(faulty, FAULTY)),
        "rescored": page_of(faulty, name="a_very_long_name_without_any_break" * 4 + ".mp4"),
        "front": page_of(analysis_of(Lift(reps=1, view="front", **SIZE))),
        "two": page_of(analysis_of(Lift(reps=2, second_lifter=True, **SIZE))),
        "many": page_of(many_reps(faulty)),
        "nobody": page_of(analysis(nobody(frames=0), warnings=("nobody was found",))),
        "unscored": page_of(analysis(lifter_set(faults=(), **UNSCORED))),
        "unclear": page_of(analysis(lifter_set(faults=(), verdict=Verdict.UNCLEAR))),
        "compared": compared_page(faulty),
        "archive": archive_page(rows=40).replace("<details>", "<details open>"),
    }


@pytest.fixture(scope="module", params=["light", "dark"])
def found(request, chromium, pages, tmp_path_factory):
    """What the probe finds in each page at each width: by name and width."""
    findings, log = looked_at(chromium, pages, tmp_path_factory.mktemp("browser"), request.param)
    assert "CONSOLE" not in log, log
    return request.param, findings


def looked_at(chromium, pages, folder, scheme):
    """What the probe finds in pages, by name and width; and what the browser logged."""
    frames = []
    for name, page in pages.items():
        # Before the page's own policy, which allows no scripts.
        probed = page.replace("<meta charset", f"<script>{PROBE}</script><meta charset", 1)
        assert probed != page
        (folder / f"{name}.html").write_text(probed)
        frames += [(f"{name} {width}", f"{name}.html", width) for width in WIDTHS]
    (folder / "index.html").write_text(_around(frames))
    done = subprocess.run(
        [
            chromium, *OPTIONS, f"--user-data-dir={folder / 'profile'}",
            f"--blink-settings=preferredColorScheme={['dark', 'light'].index(scheme)}",
            "--dump-dom", (folder / "index.html").as_uri(),
        ],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    answer = re.search(r'<pre id="found">(.*?)</pre>', done.stdout, re.DOTALL)
    assert answer, done.stderr[-2000:]
    findings = json.loads(html.unescape(answer[1]))
    assert set(findings) == {key for key, _, _ in frames}
    return findings, done.stderr


def _around(frames):
    """A page with the pages in frames: a window cannot be as narrow as a phone."""
    listed = "".join(
        f'<iframe name="{key}" src="{file}" width="{width}" height="900" style="border:0"></iframe>'
        for key, file, width in frames
    )
    return f"""<!doctype html><meta charset="utf-8"><pre id="found">{{}}</pre><script>
    const found = {{}};
    addEventListener("message", (event) => {{
      const frame = [...document.querySelectorAll("iframe")]
        .find((one) => one.contentWindow === event.source);
      found[frame.name] = event.data;
      document.getElementById("found").textContent = JSON.stringify(found);
    }});
    </script>{listed}"""


def by_page(findings, field):
    return {key: one[field] for key, one in findings.items()}


def nowhere(findings, field):
    """Fail with the pages in which a field is not empty or zero."""
    assert {key: value for key, value in by_page(findings, field).items() if value} == {}


def test_the_probe_inspected_every_page_at_every_width(found):
    scheme, findings = found
    assert not [one for one in findings.values() if "failed" in one], findings
    assert {int(key.split()[1]): one["width"] for key, one in findings.items()} == {
        width: width for width in WIDTHS
    }
    assert set(by_page(findings, "dark").values()) == {scheme == "dark"}


def test_nothing_is_wider_than_the_screen(found):
    _, findings = found
    assert {key: n for key, n in by_page(findings, "overflow").items() if n > 0} == {}
    nowhere(findings, "outside")
    nowhere(findings, "clipped")


def test_text_can_be_read(found):
    _, findings = found
    nowhere(findings, "faint")
    nowhere(findings, "small")


def test_all_pictures_load_and_have_one_height_in_a_row(found):
    _, findings = found
    nowhere(findings, "broken")
    assert findings["set 390"]["pictures"] >= 8  # three of each repetition, a fault, the bar
    assert findings["rescored 390"]["pictures"] == 0
    for one in findings.values():
        assert all(np.ptp(row) <= 1 for row in one["thumbs"]), one["thumbs"]


def test_the_page_loads_nothing_from_elsewhere(found):
    _, findings = found
    nowhere(findings, "loaded")
    nowhere(findings, "refused")
    nowhere(findings, "errors")


def test_what_to_do_first_is_on_the_first_screens_of_a_phone(found):
    _, findings = found
    for name in ("set", "unclear", "compared"):
        assert findings[f"{name} 390"]["first"] < 2 * 844, name  # screens of a usual phone
    assert findings["unscored 390"]["first"] is None


def test_headings_skip_no_level(found):
    nowhere(found[1], "skipped")


#: A page with every defect that the tests above look for.
SPOILT = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:">
<h1>One</h1><h3>Three</h3>
<p><font color="#999">on white</font></p><table width="1500"><td>wide</table>
<svg viewBox="0 0 99 9"><text x="90" y="8">beyond its view</text></svg>
<div class="thumbs"><svg class="photo" height="50"></svg><svg class="photo" height="60"></svg></div>
<img src="data:image/jpeg;base64,AAAA"><img src="http://127.0.0.1:9/a.png">"""


def test_the_probe_finds_each_kind_of_defect(chromium, tmp_path):
    findings, log = looked_at(chromium, {"spoilt": SPOILT}, tmp_path, "light")
    one = findings["spoilt 390"]
    assert one["overflow"] > 1000
    assert any(outer.startswith("<table") for outer in one["outside"])
    assert one["clipped"] == ["beyond its view"]
    assert one["faint"] == ["2.8: on white"]
    assert one["broken"] == 2
    assert one["refused"] == ["http://127.0.0.1:9/a.png"]
    assert one["skipped"] == 1
    assert one["thumbs"] == [[50, 60]]
    assert "CONSOLE" in log
