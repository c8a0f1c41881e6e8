"""Hosts and pools, as XAPI sees them."""
