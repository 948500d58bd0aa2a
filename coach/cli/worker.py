"""`coach worker`: one process of a deployment."""

import importlib
import os


def run(service: str, redis_url: str, burst: bool, backend: str) -> None:
    """Run a service in this process until it is stopped, or with `burst` until nothing is left."""
    os.environ["COACH_BACKEND"] = backend
    importlib.import_module(f"services.{service}.__main__").main(redis_url, burst)
