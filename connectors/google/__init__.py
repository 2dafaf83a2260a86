"""What Sheets and Gmail share: logins, calls over HTTP, quotas, and words for Google's refusals.

Nothing here knows a tab or a draft: those are in `sheets.google` and `mailboxes.gmail`.
"""
