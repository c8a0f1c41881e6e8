"""The command line: options, and one short function for every verb."""
