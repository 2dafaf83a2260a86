"""The domain, pure: from a table, a history and a day to a plan.

`evaluate` is the whole of it. Nothing here reads a clock, a file, the environment or chance, and nothing imports
another part of the house; equal arguments give an equal plan.
"""
