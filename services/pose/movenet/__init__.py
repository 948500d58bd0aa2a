"""Backends `movenet` and `movenet-fast`: MultiPose finds people, Thunder or Lightning follows.

`backend` goes from images to people. `multipose` finds everybody in an image, without the black
`bars` beside it, and `singlepose` sees one person in a square; `following` uses both from image to
image. `points` is a person as the networks see them. `second_opinion` asks BlazePose, and takes
from it what MoveNet lacks.

The networks are Google's, TensorFlow.js graph models.
`networks` gives the networks' files: `graph_model` converts a graph model, whose weights `shards`
reads, whose fused operations `fused` splits, and whose nodes `graph_def` writes.
"""
