"""What every run shares: the open pipeline, the plan, the writing, the drafting, and what is said afterwards.

One module for each step of a run, in the order of `jobs.run`.
"""
