"""The addresses that a person sends as, with their names and signatures."""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import formataddr, parseaddr
from typing import Any


class Identities:
    """The account's own address first, then the aliases."""

    def __init__(self, account: str) -> None:
        self.account = account
        self._all: dict[str, dict[str, Any]] = {}
        self._put(account, isPrimary=True, isDefault=True)

    def _put(self, address: str, **more: Any) -> dict[str, Any]:
        plain = {"sendAsEmail": address, "displayName": "", "replyToAddress": "", "signature": ""}
        return self._all.setdefault(address.casefold(), {**plain, **more})

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self._all.values())

    def get(self, address: str) -> dict[str, Any] | None:
        """The entry of `settings.sendAs` for this address."""
        return self._all.get(address.casefold())

    def addresses(self) -> frozenset[str]:
        """All of them in lower case."""
        return frozenset(self._all)

    def set(self, address: str, signature: str, display_name: str | None, is_default: bool) -> None:
        """Make or change an entry; a new one is an alias that has been verified."""
        entry = self._put(address, isPrimary=False, isDefault=False, treatAsAlias=True, verificationStatus="accepted")
        entry["signature"] = signature
        if display_name is not None:
            entry["displayName"] = display_name
        if is_default:
            for other in self:
                other["isDefault"] = other is entry

    def sender(self, written: str) -> str:
        """The `From` header that a mail gets: as written for an own address, else the account's own."""
        if parseaddr(written)[1].casefold() in self._all:
            return written
        return formataddr((self._all[self.account.casefold()]["displayName"], self.account))
