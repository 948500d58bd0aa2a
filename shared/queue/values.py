"""Reads the texts and numbers that a server answers; a damaged one raises no error."""

import sys


def text_of(answer: bytes | None) -> str:
    """An answer as text, "" for none; other bytes than UTF-8 are sent back as they came."""
    return (answer or b"").decode(errors="surrogateescape")


def number_of(answer: bytes | None, most: float = sys.float_info.max) -> float:
    """An answer as a number from 0 to `most`; 0 for none, and for what is no such number."""
    try:
        number = float(answer or 0)
    except ValueError:
        return 0.0
    return number if 0 <= number <= most else 0.0
