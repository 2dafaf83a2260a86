"""A person with a browser, to whom `fivestep login` shows the page of Google's consent.

As a program, which `BROWSER` names, it opens the page that it is called with.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import requests


def came_out(page: str) -> str:
    """The address at which the browser comes out of Google's page, as the person says yes or no there."""
    answer = requests.get(page, allow_redirects=False, timeout=10)
    assert answer.status_code == 302
    return answer.headers["Location"]


def opened(address: str) -> requests.Response:
    """What the browser shows at an address of this machine."""
    return requests.get(address, timeout=10)


def asked_for(page: str) -> dict[str, str]:
    """What the page was asked for."""
    return {name: values[0] for name, values in parse_qs(urlsplit(page).query).items()}


class Browser:
    """Takes the place of `webbrowser.open`; `change` may do something to the address at which it comes out."""

    def __init__(self) -> None:
        self.pages: list[str] = []
        self.shown: list[str] = []
        self.before: Callable[[str], object] = lambda _address: None
        self.change: Callable[[str], str] = lambda address: address
        self._tabs: list[threading.Thread] = []

    def open(self, page: str) -> bool:
        """Open a page in a tab, in which the person does the rest."""
        self.pages.append(page)
        tab = threading.Thread(target=self._log_in, args=(page,))
        self._tabs.append(tab)
        tab.start()
        return True

    def close(self) -> None:
        """Wait until every page has been shown."""
        for tab in self._tabs:
            tab.join()

    def _log_in(self, page: str) -> None:
        address = came_out(page)
        self.before(address)
        self.shown.append(opened(self.change(address)).text)


if __name__ == "__main__":
    opened(came_out(sys.argv[1]))
