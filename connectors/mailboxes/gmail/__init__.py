"""Drafts in Gmail, through google-api-python-client: made once, found again, their conversations read.

`mailbox` is the connector; the login and the transport are in `connectors.google`.
"""
