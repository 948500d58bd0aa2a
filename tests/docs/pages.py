"""The pages of the documentation, and the fenced blocks in them."""

import re
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

#: Every page that a reader may open, by its path in the repository.
PAGES = ("README.md", "CONTRIBUTING.md", *sorted(f"docs/{p.name}" for p in ROOT.glob("docs/*.md")))

#: Languages of blocks that are tested. `text` is for what a program prints, and is not.
TESTED = ("sh", "python", "toml", "json")

_FENCE = re.compile(
    r"(?:^<!-- not run: (?P<reason>[^\n]+?) -->\n)?"
    r"^[ ]*```(?P<kind>\w*)\n(?P<code>.*?)^[ ]*```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """One fenced block. reason: why it is not run; empty where it is."""

    page: str
    line: int
    kind: str
    code: str
    reason: str = ""

    @property
    def place(self) -> str:
        """Page and line."""
        return f"{self.page}:{self.line}"

    def described(self) -> dict[str, str | int]:
        """The block as the runner reads it."""
        return {**asdict(self), "place": self.place}


def text_of(page: str) -> str:
    """The text of a page."""
    return (ROOT / page).read_text("utf-8")


def blocks_of(page: str) -> list[Block]:
    """All fenced blocks of a page, in order."""
    text = text_of(page)
    return [
        Block(page, text.count("\n", 0, found.start("kind")) + 1, found["kind"], found["code"],
              found["reason"] or "")
        for found in _FENCE.finditer(text)
    ]  # fmt: skip
