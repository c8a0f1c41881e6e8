#!/bin/sh
# The new root is "$1".
echo hello >"$1/etc/motd"
