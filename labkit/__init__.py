"""labkit provisions virtualization labs on VirtualBox."""

__version__ = "0.1.0"
