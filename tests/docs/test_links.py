"""Links and paths in the pages lead somewhere, and docs/index.md lists every page."""

import re
from pathlib import Path

import pytest
from docs.pages import PAGES, ROOT, text_of

_LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_PATH = re.compile(
    r"`((?:benchmarks|coach|docs|examples|services|shared|synthetic|tests|training)/[\w./-]*)`"
)
_CODE = re.compile(r"^[ ]*```.*?^[ ]*```$", re.MULTILINE | re.DOTALL)


def links_of(page: str) -> list[str]:
    """Targets of a page's links to other files and headings of the project."""
    found = (match["target"] for match in _LINK.finditer(_CODE.sub("", text_of(page))))
    return [target for target in found if "://" not in target and not target.startswith("mailto:")]


def anchors_of(page: Path) -> set[str]:
    """Anchors of a page: of its headings, as GitHub makes them, and those that it sets itself."""
    text = _CODE.sub("", page.read_text("utf-8"))
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    own = re.findall(r'<a id="([^"]+)">', text)
    return {*own} | {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings
    }


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files_and_headings(page):
    for link in links_of(page):
        target, _, anchor = link.partition("#")
        path = (ROOT / page).parent / target if target else ROOT / page
        assert path.exists(), f"{page} links to {target}, which does not exist"
        if anchor:
            assert anchor in anchors_of(path), f"{page}: {link} has no such heading"


@pytest.mark.parametrize("page", PAGES)
def test_paths_that_are_named_exist(page):
    missing = [path for path in _PATH.findall(text_of(page)) if not (ROOT / path).exists()]
    assert not missing


def test_the_index_lists_every_page():
    listed = {((ROOT / "docs") / link.partition("#")[0]).resolve() for link in
              links_of("docs/index.md")}  # fmt: skip
    missing = [page for page in PAGES if (ROOT / page).resolve() not in listed]
    assert missing == ["docs/index.md"]
