"""What to do about a deviation from good lifts that is no fault of its own. Pure."""

_BRACE = "Take a breath, brace, and show your chest; keep that back to the top."
_PUSH = "Push the floor away, and let chest and hips rise at the same pace."
_ARMS = "Let the arms hang like ropes: straighten the elbows before the bar moves."
_LOOK = "Look at the floor two metres ahead, and keep the neck in line with the back."
_FINISH = "Finish the lift: knees straight, hips through, stand tall before you lower the bar."
_CLOSE = "Squeeze the armpits and drag the bar up along your legs."

#: Beginning of a contribution's name → what the lifter should do. Those of a fault say the same as
#: the fault's own.
_CUES = {
    "hips_low": "Raise the hips and bring the shoulders over the bar before you pull.",
    "hips_high": "Sink the hips a little before you pull.",
    "lean_at_start": "Show your chest before you pull: the back a little more upright.",
    "lean_": _PUSH,
    "shoulders_behind": "Bring the shoulders over the bar before you pull.",
    "bar_ahead_at_start": "Start with the bar over the middle of the foot, close to the shins.",
    "bar_ahead": _CLOSE,
    "arms_bent": _ARMS,
    "knees_straight": "Push with the legs first: the knees open as the bar rises to them.",
    "knees_bent_above": "Once the bar has passed the knees, drive the hips forward.",
    "knees_bent_lowering": "Send the hips back first; bend the knees once the bar has passed them.",
    "knees_bent": _FINISH,
    "hips_bent": _FINISH,
    "back_round": _BRACE,
    "trunk_shorter": _BRACE,
    "head_": _LOOK,
    "leaning_back": "Stand tall at the top and squeeze the glutes; do not lean back.",
}


def cue_for(name: str, text: str) -> str:
    """The cue for a contribution, by the start of its name; without one, its text as a hint."""
    cue = next((cue for start, cue in _CUES.items() if name.startswith(start)), "")
    return cue or f"Watch this next time: {text}."
