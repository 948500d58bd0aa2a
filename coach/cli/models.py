"""`coach models`: network weights."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from services.pose import weights


def show(as_json: bool) -> None:
    """List the models, their licences, and whether they are cached."""
    models = [
        {
            "name": model.name,
            "licence": model.licence,
            "cached": weights.is_cached(model.name),
            "folder": str(weights.folder_of(model.name)),
        }
        for model in weights.MODELS.values()
    ]
    if as_json:
        print(json.dumps(models, indent=2))
        return
    table = Table("model", "licence", "cached", "folder")
    for model in models:
        cached = "yes" if model["cached"] else "no"
        table.add_row(str(model["name"]), str(model["licence"]), cached, str(model["folder"]))
    Console().print(table)


def pull(names: Sequence[str], accept_licence: bool) -> None:
    """Fetch models that are not cached yet, and check all of them."""
    for name in names:
        for path in weights.ensure(name, accept_licence).values():
            print(f"{name}: {path}", file=sys.stderr)


def add(path: Path, accept_licence: bool) -> None:
    """Take a model's file that was got elsewhere into the cache."""
    print(f"{path.name}: {weights.add(path, accept_licence)}", file=sys.stderr)
