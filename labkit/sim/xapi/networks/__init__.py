"""Networks of a pool, and what connects its hosts to them: interfaces, VLANs and bonds."""
