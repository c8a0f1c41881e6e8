"""How each thing is done and taken back."""
