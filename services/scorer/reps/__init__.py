"""Repetitions: where each begins and ends, the phase of every frame, the style of the set. Pure."""
