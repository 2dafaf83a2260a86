"""Who reads a digest: whose deals are whose, and under which address they are reached."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from fivestep.process.model.address import bare_address, display_name, named_address
from fivestep.process.model.deal import Deal
from fivestep.process.wording.vocabulary import plain


class Reader(NamedTuple):
    """One person."""

    name: str
    """Empty where only the address is known."""
    address: str
    """In lower case; empty where only the name is known."""

    @property
    def sender(self) -> str:
        """Who a mail of this person's is from."""
        return named_address(self.name, self.address) if self.address else ""

    @property
    def who(self) -> str:
        """What messages call this person."""
        return self.name or self.address


class Readers:
    """The owners of some deals, and the lead."""

    def __init__(self, deals: Sequence[Deal], lead: str, known: Iterable[str] = ()) -> None:
        """`lead` and `known` are addresses as in the settings, with or without a name; `lead` may be empty.

        An owner without an address on one row has that of the other rows with their name, or of the settings.
        """
        people = [Reader(display_name(one), bare_address(one)) for one in (lead, *known) if one]
        self._names: dict[str, str] = {one.address: one.name for one in people if one.name}
        self._addresses: defaultdict[str, set[str]] = defaultdict(set)
        for one in people:
            if one.name:
                self._addresses[plain(one.name)].add(one.address)
        for deal in deals:
            if deal.owner and deal.owner_email:
                self._names.setdefault(deal.owner_email.casefold(), deal.owner)
                self._addresses[plain(deal.owner)].add(deal.owner_email.casefold())
        self.lead = Reader(self._names.get(bare_address(lead), ""), bare_address(lead)) if lead else None
        self._of_nobody = None if any(deal.owner or deal.owner_email for deal in deals) else self.lead
        self.all_are_the_leads = all(self.of(deal) == self.lead for deal in deals)

    def of(self, deal: Deal) -> Reader | None:
        """The owner of a deal; None where it has none. Where no deal has one, they are all the lead's."""
        if deal.owner_email:
            return self._at(deal.owner_email.casefold())
        if not deal.owner:
            return self._of_nobody
        addresses = self._addresses.get(plain(deal.owner), set())
        return self._at(next(iter(addresses))) if len(addresses) == 1 else Reader(deal.owner, "")

    def _at(self, address: str) -> Reader:
        return Reader(self._names.get(address, ""), address)
