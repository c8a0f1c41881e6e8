"""labkit's media, booted: what the vendor's start-up, and an installed host, find and are told."""
