"""Every fault rule against labelled sets: real ones, a lifter in 3D, and rendered ones."""
