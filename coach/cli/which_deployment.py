"""Which deployment a command is about: `--redis`, else COACH_SHARDS, else COACH_REDIS_URL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.errors import UsageError

if TYPE_CHECKING:  # Redis's client is slow to import
    from shared.queue.servers import Servers
    from shared.settings import Settings


def read_deployment_settings(redis: str | None, **given: Any) -> Settings:
    """Settings of a command that may use a deployment.

    `--redis` names one server. Without it, COACH_SHARDS lists them, or COACH_REDIS_URL names one.

    Args:
        redis: what `--redis` says.
        **given: other settings by name.
    """
    from shared.settings import read_settings

    return read_settings(redis_url=redis, shards=None if redis is None else [], **given)


def servers_given(settings: Settings) -> list[str]:
    """URLs of the servers of the deployment that a command is given; none if it is given none."""
    from shared.queue import shards

    names_one = "redis_url" in settings.model_fields_set and settings.redis_url
    return shards.urls(settings) if settings.shards or names_one else []


def deployment_of(redis: str | None) -> Settings:
    """Settings of a command that needs a deployment; UsageError if none is given."""
    settings = read_deployment_settings(redis)
    if not servers_given(settings):
        raise UsageError(
            "no server given: name a deployment's with --redis URL or COACH_REDIS_URL; on this "
            "computer alone use `coach analyze`"
        )
    return settings


def running_deployment(settings: Settings, chooses_engine: bool) -> Servers | None:
    """The servers of the deployment that a command is given; None for one on this machine.

    Args:
        settings: from `read_deployment_settings`.
        chooses_engine: whether the command says what runs the networks.

    Raises:
        UsageError: it does, and the deployment has workers already.
    """
    if not servers_given(settings):
        return None
    if chooses_engine:
        raise UsageError("--engine and --precision are the workers': give them to `coach worker`")
    from shared.queue.servers import Servers

    return Servers.of(settings)
