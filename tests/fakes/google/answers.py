"""What a service hands back to the server: a JSON-able answer, raw bytes, or the error it raises."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

GRPC_STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    412: "FAILED_PRECONDITION",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
REASONS = {
    400: "badRequest",
    401: "authError",
    403: "forbidden",
    404: "notFound",
    409: "aborted",
    429: "rateLimitExceeded",
    500: "backendError",
    501: "notImplemented",
    503: "backendError",
}


@dataclass(frozen=True)
class Caller:
    """Who an access token belongs to, and what it may do."""

    account: str
    scopes: frozenset[str]


@dataclass(frozen=True)
class Raw:
    """An answer that is no JSON."""

    content: bytes
    content_type: str = "application/octet-stream"


@dataclass
class GoogleError(Exception):
    """An error that Google answers with; how it is written depends on the API that raised it.

    `reason` and `domain` are what Drive and Gmail put into `errors`, `details` what the newer APIs add.
    """

    status: int
    reason: str = ""
    message: str = ""
    grpc_status: str = ""
    domain: str = "global"
    details: list[dict[str, Any]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__(self.status, self.message)
        self.reason = self.reason or REASONS.get(self.status, "unknown")
        self.grpc_status = self.grpc_status or GRPC_STATUS.get(self.status, "UNKNOWN")

    def body(self, *, with_errors: bool) -> dict[str, Any]:
        """The body as Sheets writes it, or with the list of `errors` that Drive and Gmail keep from older days."""
        error: dict[str, Any] = {"code": self.status, "message": self.message}
        if with_errors:
            error["errors"] = [{"message": self.message, "domain": self.domain, "reason": self.reason}]
        error["status"] = self.grpc_status
        if self.details:
            error["details"] = self.details
        return {"error": error}
