import pytest

from services.decoder.window import choose_window
from shared.settings import Settings


@pytest.mark.parametrize(
    ("chunks", "most_bytes", "largest", "window"),
    [
        (16, 64_000_000, 1_000_000, 16),  # the number decides
        (16, 10_000_000, 3_000_000, 3),  # the bytes decide
        (16, 1_000_000, 3_000_000, 1),  # one chunk is always sent
    ],
)
def test_number_and_bytes_bound_the_window(chunks, most_bytes, largest, window):
    settings = Settings(window_chunks=chunks, window_bytes=most_bytes)
    assert choose_window(settings, largest) == window
