"""What runs: one module for each command, and what the commands share in folders.

Jobs put the domain and the connectors together, in the order that makes a run safe. Nothing here decides anything
about a deal.
"""
