"""The storage server's medium: Debian's own installer, answered by a preseed file."""
