"""`coach worker`: one process of a deployment."""

import importlib

from shared.settings import Settings


def run(service: str, settings: Settings, burst: bool) -> None:
    """Run a service in this process until it is stopped, or with `burst` until no work is left."""
    importlib.import_module(f"services.{service}.__main__").main(settings, burst)
