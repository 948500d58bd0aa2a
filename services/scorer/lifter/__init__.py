"""Who lifts: people tracked from frame to frame, and the tracks that show a lift. Pure.

Modules:
    tracks   shots, and people linked from frame to frame
    holding  which bar a person's hands hold
    pieces   what is known of a piece of a track
    joining  the pieces of each person, joined
    evidence how much of a deadlift a person's motion shows
    find     the lifters of a clip
    mirror   mirror images of the lifter
"""
