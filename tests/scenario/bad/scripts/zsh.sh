#!/bin/zsh
true
