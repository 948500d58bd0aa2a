"""Trains the posture model from labelled pictures, clips and tables of key points."""
