"""The labels of results: every text in `analysis.json` that takes one of a few values."""

from enum import StrEnum


class View(StrEnum):
    """From where the camera sees the lifter; oblique is between side and front or back."""

    SIDE = "side"
    OBLIQUE = "oblique"
    FRONT = "front"
    UNKNOWN = "unknown"


class Exercise(StrEnum):
    """What is being done: only a deadlift is scored; unknown where the picture is not upright."""

    DEADLIFT = "deadlift"
    OTHER_LIFT = "other lift"
    NO_LIFT = "no lift"
    UNKNOWN = "unknown"


class Style(StrEnum):
    """How a deadlift is done.

    Trap bars and bands are not told from the others: from the side they look conventional.
    """

    CONVENTIONAL = "conventional"
    SUMO = "sumo"
    ROMANIAN = "romanian"
    KETTLEBELL = "kettlebell"
    UNKNOWN = "unknown"


class Phase(StrEnum):
    """Where in the set a frame is: setup is before the first repetition, rest after each one."""

    SETUP = "setup"
    PULL = "pull"
    LOCKOUT = "lockout"
    LOWER = "lower"
    REST = "rest"


class LiftPart(StrEnum):
    """Part of a repetition in which postures are compared, by the bar's way up and down."""

    START = "start"
    PULL_LOW = "pull low"
    PULL_HIGH = "pull high"
    LOCKOUT = "lockout"
    LOWERING_HIGH = "lowering high"
    LOWERING_LOW = "lowering low"


class Verdict(StrEnum):
    """A score in a word, where its interval allows one; empty where there is no score."""

    NONE = ""
    GOOD = "good"
    UNCLEAR = "unclear"
    POOR = "poor"


class Partial(StrEnum):
    """Which part of a repetition the clip does not show; empty for a whole repetition."""

    WHOLE = ""
    NO_START = "begins before the clip"
    NO_END = "ends after the clip"


class Failure(StrEnum):
    """Why an attempt is no repetition."""

    NO_LOCKOUT = "the bar does not lock out"
    NOT_LIFTED = "the bar does not leave the floor"


class BarSource(StrEnum):
    """What the bar's path was read from: weight plates, the lifter's wrists, or nothing."""

    PLATE = "plate"
    WRISTS = "wrists"
    NONE = "none"


class LengthUnit(StrEnum):
    """Unit of the bar's distances: metres, or lengths of the lifter's trunk (hips to neck)."""

    METRE = "m"
    TRUNK = "trunk"


class FaultUnit(StrEnum):
    """Unit of a fault's value and threshold: degrees, seconds, or lengths of the lifter's trunk."""

    DEGREE = "deg"
    SECOND = "s"
    TRUNK_LENGTH = "trunk lengths"
