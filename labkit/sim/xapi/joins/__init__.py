"""Joining a pool: the questions each release asks, and what is copied when all are answered."""
