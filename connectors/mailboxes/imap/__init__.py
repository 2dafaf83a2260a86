"""Drafts in any mailbox by IMAP, in each owner's Drafts folder.

Only this folder knows imap-tools.
"""
