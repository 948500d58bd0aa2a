"""MoveNet: Google's networks for people in motion, from TensorFlow.js graph models.

`networks` gives the networks' files: `graph_model` converts a graph model, whose weights `shards`
reads, whose fused operations `fused` splits, and whose nodes `graph_def` writes.
"""
