"""The page of an archive in a real browser: it sorts and filters, and runs no one else's script."""

import html
import json
import re
import subprocess

import pytest
from archive_pages import HOSTILE, archive_page, row
from browser.options import OPTIONS

#: What a person does to the page, step by step, and what it shows then.
DRIVER = """(() => {
const steps = {};
const get = (id) => document.getElementById(id);
const set = (id, value) => { get(id).value = value; get(id).dispatchEvent(new Event("input")); };
function state() {
  const shown = [...document.querySelectorAll("#table tr")];
  const texts = (name) => shown.map((tr) => tr.querySelector(name)?.textContent ?? "");
  return {
    count: get("count").textContent,
    names: texts("td.name > a, td.name > span"),
    scores: texts("td.figure[data-label=score]").map((text) => text.slice(0, 4)),
    seen: texts("td.seen"),
    links: shown.map((tr) => tr.querySelector("td.name a")?.getAttribute("href") ?? ""),
    sorted: [...document.querySelectorAll("th[aria-sort]")]
      .map((th) => [th.dataset.sort, th.ariaSort]),
    more: !get("more").hidden,
  };
}
function step(name, act) {
  const begun = performance.now();
  act();
  document.body.getBoundingClientRect();
  steps[name] = { ...state(), ms: performance.now() - begun };
}
const bad = [];
addEventListener("error", (event) => bad.push(String(event.message || event.target)), true);
document.addEventListener("securitypolicyviolation", (event) => bad.push(event.blockedURI));
addEventListener("load", () => {
  step("first", () => {});
  step("best", () => set("sort", "score-down"));
  step("lowest", () => document.querySelector("th[data-sort=score] button").click());
  step("by name", () => document.querySelector("th[data-sort=recording] button").click());
  step("cam2", () => set("camera", "cam2"));
  step("cam2 in its first days", () => { set("from", "2026-01-01"); set("to", "2026-01-03"); });
  step("faults", () => {
    for (const id of ["camera", "from", "to"]) set(id, "");
    set("fault", "bar drifts");
  });
  step("problems", () => { set("fault", ""); set("state", "problems"); });
  step("hostile", () => set("search", "ONERROR"));
  step("none", () => set("search", "nothing has this"));
  step("all", () => { set("search", ""); set("state", ""); });
  step("more", () => get("more").click());
  const answer = document.createElement("pre");
  answer.id = "answer";
  answer.textContent = JSON.stringify({ steps, bad, images: document.images.length,
    alerts: document.querySelectorAll("img[src=x]").length });
  document.body.append(answer);
});
})();"""


def driven(chromium, page, folder):
    """What the page shows after each step."""
    file = folder / "index.html"
    file.write_text(page.replace("<meta charset", f"<script>{DRIVER}</script><meta charset", 1))
    done = subprocess.run(
        [chromium, *OPTIONS, f"--user-data-dir={folder / 'profile'}", "--dump-dom", file.as_uri()],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    answer = re.search(r'<pre id="answer">(.*?)</pre>', done.stdout, re.DOTALL)
    assert answer, done.stderr[-2000:]
    assert "CONSOLE" not in done.stderr, done.stderr
    return json.loads(html.unescape(answer[1]))


@pytest.fixture(scope="module")
def answer(chromium, tmp_path_factory):
    return driven(chromium, archive_page(rows=10_000), tmp_path_factory.mktemp("archive"))


@pytest.fixture(scope="module")
def steps(answer):
    return answer["steps"]


def test_ten_thousand_results_are_shown_a_part_at_a_time(steps):
    assert steps["first"]["count"].startswith("10,000 results, ")
    assert len(steps["first"]["names"]) == 100
    assert steps["first"]["more"]
    assert len(steps["more"]["names"]) == 200
    assert max(one["ms"] for one in steps.values()) < 5000  # a busy machine takes 200


def test_best_score_is_of_a_set_that_is_judged(steps):
    best = steps["best"]
    assert best["scores"][0] == "0.80"  # the 0.99 of unclear sets come after all that are clear
    assert best["sorted"] == [["score", "descending"]]
    assert steps["lowest"]["scores"][0] == "0.20"  # and no empty one
    assert steps["lowest"]["sorted"] == [["score", "ascending"]]


def test_sets_without_a_score_show_no_number(chromium, tmp_path):
    last = driven(chromium, archive_page(rows=30), tmp_path)["steps"]["best"]
    judged = [score for score in last["scores"] if score]
    assert last["scores"] == judged + [""] * (30 - len(judged))
    assert judged[-1] == "0.99"  # unclear
    assert "0.00" not in last["scores"]


def test_filters_leave_what_they_say(steps):
    links = [link for link in steps["by name"]["links"] if link]
    assert links == sorted(links)
    assert steps["cam2"]["count"].startswith("3,333 of 10,000 results")
    days = [one.recorded for one in map(row, range(1, 10_000)) if one.camera == "cam2"]
    first = sum(day < "2026-01-04" for day in days)
    assert steps["cam2 in its first days"]["count"].startswith(f"{first} of 10,000 results")
    assert all("rounded" in text.lower() for text in steps["faults"]["seen"])
    assert {text[:6] for text in steps["problems"]["seen"]} == {"failed", "unread"}
    assert steps["none"]["names"] == []
    assert steps["all"]["count"] == steps["first"]["count"]


def test_markup_in_names_is_shown_as_text(answer, steps):
    assert steps["hostile"]["names"] == [HOSTILE.rpartition("/")[2]]
    assert steps["hostile"]["seen"] == ["failed<i>why"]
    assert answer["bad"] == []
    assert answer["alerts"] == 0
    assert answer["images"] > 100


def test_results_link_to_their_reports(steps):
    links = [link for link in steps["by name"]["links"] if link]
    assert links
    assert all(re.fullmatch(r"\./cam\d/2026-01-\d\d/\d{5}/report\.html", link) for link in links)
