#!/bin/sh -e                                   -x
true
