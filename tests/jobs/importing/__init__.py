"""Tests of reading files with a past."""
