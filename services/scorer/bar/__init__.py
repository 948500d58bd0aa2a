"""The bar: which plate is the lifter's, its path, its scale, and when it moves. Pure."""
