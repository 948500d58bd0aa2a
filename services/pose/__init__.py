"""Finds people and their joints; the expensive stage, run as many times as there are cores."""
