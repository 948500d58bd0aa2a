"""All quantities that constants are compared with."""

from .body import BODY_QUANTITIES
from .quantity import Quantity
from .reps import REP_QUANTITIES
from .tracking import TRACKING_QUANTITIES

QUANTITIES: tuple[Quantity, ...] = REP_QUANTITIES + BODY_QUANTITIES + TRACKING_QUANTITIES
