"""The bar: its plate, path and scale, and repetitions timed or refused by it. Pure.

Modules:
    lifted           whether a path is that of a lifted bar
    bar_paths        the bar's paths among those of a shot
    ring_alignment   the rim's centre where another ring was traced
    plate_tracking   the bar's plate in the clip
    path             the bar's path, and its metrics in a repetition
    scale            pixels per metre
    idle_bar         drops repetitions in which the bar stays on the floor
    bar_reps         adds repetitions that the bar shows, and marks those without a seen body
    attempts         failed attempts among the repetitions and beside them
    retime           boundaries of repetitions from the plate
"""
