"""The bar: which plate is on it, its path and scale, when it moves and when it stays. Pure."""
