"""Gmail's API as a few typed calls for one login; none of them sends.

The only module that knows google-api-python-client, which is untyped, and takes a quarter of a second to import.
"""

from __future__ import annotations

import base64
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from requests import Session

from fivestep.connectors.google.account import NoAccountError
from fivestep.connectors.google.errors import ApiFault, api_fault, refused_by_api
from fivestep.connectors.google.httplib2_session import SessionHttp
from fivestep.connectors.system import stopping
from fivestep.errors import CredentialsError, FivestepError, LostAnswerError, UnreachableError

BATCH = 50
"""Calls in one batch; Google takes 100 and advises no more than 50."""

BATCH_AFTER_QUOTA = 10
"""About as many are carried out at once for one user without being refused."""

_WAITS = (2.0, 4.0, 8.0, 16.0, 32.0)
"""Seconds before the refused parts of a batch are tried again."""

_PAGE = 500
_QUOTA = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "RESOURCE_EXHAUSTED"})
_PART = "mimeType,headers"
_OUTSIDE = f"id,threadId,labelIds,internalDate,snippet,payload({_PART},parts({_PART},parts({_PART})))"
"""All headers: a list of wanted ones is compared with what the sender wrote letter by letter, and `CC` is no `Cc`. Of
the parts only what they are: what a mail says beyond its first words is not asked for."""

_pause: Callable[[float], None] = stopping.pause

_Answer = Mapping[str, Any]
_Outcome = _Answer | ApiFault | FivestepError


class DraftRef(NamedTuple):
    """A draft, and the message that it is now; every edit makes it another message."""

    id: str
    message: str


class NewDraft(NamedTuple):
    """A draft to be made."""

    raw: bytes
    thread: str
    """Empty where it begins one."""


class RawMail(NamedTuple):
    """A message without its text."""

    id: str
    thread: str
    labels: frozenset[str]
    at: int
    """When it came or was sent, in milliseconds since 1970."""
    kind: str
    """Such as `multipart/alternative`."""
    headers: tuple[tuple[str, str], ...]
    """Names and values as they came."""
    parts: tuple[str, ...] = ()
    """The content types of its parts in lower case, with their parameters."""
    snippet: str = ""
    """The first words, as HTML."""


class MailIds(NamedTuple):
    """The newest messages of a list or search, newest first."""

    ids: tuple[str, ...]
    more: bool
    """Whether there are older ones."""
    threads: Mapping[str, str] = {}
    """Each one's conversation."""


class SendAs(NamedTuple):
    """An address that the account writes from."""

    address: str
    signature: str
    """HTML; empty where there is none."""
    is_default: bool


class GmailApi:
    """The calls of one login.

    Each raises UnreachableError, and CredentialsError where the login does not hold or is not allowed this.
    """

    def __init__(self, session: Session, who: str, again: str) -> None:
        self._http = SessionHttp(session)
        self._who = who
        self._again = again

    @cached_property
    def address(self) -> str:
        """The mailbox's own address, in lower case.

        Raises NoAccountError where the login holds and has no mailbox, such as that of somebody without a licence.
        """
        [outcome] = self._single(self._me.getProfile(userId="me"))
        if isinstance(outcome, ApiFault) and outcome.status not in (401, 403) and not _over_quota(outcome):
            raise NoAccountError(f"{self._who} has no mailbox in Gmail: {outcome.message or 'no reason given'}")
        return str(self._answer(outcome)["emailAddress"]).casefold()

    def send_as(self) -> list[SendAs]:
        """The addresses that the account writes from, with their signatures."""
        found = self._read(self._me.settings().sendAs().list(userId="me")).get("sendAs", ())
        return [
            SendAs(str(one["sendAsEmail"]).casefold(), str(one.get("signature", "")), bool(one.get("isDefault")))
            for one in found
        ]

    def drafts(self) -> list[DraftRef]:
        """All drafts, newest first."""
        fields = "drafts(id,message/id),nextPageToken"
        refs: dict[str, DraftRef] = {}
        token = ""
        while True:
            more = {"pageToken": token} if token else {}
            page = self._read(self._drafts.list(userId="me", maxResults=_PAGE, fields=fields, **more))
            refs |= {one["id"]: DraftRef(one["id"], one["message"]["id"]) for one in page.get("drafts", ())}
            token = page.get("nextPageToken", "")
            if not token:
                return list(refs.values())

    def draft_refs(self, ids: Sequence[str]) -> dict[str, DraftRef]:
        """Those of these drafts that still exist, by ID."""
        calls = [self._drafts.get(userId="me", id=one, format="minimal", fields="id,message/id") for one in ids]
        return {one["id"]: DraftRef(one["id"], one["message"]["id"]) for one in self._read_all(calls) if one}

    def draft_mails(self, ids: Sequence[str]) -> dict[str, RawMail]:
        """The messages of those of these drafts that still exist, by draft ID."""
        fields = f"id,message({_OUTSIDE})"
        calls = [self._drafts.get(userId="me", id=one, format="full", fields=fields) for one in ids]
        return {one["id"]: _raw_mail(one["message"]) for one in self._read_all(calls) if one}

    def newest(self, most: int, *, label: str = "", hidden: bool = False) -> MailIds:
        """The newest messages, at most 500: with this label; `hidden`: those in spam and trash as well."""
        labels = {"labelIds": [label]} if label else {}
        return _mail_ids(self._read(self._list(maxResults=most, includeSpamTrash=hidden, **labels)))

    def search(self, queries: Sequence[str], most: int, *, hidden: bool = False) -> list[MailIds]:
        """What each query finds; messages of the last minutes are not found yet."""
        pages = self._read_all([self._list(q=one, maxResults=most, includeSpamTrash=hidden) for one in queries])
        return [_mail_ids(page or {}) for page in pages]

    def mails(self, ids: Sequence[str]) -> dict[str, RawMail]:
        """Those of these messages that still exist, by ID."""
        get = self._messages.get
        calls = [get(userId="me", id=one, format="full", fields=_OUTSIDE) for one in ids]
        return {one["id"]: _raw_mail(one) for one in self._read_all(calls) if one}

    def threads(self, ids: Sequence[str]) -> list[RawMail]:
        """The messages of those of these conversations that there are."""
        get, fields = self._me.threads().get, f"messages({_OUTSIDE})"
        calls = [get(userId="me", id=one, format="full", fields=fields) for one in ids]
        return [_raw_mail(mail) for one in self._read_all(calls) if one for mail in one.get("messages", ())]

    def create_drafts(self, drafts: Sequence[NewDraft]) -> list[DraftRef | ApiFault | FivestepError]:
        """Each new draft, or why there is none.

        An ApiFault and any error but LostAnswerError mean that it was not made. Nothing is asked for twice unless
        Google has said that it was not carried out.
        """
        outcomes = self._outcomes([self._creation(draft) for draft in drafts], _over_quota)
        return [_made(outcome) if isinstance(outcome, Mapping) else outcome for outcome in outcomes]

    def refusal(self, fault: ApiFault) -> FivestepError:
        """What a refusal means that is not about a particular mail."""
        if _over_quota(fault):
            return UnreachableError("Gmail has had too many calls by this login for now; try again in a minute")
        return refused_by_api(fault, "Gmail", self._who, self._again)

    @cached_property
    def _service(self) -> Any:
        from googleapiclient.discovery import build

        return build("gmail", "v1", http=self._http, static_discovery=True, cache_discovery=False)

    # Each of these takes milliseconds to be put together, which would be felt in a search for many people.

    @cached_property
    def _me(self) -> Any:
        return self._service.users()

    @cached_property
    def _drafts(self) -> Any:
        return self._me.drafts()

    @cached_property
    def _messages(self) -> Any:
        return self._me.messages()

    def _list(self, **what: Any) -> Any:
        return self._messages.list(userId="me", fields="messages(id,threadId),nextPageToken", **what)

    def _creation(self, draft: NewDraft) -> Any:
        message = {"raw": base64.urlsafe_b64encode(draft.raw).decode("ascii")}
        if draft.thread:
            message["threadId"] = draft.thread
        return self._drafts.create(userId="me", body={"message": message}, fields="id,message/id")

    def _read(self, call: Any) -> _Answer:
        [outcome] = self._single(call)
        return self._answer(outcome)

    def _read_all(self, calls: Sequence[Any]) -> list[_Answer | None]:
        """The answers, in order; None where the thing asked for does not exist."""
        outcomes = self._outcomes(calls, _may_be_read_again)
        gone = [isinstance(outcome, ApiFault) and outcome.status == 404 for outcome in outcomes]
        return [None if no else self._answer(outcome) for no, outcome in zip(gone, outcomes, strict=True)]

    def _answer(self, outcome: _Outcome) -> _Answer:
        if isinstance(outcome, LostAnswerError):
            if (refused := _refused_login(outcome)) is not None:
                raise refused
            raise UnreachableError("Gmail gives no answer that can be read; try again later")
        if isinstance(outcome, FivestepError):
            raise outcome
        if isinstance(outcome, ApiFault):
            raise self.refusal(outcome)
        return outcome

    def _outcomes(self, calls: Sequence[Any], may_repeat: Callable[[_Outcome], bool]) -> list[_Outcome]:
        """What came of each call; where a repetition may help, the call was repeated."""
        outcomes: dict[int, _Outcome] = {}
        todo, size = list(range(len(calls))), BATCH
        for wait in (0.0, *_WAITS):
            if wait:
                _pause(wait + random.uniform(0, wait / 4))
            for begin in range(0, len(todo), size):
                some = todo[begin : begin + size]
                outcomes |= zip(some, self._at_once([calls[index] for index in some]), strict=True)
                if isinstance(fault := outcomes[some[0]], UnreachableError | CredentialsError):
                    # The rest would fail in the same way, after as long a time.
                    outcomes |= dict.fromkeys(todo[begin + size :], fault)
                    break
            todo, size = [index for index in todo if may_repeat(outcomes[index])], BATCH_AFTER_QUOTA
            if not todo:
                break
        return [outcomes[index] for index in range(len(calls))]

    def _at_once(self, calls: Sequence[Any]) -> Sequence[_Outcome]:
        return self._single(calls[0]) if len(calls) == 1 else self._batch(calls)

    def _single(self, call: Any) -> Sequence[_Outcome]:
        from googleapiclient.errors import HttpError

        try:
            return [call.execute(num_retries=0)]
        except HttpError as fault:
            return [_part_fault(fault)]
        except FivestepError as fault:
            return [fault]
        except ValueError:
            return [_unreadable()]

    def _batch(self, calls: Sequence[Any]) -> Sequence[_Outcome]:
        from googleapiclient.errors import BatchError, HttpError

        answers: dict[str, _Outcome] = {}

        def note(number: str, answer: Any, fault: Any) -> None:
            # The library hands over as text what it can't read.
            answers[number] = _part_fault(fault) if fault else answer if isinstance(answer, Mapping) else _unreadable()

        batch = self._service.new_batch_http_request(callback=note)
        for number, call in enumerate(calls):
            batch.add(call, request_id=str(number))
        missing: _Outcome = _unreadable()
        try:
            batch.execute(http=_BatchHttp(self._http, self._log_in_again))
        except HttpError as fault:
            missing = _part_fault(fault)
        except FivestepError as fault:
            missing = fault
        except (BatchError, LookupError, ValueError, TypeError, AttributeError):
            pass  # a part is missing or can't be read: of all that was not read, nothing is known
        return [answers.get(str(number), missing) for number in range(len(calls))]

    def _log_in_again(self) -> None:
        """Renew the token with a call of its own: inside a batch the session does not see that it was refused."""
        self._read(self._me.getProfile(userId="me"))


class _BatchHttp:
    """Sends a batch, and logs in again before the library repeats its refused parts."""

    def __init__(self, http: SessionHttp, log_in: Callable[[], None]) -> None:
        self._http = http
        self._log_in = log_in
        self._sent = False

    def request(self, *args: Any, **kwargs: Any) -> Any:
        if not self._sent:
            self._sent = True
            return self._http.request(*args, **kwargs)
        try:
            self._log_in()
            return self._http.request(*args, **kwargs)
        except FivestepError as fault:
            # The library forgets what it had been answered the first time.
            raise LostAnswerError(str(fault)) from fault


def _part_fault(fault: Any) -> _Outcome:
    """What the library's HttpError means."""
    if fault.resp.status >= 500:
        return LostAnswerError(f"Gmail is out of order (it answered {fault.resp.status})")
    return api_fault(fault.resp.status, fault.content)


def _refused_login(outcome: LostAnswerError) -> CredentialsError | None:
    """The refused login that kept a batch's parts from being answered; None where it was something else."""
    cause = outcome.__cause__
    return cause if isinstance(cause, CredentialsError) else None


def _may_be_read_again(outcome: _Outcome) -> bool:
    lost = isinstance(outcome, LostAnswerError) and _refused_login(outcome) is None
    return lost or _over_quota(outcome)


def _over_quota(outcome: _Outcome) -> bool:
    return isinstance(outcome, ApiFault) and (
        outcome.status == 429 or (outcome.status == 403 and not _QUOTA.isdisjoint(outcome.reasons))
    )


def _unreadable() -> LostAnswerError:
    return LostAnswerError("Gmail gave an answer that can't be read: whether it did what was asked is not known")


def _made(answer: _Answer) -> DraftRef | LostAnswerError:
    try:
        return DraftRef(answer["id"], answer["message"]["id"])
    except (KeyError, TypeError):
        return _unreadable()


def _mail_ids(page: _Answer) -> MailIds:
    found = {one["id"]: one["threadId"] for one in page.get("messages", ())}
    return MailIds(tuple(found), "nextPageToken" in page, found)


def _raw_mail(message: _Answer) -> RawMail:
    payload = message.get("payload", {})
    return RawMail(
        id=message["id"],
        thread=message["threadId"],
        labels=frozenset(message.get("labelIds", ())),
        at=int(message.get("internalDate", 0)),
        kind=str(payload.get("mimeType", "")).casefold(),
        headers=tuple((one["name"], one["value"]) for one in payload.get("headers", ())),
        parts=tuple(_parts(payload)),
        snippet=str(message.get("snippet", "")),
    )


def _parts(payload: _Answer) -> Iterator[str]:
    """The content types below this part: with their parameters where its headers have them."""
    for part in payload.get("parts", ()):
        headers = {str(one["name"]).casefold(): str(one["value"]) for one in part.get("headers", ())}
        yield headers.get("content-type", str(part.get("mimeType", ""))).casefold()
        yield from _parts(part)
