"""What a server answers as text and numbers, whoever has written it."""

import math


def text_of(answer: bytes | None) -> str:
    """An answer as text, "" for none; other bytes than UTF-8 are sent back as they came."""
    return (answer or b"").decode(errors="surrogateescape")


def number_of(answer: bytes | None) -> float:
    """An answer as a number; 0 for none, and for what is no finite number."""
    try:
        number = float(answer or 0)
    except ValueError:
        return 0.0
    return number if math.isfinite(number) else 0.0
