"""What you can say: one file per verb."""
