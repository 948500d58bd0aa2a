"""Weight plates around the people, followed through a chunk of frames.

`find` is the entry point. `window` chooses the part of the picture and its scale. In a few rows of
the chunk plates are detected: `circles` finds likely centres, `rims` the rings around them. Between
the detections `follow` follows them, by their faces (`flow`) or else by their rims (`alignment`).
"""
