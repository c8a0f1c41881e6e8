"""Proof: what has to hold of the computer, and of a lab that is said to be up."""
