"""Finds out what became of drafts in one owner's Gmail.

Nothing identifies a draft for sure: an edit in the web page may take away the token, a new subject takes it out of its
thread, sending deletes it and makes a message of another name. So it is looked for by several things, the surest first.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from fivestep.connectors.mailbox import Found, Known
from fivestep.connectors.mailboxes.gmail.api import BATCH, DraftRef
from fivestep.connectors.mailboxes.gmail.draft_id import DraftId, as_edited, as_made, as_sent, read_draft_id
from fivestep.connectors.mailboxes.gmail.mail import SENT_LABEL, GmailMessage
from fivestep.connectors.mailboxes.gmail.owner import GmailOwner
from fivestep.connectors.mailboxes.gmail.search import is_plain
from fivestep.connectors.mailboxes.mime.draft_claims import mail_of_each_draft, since
from fivestep.connectors.system.chunks import chunks

WINDOW = 100
"""How many sent mails are looked through one by one; in more of them Gmail's search does the looking."""

_FOUND_BY_SEARCH = 50


def trace(owner: GmailOwner, drafts: Sequence[Known]) -> list[Found | None]:
    """What became of each draft, in the same order; None where there is no trace of it.

    The IDs that drafts have are of this mailbox.
    """
    ids = {at: where for at, draft in enumerate(drafts) if (where := read_draft_id(draft.draft_id))}
    there = {ref.id: ref for ref in owner.api.drafts()}
    # A listing in pages may leave out what moved from one to another meanwhile.
    there |= owner.api.draft_refs([where.draft for where in ids.values() if where.draft not in there])
    found: dict[int, Found] = {}
    for at, where in ids.items():
        if where.draft in there:
            edited = where.edited(there[where.draft])
            found[at] = Found(drafts[at].draft_id, "edited" if edited else "created")
    intents = {at: draft for at, draft in enumerate(drafts) if not draft.draft_id}
    found |= _among_drafts(owner, intents, drafts, ids, there)
    gone = [at for at in range(len(drafts)) if at not in found]
    if owner.reads:
        sent = _sent(owner, [drafts[at] for at in gone])
        for at, mail in mail_of_each_draft(drafts, gone, sent).items():
            sent_at = dt.datetime.fromtimestamp(mail.at / 1000, dt.UTC)
            found[at] = Found(drafts[at].draft_id or str(as_sent(owner.address, mail.id)), "sent", sent_at)
    for at in gone:
        if drafts[at].draft_id:
            found.setdefault(at, Found(drafts[at].draft_id, "deleted" if owner.reads else "unknown"))
    return [found.get(at) for at in range(len(drafts))]


def _among_drafts(
    owner: GmailOwner,
    intents: Mapping[int, Known],
    drafts: Sequence[Known],
    ids: Mapping[int, DraftId],
    there: Mapping[str, DraftRef],
) -> dict[int, Found]:
    """The drafts that open intents have become, by position among `drafts`.

    - `owner`: the mailbox.
    - `intents`: drafts of which it is not known whether they were made, by position.
    - `drafts`, `ids`: all drafts that are asked about, and the IDs of those that have one, by position.
    - `there`: the drafts that are in the mailbox now, by Gmail's ID.
    """
    if not intents:
        return {}
    named = {drafts[at].token: where for at, where in ids.items() if where.draft in there}
    found = {at: Found(str(named[one.token]), "created") for at, one in intents.items() if one.token in named}
    at_token = {one.token: at for at, one in intents.items() if at not in found}
    others = [one for one in there if one not in {where.draft for where in named.values()}]
    read: dict[str, GmailMessage] = {}
    for some in chunks(others, BATCH):
        if not at_token:
            return found
        mails = owner.draft_mails(some)
        read |= mails
        for draft, mail in mails.items():
            if (at := at_token.pop(mail.token, None)) is not None:
                found[at] = Found(str(as_made(owner.address, there[draft])), "created")
    at_draft = {mail.id: draft for draft, mail in read.items()}
    for at, mail in mail_of_each_draft(drafts, list(at_token.values()), list(read.values())).items():
        found[at] = Found(str(as_edited(owner.address, at_draft[mail.id])), "edited")
    return found


def _sent(owner: GmailOwner, gone: Sequence[Known]) -> list[GmailMessage]:
    """The sent mails that one of these drafts may have become."""
    if not gone:
        return []
    earliest = min(since(draft) for draft in gone)
    # A list by label sees what was sent a moment ago, which a search does not.
    newest = owner.api.newest(WINDOW, label=SENT_LABEL, hidden=True)
    mails: list[GmailMessage] = []
    for some in chunks(newest.ids, BATCH):
        mails += owner.mails(some)
        if mails and mails[-1].at < earliest:
            return mails
    if not newest.more:
        return mails
    seen = {mail.token for mail in mails}
    queries = {_sent_to(draft) for draft in gone if draft.token not in seen and is_plain(draft.to)}
    pages = owner.api.search(sorted(queries), _FOUND_BY_SEARCH, hidden=True)
    return mails + owner.mails([one for page in pages for one in page.ids if one not in newest.ids])


def _sent_to(draft: Known) -> str:
    """The search for a draft's sent mail; without its subject, which a person may have changed."""
    return f"in:sent to:{draft.to} after:{since(draft) // 1000}"
