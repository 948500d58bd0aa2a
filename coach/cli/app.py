"""The entry of `coach`; it loads little, so that Ctrl-C has its answer from the first moment."""

from coach.cli.interrupts import end_interrupted, raise_interrupts


def main() -> None:
    """Run the command line; an interrupt ends it with one line, also while commands are loaded."""
    raise_interrupts()
    try:
        from coach.cli.commands import run

        run()
    except KeyboardInterrupt:
        end_interrupted()
