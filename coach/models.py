"""`coach models`: network weights."""

import json
import sys
from collections.abc import Sequence

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


def pull(names: Sequence[str]) -> None:
    """Fetch models that are not cached yet, and check all of them."""
    for name in names:
        weights.ensure(name)
        print(f"{name} is in {weights.folder_of(name)}", file=sys.stderr)
