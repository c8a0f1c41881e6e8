"""What is to go wrong on the pretend computer, in words (docs/faults.md)."""
