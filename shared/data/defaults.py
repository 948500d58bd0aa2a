"""Defaults and limits that the command line shows, apart from the options' types.

Those types are slow to import.
"""

#: The pose backend.
BACKEND = "movenet"

#: Diameter of the plates, in mm: Olympic bumper plates, and discs of 20 and 25 kg (IWF).
PLATE_MM = 450.0

#: Cut-off of the low-pass, in hertz. Markers of a squat or deadlift are filtered at 4 to 8 Hz
#: (Winter 2009, ch. 3); 5 keeps a pull of 0.5 s.
SMOOTH_HZ = 5.0

#: Height of the picture that OpenPose's networks take, in pixels; OpenPose's own default.
POSE_HEIGHT_PX = 368

#: Longest time that an option, a setting or a job's record takes, in seconds (chosen: 68 years, as
#: Redis and Python's timers take that much).
MAX_TIME_S = 2**31 - 1
