"""A session of requests in the shape of `httplib2.Http`, for google-api-python-client."""

from __future__ import annotations

from collections.abc import Mapping

import httplib2
from requests import Session


class SessionHttp:
    """An `http=` for `googleapiclient.discovery.build`, safe to use from several threads."""

    redirect_codes = frozenset[int]()
    """Read by google-api-python-client: none is followed. A 308 means "go on" there, and no move."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def request(
        self,
        uri: str,
        method: str = "GET",
        body: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        redirections: int = 0,  # noqa: ARG002 - httplib2's parameter
        connection_type: object = None,  # noqa: ARG002 - httplib2's parameter
    ) -> tuple[httplib2.Response, bytes]:
        """The answer's head and body."""
        # The session decodes a compressed answer by itself, and asks for one.
        sent = {name: value for name, value in (headers or {}).items() if name.lower() != "accept-encoding"}
        answer = self._session.request(method, uri, data=body, headers=sent, allow_redirects=False)
        head = httplib2.Response({name.lower(): value for name, value in answer.headers.items()})
        if "content-encoding" in head:
            head["-content-encoding"] = head.pop("content-encoding")
        head.status = answer.status_code
        head["status"] = str(answer.status_code)
        head.reason = answer.reason
        return head, answer.content

    def close(self) -> None:
        """Let go of the connections."""
        self._session.close()
