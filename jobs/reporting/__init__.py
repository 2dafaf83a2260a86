"""The sections of the report, one module for each group of them, and its charts.

They word and draw what `process` has counted. Which sections there are, and in which order, is said in `jobs.report`.
"""
