"""Who gets a follow-up today, and what stands in it.

That a follow-up is due is decided in `process.judging`; making the draft is the matter of `jobs`.
"""
