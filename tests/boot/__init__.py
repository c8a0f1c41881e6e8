"""labkit's boot medium, booted: what the vendor's start-up would find and be told."""
