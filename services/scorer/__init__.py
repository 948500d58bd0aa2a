"""Scores each posture, and judges the whole clip once all of it is in."""
