"""Posture features, the posture model, and the scores of postures, repetitions and sets.

Modules:
    features            angles and distances of a posture
    posture_model       from features to a score; reads `posture_model.json`
    scoring             scores of repetitions and of the set, with faults
    score_explanation   what lowered a score, in words
"""
