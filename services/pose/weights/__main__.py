"""`python -m services.pose.weights`: fetch the weights of this worker's backend, and end.

For deployments that start many pose workers at once: one fetches, before any of them works.
"""

import sys

from services.pose import weights
from services.pose.backends import weights_of
from shared.errors import CoachError
from shared.settings import read_settings


def main() -> int:
    """Fetch what is not cached; the exit status."""
    try:
        settings = read_settings()
        for model in weights_of(settings.backend):
            weights.ensure(model, settings.models_dir)
    except CoachError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_status
    return 0


if __name__ == "__main__":
    sys.exit(main())
