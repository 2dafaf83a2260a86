"""What works: how far deals come, and what is to be expected of the open ones, in plain counts.

Nothing is claimed beyond the counts. Limits and chances come from `process.prognosis`; pages are made in `jobs`.
"""
