"""Debian, pretended: the netinst ISO, its installer, and the storage server it leaves."""
