"""The weekly letter: which deals stand in it, its figures, and its sentences.

Who gets it as a draft is the matter of `jobs.digest`.
"""
