"""A Debian tree with real VirtualBox, for the tests marked `vbox`."""
