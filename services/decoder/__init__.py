"""Turns a video into chunks of small upright frames."""
