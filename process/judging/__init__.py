"""One deal after the other: clocks, findings, status, next step, the sequence of follow-ups, the tool's own columns.

Whether a follow-up that is due becomes a draft is decided in `process.mails`.
"""
