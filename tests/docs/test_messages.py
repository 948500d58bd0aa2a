"""Every message that docs/troubleshooting.md quotes is one that the program can print.

`…` in a quoted message stands for names and numbers.
"""

import ast
import re

import pytest
from docs.pages import ROOT, text_of

PACKAGES = ("coach", "services", "shared", "training")

#: First cells of the tables; a message is what stands between backticks there.
_FIRST_CELL = re.compile(r"^\| ([^|]+?) \|", re.MULTILINE)


def texts() -> str:
    """Every text in the sources, with `…` for what is filled in."""
    found = []
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.JoinedStr):
                    parts = (getattr(part, "value", "") for part in node.values)
                    found.append("".join(p if isinstance(p, str) else "…" for p in parts))
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.append(node.value)
    return "\n".join(found)


def quoted_messages() -> list[str]:
    cells = _FIRST_CELL.findall(text_of("docs/troubleshooting.md"))
    quoted = [text for cell in cells for text in re.findall(r"`([^`]+)`", cell)]
    return [text for text in quoted if " " in text]


@pytest.fixture(scope="module")
def sources() -> str:
    return texts()


@pytest.mark.parametrize("message", quoted_messages())
def test_a_quoted_message_is_in_the_sources(message, sources):
    missing = [part for part in message.split("…") if part.strip(" .,:()") not in sources]
    assert not missing
