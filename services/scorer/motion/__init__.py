"""The cleaned motion of one lifter: joints, angles, and how well the clip shows them."""
