"""Proportions of adult bodies, each with its source.

Two kinds of numbers stand here. Fractions of the stature describe bodies as anthropometry measures
them. Multiples of the trunk length (Neck to the middle of the hips) describe skeletons as pose
networks place their joints, and serve as the unit of length in pictures.

Sources:
    Drillis, R. and Contini, R. (1966). Body Segment Parameters. Technical Report 1166.03, New York
        University. Reprinted in Winter, D. A. (2009), Biomechanics and Motor Control of Human
        Movement, 4th ed., table 4.1 and figure 4.1.
    Farkas, L. G. (1994). Anthropometry of the Head and Face, 2nd ed.
"""

#: Segment lengths as fractions of the stature (Drillis and Contini 1966). The trunk runs from the
#: hip joints to the shoulders.
TRUNK_OVER_STATURE = 0.288
UPPER_ARM_OVER_STATURE = 0.186
FOREARM_OVER_STATURE = 0.146
THIGH_OVER_STATURE = 0.245
SHANK_OVER_STATURE = 0.246

#: Trunk where nothing gives a scale, in metres. Derived: `TRUNK_OVER_STATURE` of 1.74 m; adults
#: have 0.42 to 0.60 m, so what is computed with it is called "about".
USUAL_TRUNK_M = 0.50

#: Height of the ankle above the floor, as a fraction of the stature (Drillis and Contini 1966).
ANKLE_HEIGHT_OVER_STATURE = 0.039

#: Crown to ankle, as a fraction of the stature. Derived: the rest is the height of the ankle.
CROWN_TO_ANKLE_OVER_STATURE = 1 - ANKLE_HEIGHT_OVER_STATURE

#: Shortest and longest trunk of an adult, in metres. Derived: `TRUNK_OVER_STATURE` of 1.45 to 2.1 m
#: is 0.42 to 0.60 m; widened by 6 to 9 % (chosen) for the error of a trunk measured in a picture.
MIN_TRUNK_M, MAX_TRUNK_M = 0.38, 0.64

#: Shoulder width over trunk length of a person seen from the front. Chosen: 0.23 over 0.30 of the
#: stature; BlazePose's joints gave 0.72 to 0.76 in four of five clips filmed from the front, and
#: 0.68 to 0.83 in three measured now. The width shrinks with the sine of the body's turn.
SHOULDERS_OVER_TRUNK = 0.77

#: Segment lengths over trunk length, as MoveNet places joints. Measured: medians of real clips;
#: nine in ten are within a fifth of that. BlazePose, which places hips lower, had 0.70, 0.66, 0.57
#: and 0.46. Rendered lifters, with hips at the hip joints, have up to a fifth more.
THIGH_OVER_TRUNK = 0.79
SHANK_OVER_TRUNK = 0.71
UPPER_ARM_OVER_TRUNK = 0.59
FOREARM_OVER_TRUNK = 0.50

#: Crown above the ears over the height from mouth to eyes: about 130 mm over 72 mm (Farkas 1994,
#: tragion to vertex, and stomion to exocanthion level).
CROWN_OVER_FACE = 1.8

#: Crown beyond the ears over the distance from neck to ears, for skeletons without a mouth. Chosen
#: without a source: an approximation of `CROWN_OVER_FACE`.
CROWN_OVER_NECK = 0.65
