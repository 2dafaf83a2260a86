"""A session whose calls to Google go to the test server: scheme and host are rewritten on the way out."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter


class ToTheServer(HTTPAdapter):
    """Sends what was meant for https://HOST/PATH to ROOT/HOST/PATH."""

    def __init__(self, root: str, **options: Any) -> None:
        self.root = root
        super().__init__(**options)

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        url = request.url or ""
        parts = urlsplit(url)
        if parts.scheme == "https":
            request.url = f"{self.root}/{url.removeprefix('https://')}"
            request.headers["Host"] = urlsplit(self.root).netloc
        return super().send(request, *args, **options)


def session(root: str, token: str | None = None) -> requests.Session:
    """A session that knows no other Google; with an access token, it is logged in."""
    made = requests.Session()
    made.trust_env = False
    made.mount("https://", ToTheServer(root))
    if token:
        made.headers["Authorization"] = f"Bearer {token}"
    return made


def evaluate(root: str, code: str) -> Any:
    """What a snippet of Python leaves in `result`, run inside a server in another process with `server` in scope."""
    with session(root) as own:
        answer = own.post(f"{root}/admin/eval", json={"code": code}).json()
    if "error" in answer:
        raise RuntimeError(answer["error"])
    return answer["result"]
