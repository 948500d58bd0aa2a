"""Repetitions: where each begins and ends, the phase of every frame, the style of the set. Pure.

Modules:
    find             repetitions of a motion
    rep_boundaries   start, top, lower and end of a repetition
    lift_criteria    which rises of the hands are lifts
    deadlift         whether a deadlift was seen, and which repetitions are deadlifts
    hands            the hands in a repetition, and the limits of a deadlift
    bent_over_bar    whether somebody is bent over a bar, where no repetition was found
    exercise         what is being done where no deadlift was seen
    phases           phase of each frame
    style            conventional, sumo, Romanian or with a kettlebell
"""
