"""The cleaned motion of one lifter: joints, angles, and how well the clip shows them. Pure.

Modules:
    motion         the motion as data
    build          from measured poses to the motion
    filtering      outliers, gaps and jitter
    view           view of the camera, facing of the lifter
    geometry       angles in the sagittal plane
    kinematics     the angles of the body
    back           bend of the back
    soles          pitch of the soles
    plausibility   limbs of impossible lengths
    uprightness    pictures that are upside down or on their side
    clip_quality   warnings about the clip
"""
