"""MoveNet: Google's networks for people in motion, from TensorFlow.js graph models."""
