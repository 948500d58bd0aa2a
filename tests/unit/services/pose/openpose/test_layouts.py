import pytest

from services.pose.openpose.layouts import MPI, Layout


def test_a_layout_with_unequal_limbs_and_fields_is_refused():
    with pytest.raises(ValueError, match="1 limbs with 0 fields"):
        Layout("x", ("a", "b"), ((0, 1),), (), MPI.thresholds)
