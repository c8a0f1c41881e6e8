"""What is VirtualBox's alone: finding it, its quirks, its opinion of our media."""
