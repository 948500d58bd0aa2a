"""Weight plates near the hands.

`find` is the entry point. `window` cuts out the search window around the hands, `circles` finds
likely circles in it, and `rims` traces the rim near each circle and fits an ellipse.
"""
