#!/bin/sh
echo ñ
