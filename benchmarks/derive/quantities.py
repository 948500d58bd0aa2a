"""All quantities that constants are compared with."""

from .body import BODY_QUANTITIES
from .posture import POSTURE_QUANTITIES
from .quantity import Quantity
from .reps import REP_QUANTITIES
from .tracking import TRACKING_QUANTITIES

QUANTITIES: tuple[Quantity, ...] = (
    *REP_QUANTITIES,
    *BODY_QUANTITIES,
    *POSTURE_QUANTITIES,
    *TRACKING_QUANTITIES,
)
