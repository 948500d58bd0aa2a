"""`coach models …`: the command line of the networks' weights."""

from pathlib import Path
from typing import Annotated

import typer

from coach.cli.options import AcceptLicence, AsJson, PoseHeight, PoseStages, stages_of
from shared.data.defaults import BACKEND, POSE_HEIGHT_PX

models_app = typer.Typer(help="List, fetch and quantize the networks' weights.")


@models_app.command("list")
def models_list(as_json: AsJson = False) -> None:
    """List the models, their licences, and whether they are cached."""
    from coach.cli import models

    models.show(_models_dir(), as_json)


@models_app.command("pull")
def models_pull(
    names: Annotated[list[str] | None, typer.Argument()] = None,
    accept_licence: AcceptLicence = False,
) -> None:
    """Fetch and check models' weights; those of the default backend if no model is named."""
    from coach.cli import models
    from services.pose.backends import weights_of

    models.pull(names or weights_of(BACKEND), _models_dir(), accept_licence)


@models_app.command("add")
def models_add(
    path: Annotated[Path, typer.Argument(help="Model file from another source.")],
    accept_licence: AcceptLicence = False,
) -> None:
    """Check a model's file by its hash and copy it into the cache."""
    from coach.cli import models

    models.add(path, _models_dir(), accept_licence)


@models_app.command("quantize")
def models_quantize(
    backend: Annotated[str, typer.Argument(help="Name of the backend.")],
    clips: Annotated[
        list[Path] | None,
        typer.Option("--clip", help="Clip to calibrate on; rendered lifts if not given."),
    ] = None,
    pose_height: PoseHeight = POSE_HEIGHT_PX,
    pose_stages: PoseStages = "0",
) -> None:
    """Quantize a backend's networks to int8 and report the loss of accuracy."""
    from coach.cli import quantize
    from services.pose.runtime import runtime_from_environment
    from shared.data.pose_options import PoseOptions

    options = PoseOptions(height_px=pose_height, **stages_of(pose_stages))
    quantize.run(backend, clips or [], options, runtime_from_environment())


def _models_dir() -> Path:
    """The folder that caches weights."""
    from shared.settings import read_settings

    return read_settings().models_dir
