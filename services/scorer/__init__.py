"""Judges a clip once all its poses have arrived: lifter, motion, reps, bar, faults, scores.

Rooms and modules:
    worker     stores keypoints and starts the judgement
    analysis   from the poses of a clip to its analysis
    observe    from the poses of a clip to the observed lift
    plates     plates that were seen, and their paths
    lifter     the lifters among all people
    motion     cleaned joints, angles, view, quality of the clip
    reps       repetitions, phases, style
    bar        path and scale of the bar
    faults     one rule per fault
    score      features, posture model, scores
"""
