"""The faults that tests inject into rendered sets, and what must be measured of them."""

#: Fault → severities that are injected, and how near the measured value must come. What is seen of
#: a back is its outline, and hips that shoot up do so for a moment only.
INJECTED = {
    "hips_shoot_up": ((16, 22), 5),
    "stiff_legged": ((65, 70), 2),
    "squatted": ((-3, 2), 3),
    "rounded_back": ((40, 45), 8),
    "bar_drifts": ((0.17, 0.22), 0.03),
    "incomplete_lockout": ((30, 40), 2),
    "leaning_back": ((20, 25), 2),
    "bent_arms": ((52, 60), 3),
    "heels_lift": ((20, 25), 4),
    "hitching": ((0.4, 0.8), 0.1),
    "neck_craned": ((40, 50), 4),
}

#: Fault → a severity within the error of measuring.
WITHIN_ERROR = {
    "hips_shoot_up": 5,
    "stiff_legged": 50,
    "squatted": 18,
    "rounded_back": 15,
    "bar_drifts": 0.07,
    "incomplete_lockout": 12,
    "leaning_back": 7,
    "bent_arms": 18,
    "heels_lift": 7,
    "hitching": 0.1,
    "neck_craned": 15,
}
