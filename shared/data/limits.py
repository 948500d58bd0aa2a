"""Limits of what passes between the services. A message beyond them is refused unread.

Who can write to the queue can send anything: these numbers bound the memory that a worker takes
for it.
"""

import re
from dataclasses import dataclass
from typing import Annotated

from shared.data.fields import FieldFormat

#: Largest message, in bytes: 16 frames of 800 px take about 1 MB, 256 of them 16 MB.
MAX_MESSAGE_BYTES = 64 * 2**20

#: Largest analysis, in bytes: it takes about 1.2 kB a frame of each lifter, two hours at 30 frames
#: per second 250 MB. Redis stores no more than this in one key.
MAX_ANALYSIS_BYTES = 512 * 2**20

#: Most frames in a chunk (chosen: 16 is the default, and longer chunks lose accuracy).
MAX_CHUNK_FRAMES = 256

#: Largest number of a chunk: half a year of video at 30 frames per second, in chunks of 16. Redis
#: keeps one bit for each chunk up to it, 1.2 MB.
MAX_CHUNKS = 10_000_000

#: Longer side of the largest picture in a message, and its pixels. Networks take crops of 256 px.
MAX_SIDE_PX = 2048
MAX_PICTURE_PX = MAX_SIDE_PX**2

#: Most pixels of all pictures of a chunk together: decoded, they take 200 MB.
MAX_CHUNK_PX = 16 * MAX_PICTURE_PX

#: Most people in one frame (chosen: a crowded gym has about 20).
MAX_PEOPLE = 256


@dataclass(frozen=True)
class Text(FieldFormat):
    """A text that fits a pattern as a whole; `name` says what it is."""

    pattern: str
    name: str

    def fits(self, text: str) -> bool:
        """Whether a text does."""
        return re.fullmatch(self.pattern, text) is not None

    def checked(self, text: str) -> str:
        """The text; ValueError if it does not fit."""
        if not self.fits(text):
            raise ValueError(f"{text!r:.40} is no {self.name}")
        return text


@dataclass(frozen=True)
class OrEmpty(FieldFormat):
    """Beside an `Array`: it may have no numbers."""


#: A job's id is part of keys and of file names.
JOB_ID = Text("[0-9A-Za-z_-]{1,64}", "job id")
JobId = Annotated[str, JOB_ID]
