"""What Sheets and Gmail share: logins, the one way out over HTTP, quotas, and the words for Google's refusals.

Nothing here knows a tab or a draft: those are in `sheets.google` and `mailboxes.gmail`.
"""
