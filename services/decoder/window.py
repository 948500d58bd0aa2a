"""How much of a job may be in flight. Pure."""

from shared.settings import Settings


def choose_window(settings: Settings, largest_bytes: int) -> int:
    """Maximum chunks of a job in flight: as many as their number and their bytes allow.

    Which chunks are in flight is not known, only how many; so each counts as the largest one.

    Args:
        settings: limits on the number (`window_chunks`) and the bytes (`window_bytes`).
        largest_bytes: size of the largest chunk of the job so far, in bytes; 1 or more.

    Returns:
        At least 1, or nothing would move.
    """
    return max(1, min(settings.window_chunks, settings.window_bytes // largest_bytes))
