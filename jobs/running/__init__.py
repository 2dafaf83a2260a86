"""What every run shares: the open pipeline, the plan, writing, drafting, and what is said afterwards.

One module for each step of a run, in the order of `jobs.run`.
"""
