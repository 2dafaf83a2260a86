"""Judges one deal after the other: clocks, findings, status, next step, follow-ups, written cells.

Whether a follow-up that is due becomes a draft is decided in `process.mails`.
"""
