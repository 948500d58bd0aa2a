"""The bar: its plate, path and scale, and repetitions timed or refused by it. Pure.

Modules:
    plate_tracking   the plate that moves with the hands
    path             the bar's path, and its metrics in a repetition
    scale            pixels per metre
    idle_bar         drops repetitions in which the bar stays on the floor
    retime           boundaries of repetitions from the plate
"""
