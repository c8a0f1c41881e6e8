"""`python -m labkit` is `labkit`."""

from labkit.cli.app import main

main()
