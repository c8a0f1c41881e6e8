"""Golden machines as things of their own: found, sealed, looked after, carried elsewhere."""
