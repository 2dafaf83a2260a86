"""Files, child processes, signals and HTTP pages of this machine, one module each.

What differs between operating systems is hidden here. Nothing here knows what a deal or a draft is.
"""
