"""Machines, as VirtualBox sees them."""
