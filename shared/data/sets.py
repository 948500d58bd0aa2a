"""What was found in a recording: the types behind `sets.json`."""

from dataclasses import dataclass
from typing import Annotated

from shared.data import document
from shared.data.fields import FractionOrNan, Listed, OneOf, Rounded, Whole
from shared.data.labels import Verdict
from shared.data.manifest import ManifestSource
from shared.data.reps import ScoreInterval

#: Raised with every change of these fields.
SETS_SCHEMA = 1

#: Where the time of day comes from.
CLOCKS = ("file name", "creation time", "last change", "unknown")

_Time = Annotated[float, Rounded(2, unit="s")]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRecord:
    """One set.

    Attributes:
        folder: Name of its folder beside this file, with the results of its clip.
        from_s: Where in the recording its clip begins; times in its results count from there.
        to_s: Where in the recording it ends.
        starts_at: Time of day at which its clip begins, ISO 8601; empty where unknown.
        lifter: Who lifted: the same letter for the same person, as far as clothes and build tell;
            empty where neither was seen.
        headline: What is said of it first.
        reps: Number of repetitions, partial ones included.
        partial_reps: Number of repetitions that are not whole.
        score: Score of the set; null where nothing could be scored.
        score_interval: Lowest and highest likely score; null without a score.
        verdict: The score in a word.
        faults: Kinds of the faults that were found.
    """

    folder: str
    from_s: _Time
    to_s: _Time
    starts_at: str
    lifter: str
    headline: str
    reps: Annotated[int, Whole()]
    partial_reps: Annotated[int, Whole()]
    score: FractionOrNan
    score_interval: ScoreInterval | None
    verdict: Verdict
    faults: Listed[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoLift:
    """A part that was looked at closely and shows no deadlift; nothing is kept of it.

    Attributes:
        from_s: Where in the recording it begins.
        to_s: Where it ends.
    """

    from_s: _Time
    to_s: _Time


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingSets:
    """What was found in a recording.

    Attributes:
        schema: Version of these fields.
        job: Identity of the recording's job.
        source: The recording.
        duration_s: Its duration.
        starts_at: Time of day at which it begins, ISO 8601; empty where unknown.
        clock: Where that comes from: the date in its file name, the time of creation in the file,
            or its last change less the duration.
        sets: The sets, in order of time.
        no_lift: Parts that seemed to show a set and show none, in order of time.
        warnings: What was not looked at, for people.
    """

    schema: Annotated[int, Whole(SETS_SCHEMA, SETS_SCHEMA)] = SETS_SCHEMA
    job: str
    source: ManifestSource
    duration_s: _Time
    starts_at: str
    clock: Annotated[str, OneOf(CLOCKS)]
    sets: Listed[SetRecord]
    no_lift: Listed[NoLift] = ()
    warnings: Listed[str] = ()

    @classmethod
    def from_json(cls, text: str | bytes) -> "RecordingSets":
        """Read the content of a `sets.json`.

        Raises:
            UsageError: it is damaged, or of another version.
        """
        return document.loaded(cls, document.parsed(text))
