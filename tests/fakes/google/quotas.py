"""Quotas as Google counts them: per minute, per account and per project, on a clock that a test moves."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from tests.fakes.google.answers import GoogleError

READS = frozenset(
    {
        "sheets.spreadsheets.get",
        "sheets.spreadsheets.getByDataFilter",
        "sheets.spreadsheets.values.get",
        "sheets.spreadsheets.values.batchGet",
        "sheets.spreadsheets.values.batchGetByDataFilter",
    }
)
GMAIL_UNITS = {
    "drafts.create": 10,
    "drafts.update": 15,
    "drafts.delete": 10,
    "drafts.get": 5,
    "drafts.list": 5,
    "messages.get": 20,
    "messages.list": 5,
    "threads.get": 40,
    "threads.list": 10,
    "history.list": 2,
    "labels.list": 1,
    "settings.sendAs.list": 1,
    "getProfile": 1,
}
OTHER_GMAIL_UNITS = 5
CONSUMER = "project_number:471147114711"


@dataclass
class Quotas:
    """Off until `on` is set. `now` is the clock in seconds: `now += 60` begins a new minute."""

    on: bool = False
    now: float = 0.0
    sheets_per_user: int = 60
    sheets_per_project: int = 300
    gmail_units_per_user: int = 6000
    retry_after: int | None = None
    seed: int = 0
    """With which of Gmail's wordings it begins."""
    _used: dict[tuple[str, str, int], int] = field(default_factory=lambda: defaultdict(int))
    _refused: int = 0

    def used(self, account: str, kind: str = "gmail") -> int:
        """What an account used of `gmail`, `read` or `write` in the minute that it is."""
        return self._used[(kind, account, int(self.now // 60))]

    def charge(self, method_id: str, account: str) -> None:
        """Count a call; raise Google's error for one that is too many."""
        if not self.on:
            return
        api, name = method_id.split(".", 1)
        if api == "sheets":
            self._charge_sheets("read" if method_id in READS else "write", account)
        elif api == "gmail":
            cost = GMAIL_UNITS.get(name.removeprefix("users."), OTHER_GMAIL_UNITS)
            self._charge_gmail(cost, account)

    def _charge_sheets(self, kind: str, account: str) -> None:
        minute = int(self.now // 60)
        for who, limit, per in (
            (account, self.sheets_per_user, "minute per user"),
            ("", self.sheets_per_project, "minute"),
        ):
            if self._used[(kind, who, minute)] >= limit:
                raise sheets_quota_error(kind, per, self.headers())
        self._used[(kind, account, minute)] += 1
        self._used[(kind, "", minute)] += 1

    def _charge_gmail(self, cost: int, account: str) -> None:
        key = ("gmail", account, int(self.now // 60))
        if self._used[key] + cost > self.gmail_units_per_user:
            self._refused += 1
            raise gmail_quota_error(self.seed + self._refused - 1, self.headers())
        self._used[key] += cost

    def headers(self) -> dict[str, str]:
        """When to come again, if the quotas are set to tell."""
        return {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}


def sheets_quota_error(kind: str, per: str, headers: dict[str, str] | None = None) -> GoogleError:
    """What Sheets says when reads or writes are used up."""
    metric = kind.capitalize()
    message = (
        f"Quota exceeded for quota metric '{metric} requests' and limit '{metric} requests per {per}' "
        f"of service 'sheets.googleapis.com' for consumer '{CONSUMER}'."
    )
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "RATE_LIMIT_EXCEEDED",
        "domain": "googleapis.com",
        "metadata": {
            "consumer": f"projects/{CONSUMER.partition(':')[2]}",
            "quota_metric": f"sheets.googleapis.com/{kind}_requests",
            "quota_limit": f"{metric}RequestsPer{'MinutePerUser' if 'user' in per else 'MinutePerProject'}",
            "service": "sheets.googleapis.com",
        },
    }
    return GoogleError(429, "rateLimitExceeded", message, details=[info], headers=headers or {})


GMAIL_ERRORS = (
    (
        403,
        "rateLimitExceeded",
        "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute per user' "
        f"of service 'gmail.googleapis.com' for consumer '{CONSUMER}'.",
        "usageLimits",
    ),
    (429, "rateLimitExceeded", "Resource has been exhausted (e.g. check quota).", "global"),
    (403, "userRateLimitExceeded", "User Rate Limit Exceeded", "usageLimits"),
    (429, "rateLimitExceeded", "User-rate limit exceeded.  Retry after 2026-01-01T00:15:00.000Z", "usageLimits"),
    (429, "rateLimitExceeded", "Too many concurrent requests for user.", "usageLimits"),
)
"""What Gmail was seen to say when too much is asked of it: status, reason, message, domain.

The wordings are reported in github.com/mxngls/gmail-cleaner/issues/5, taers232c/GAMADV-XTD3/issues/337 and
elie222/inbox-zero/issues/1880.
"""


def gmail_quota_error(turn: int, headers: dict[str, str] | None = None) -> GoogleError:
    """What Gmail says when the units are used up: one thing after another, by turns."""
    status, reason, message, domain = GMAIL_ERRORS[turn % len(GMAIL_ERRORS)]
    grpc_status = "PERMISSION_DENIED" if status == 403 else "RESOURCE_EXHAUSTED"
    return GoogleError(status, reason, message, grpc_status, domain, headers=headers or {})
