"""The gate: which parts of a long recording show lifting. Pure.

motion    where the picture changes from key frame to key frame
lifting   where people bend down to a bar and rise, seen about once a second
"""
