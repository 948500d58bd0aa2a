"""Backend `blazepose-full`: a detector finds people, a landmark network follows them.

Modules:
    backend     from images to people
    detector    regions of people in an image
    region      the turned square around one person
    landmarks   the 33 points of the person in a region
    outline     outline of the trunk and line of a sole
"""
