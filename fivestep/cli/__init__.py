"""The command line: each command is a few lines over the Python API of the same name.

Tables, JSON output, progress and exit codes are here; no command decides anything.
"""
