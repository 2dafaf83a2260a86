"""Learns from the team's own past how long is too long, and how likely a deal is to be won.

Stays in stages are counted here, limits and chances fitted, and both replayed against what came of it. Which day it is,
and where the past is kept, is said by the caller; what a limit means for one deal is decided in `process.judging`.
"""
