"""Which kind of source the comment of each numeric constant names."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

#: Folders and modules with thresholds.
PLACES = (
    "services/scorer",
    "services/pose",
    "services/writer/report/words.py",
    "services/writer/report/trust.py",
    "shared/data/anthropometry.py",
)

#: Kind of source → how a comment names it. The first one in the comment counts.
KINDS = {
    "publication": r"\b(19|20)\d\d\b|\bdoi\b|\bOpenPose's\b|\bOpenPose:|\bPublished:",
    "measured": r"\b[Mm]easured\b|\b[Mm]edians? of\b",
    "derived": r"\b[Dd]erived\b",
    "chosen": r"\b[Cc]hosen\b",
    "definition": r"\b[Dd]efinition\b|\b[Ff]ormat\b",
}

#: Nodes of an expression that is a number, or made of numbers.
_NUMERIC = (
    ast.Constant, ast.Tuple, ast.List, ast.UnaryOp, ast.BinOp, ast.operator, ast.unaryop, ast.Call,
    ast.keyword, ast.Name, ast.Attribute, ast.expr_context,
)  # fmt: skip


@dataclass(frozen=True)
class Constant:
    """A numeric constant of a module.

    Attributes:
        place: Path and line of the module, below the repository's root.
        name: The constant's name, or names.
        value: Its expression.
        comment: Its `#:` comment as one line, "" for none.
    """

    place: str
    name: str
    value: str
    comment: str

    @property
    def kind(self) -> str:
        """The kind of source that its comment names; "" for none."""
        return kind_of(self.comment)


def kind_of(comment: str) -> str:
    """The first of `KINDS` that a comment names; "" for none."""
    places = {kind: re.search(words, comment) for kind, words in KINDS.items()}
    named = {kind: found.start() for kind, found in places.items() if found}
    return min(named, key=lambda kind: named[kind], default="")


def find_constants(places: Sequence[str] = PLACES, root: Path = ROOT) -> Iterator[Constant]:
    """Every numeric constant of some modules, in the order of their paths.

    Args:
        places: folders and modules below `root`.
        root: the repository's root.
    """
    for place in places:
        path = root / place
        for module in [path] if path.is_file() else sorted(path.rglob("*.py")):
            yield from constants_of(module.read_text("utf-8"), str(module.relative_to(root)))


def constants_of(source: str, place: str) -> Iterator[Constant]:
    """Every numeric constant of a module.

    Args:
        source: the module's text.
        place: the module's path.
    """
    lines = source.splitlines()
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign):
            target, value = node.targets[0], node.value
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            target, value = node.target, node.value
        else:
            continue
        name = ast.unparse(target).strip("()")
        if name.upper() == name and _is_numeric(value):
            comment = _comment_above(lines, node.lineno - 1)
            yield Constant(f"{place}:{node.lineno}", name, ast.unparse(value), comment)


def _is_numeric(value: ast.expr) -> bool:
    """Whether an expression is made of numbers and nothing else."""
    nodes = list(ast.walk(value))
    literals = [node.value for node in nodes if isinstance(node, ast.Constant)]
    return (
        bool(literals)
        and all(isinstance(node, _NUMERIC) for node in nodes)
        and all(isinstance(one, int | float) and not isinstance(one, bool) for one in literals)
    )


def _comment_above(lines: Sequence[str], row: int) -> str:
    """The comment above a line; lines without a blank line between them share one."""
    last = row
    while last and lines[last - 1].strip() and not lines[last - 1].startswith("#:"):
        last -= 1
    first = last
    while first and lines[first - 1].startswith("#:"):
        first -= 1
    return " ".join(line.removeprefix("#:").strip() for line in lines[first:last])
