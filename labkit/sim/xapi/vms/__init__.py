"""Virtual machines: their life, where they run, what is in them, and how they move."""
