"""The distributions of this environment, and what each of them needs."""

from collections.abc import Iterable
from importlib.metadata import distribution, requires
from pathlib import Path

from packaging.requirements import Requirement


def closure(names: Iterable[str]) -> set[str]:
    """The distributions, and those that they need."""
    found, todo = set(), {name.lower().replace("_", "-") for name in names}
    while todo:
        name = todo.pop()
        found.add(name)
        for text in requires(name) or []:
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                todo |= {requirement.name.lower().replace("_", "-")} - found
    return found


def link(names: Iterable[str], site_packages: Path) -> None:
    """Link what this environment has of these distributions into another one's site-packages."""
    for name in names:
        one = distribution(name)
        for top in {file.parts[0] for file in one.files or ()} - {"..", "__pycache__"}:
            if not (site_packages / top).exists():
                (site_packages / top).symlink_to(one.locate_file(top))
