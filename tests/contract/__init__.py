"""What `labkit/vbox/driver.py` promises, held on the pretend computer and on real VirtualBox."""
