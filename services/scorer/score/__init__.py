"""Posture features, the posture model, and the scores of postures, repetitions and sets."""
