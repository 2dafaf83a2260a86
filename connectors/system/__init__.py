"""Files, child processes, signals, calls by HTTP and pages over HTTP, one module each.

What differs between operating systems is hidden here. Nothing here knows what a deal or a draft is.
"""
