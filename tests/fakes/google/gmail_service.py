"""Gmail: the mailboxes, and the methods of the API by their names in the discovery document."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import RLock
from typing import Any

from tests.fakes.google import gmail_account_calls, gmail_draft_calls, gmail_message_calls
from tests.fakes.google.answers import Caller, GoogleError
from tests.fakes.google.gmail_box import Box
from tests.fakes.google.gmail_search import Search
from tests.fakes.google.gmail_store import Numbers

CALLS: Mapping[str, Callable[[Box, Mapping[str, Any], Any], Any]] = {
    "getProfile": gmail_account_calls.get_profile,
    "drafts.create": gmail_draft_calls.create,
    "drafts.get": gmail_draft_calls.get,
    "drafts.update": gmail_draft_calls.update,
    "drafts.delete": gmail_draft_calls.delete,
    "drafts.send": gmail_draft_calls.send,
    "messages.get": gmail_message_calls.get,
    "messages.send": gmail_message_calls.send,
    "messages.trash": gmail_message_calls.trash,
    "messages.untrash": gmail_message_calls.untrash,
    "messages.modify": gmail_message_calls.modify,
    "threads.get": gmail_message_calls.get_thread,
    "labels.list": gmail_account_calls.list_labels,
    "labels.get": gmail_account_calls.get_label,
    "history.list": gmail_account_calls.list_history,
    "settings.sendAs.list": gmail_account_calls.list_send_as,
    "settings.sendAs.get": gmail_account_calls.get_send_as,
}
LISTS: Mapping[str, Callable[[Box, Mapping[str, Any], Any, Search], Any]] = {
    "drafts.list": gmail_draft_calls.find,
    "messages.list": gmail_message_calls.find,
    "threads.list": gmail_message_calls.find_threads,
}
READS = {"messages.get", "threads.get"}
METADATA = "https://www.googleapis.com/auth/gmail.metadata"


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass
class Gmail:
    """All mailboxes. A test moves `clock`, and lets the search index lag."""

    clock: Callable[[], dt.datetime] = _now
    index_lag: dt.timedelta = dt.timedelta(0)
    """How long after its arrival a message is found by `q`; a list by label sees it at once."""
    replaces_message_ids: bool = True
    """Whether a draft loses the Message-ID that the client gave it. At sending it loses it in any case."""
    metadata_scope_wins: bool = True
    """Whether a token with `gmail.metadata` is refused queries and bodies even if it has wider scopes beside it.

    Google does so: github.com/googleapis/google-api-python-client/issues/582.
    """
    numbers: Numbers = field(default_factory=Numbers, repr=False)
    lock: Any = field(default_factory=RLock, repr=False)
    boxes: dict[str, Box] = field(default_factory=dict)

    def mailbox(self, account: str) -> Box:
        """The mailbox of an account, made on first use."""
        with self.lock:
            return self.boxes.setdefault(account.casefold(), Box(account, self))

    def call(self, method: str, params: Mapping[str, Any], body: Any, caller: Caller) -> Any:
        """What the method answers; None where the answer has no body. Raises GoogleError."""
        name = method.removeprefix("gmail.users.")
        with self.lock:
            box = self._box(params, caller)
            if METADATA in caller.scopes and (self.metadata_scope_wins or not _wider(caller)):
                _check_metadata(name, params)
            if name in LISTS:
                return LISTS[name](box, params, body, Search(box, params, self.index_lag))
            if name in CALLS:
                return CALLS[name](box, params, body)
        raise GoogleError(501, "notImplemented", f"This server does not know {method}.")

    def _box(self, params: Mapping[str, Any], caller: Caller) -> Box:
        """The caller's own mailbox: a service account has none, and another's is closed."""
        if caller.account.endswith(".gserviceaccount.com"):
            raise GoogleError(400, "failedPrecondition", "Precondition check failed.", "FAILED_PRECONDITION")
        if params.get("userId", "me").casefold() not in {"me", caller.account.casefold()}:
            raise GoogleError(403, "forbidden", f"Delegation denied for {caller.account}")
        return self.mailbox(caller.account)


def _wider(caller: Caller) -> bool:
    wide = ("https://mail.google.com/", "/gmail.modify", "/gmail.readonly")
    return any(scope.endswith(wide) for scope in caller.scopes)


def _check_metadata(name: str, params: Mapping[str, Any]) -> None:
    """Raise 403 for what `gmail.metadata` does not open: any query, even an empty one, and bodies."""
    if name in LISTS and "q" in params:
        raise GoogleError(403, "forbidden", "Metadata scope does not support 'q' parameter")
    style = params.get("format") or "full"
    if name in READS and style in {"full", "raw"}:
        raise GoogleError(403, "forbidden", f"Metadata scope doesn't allow format {style.upper()}")
