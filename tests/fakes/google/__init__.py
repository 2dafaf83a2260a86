"""Google as it answers over HTTP: sheets, mailboxes, logins, quotas and their faults, on this machine."""
