"""`coach models`: network weights."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from services.pose import weights


def show(models_dir: Path, as_json: bool) -> None:
    """List the models, their licences, and whether they are cached."""
    models = [
        {
            "name": model.name,
            "licence": model.licence,
            "cached": weights.is_cached(model.name, models_dir),
            "folder": str(weights.folder_of(model.name, models_dir)),
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


def pull(names: Sequence[str], models_dir: Path, accept_licence: bool) -> None:
    """Fetch the models that are not cached yet, and check the files of all."""
    for name in names:
        for path in weights.ensure(name, models_dir, accept_licence).values():
            print(f"{name}: {path}", file=sys.stderr)


def add(path: Path, models_dir: Path, accept_licence: bool) -> None:
    """Copy a model's file from elsewhere into the cache."""
    added = weights.add(path, models_dir, accept_licence)
    print(f"{path.name}: {added}", file=sys.stderr)
