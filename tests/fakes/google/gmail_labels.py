"""The labels of a mailbox: Gmail's own, and those that a person made."""

from __future__ import annotations

CATEGORIES = {f"CATEGORY_{name}" for name in ("PERSONAL", "SOCIAL", "PROMOTIONS", "UPDATES", "FORUMS")}
SYSTEM = {"CHAT", "SENT", "INBOX", "IMPORTANT", "TRASH", "DRAFT", "SPAM", "STARRED", "UNREAD", *CATEGORIES}
FIXED = {"SENT", "DRAFT", "CHAT"}
"""What no client may put on a message or take off it."""
HIDDEN = {"SPAM", "TRASH"}
"""What lists leave out unless they are asked."""


class Labels:
    """Labels by ID. A person's have an ID such as `Label_1` and a name."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {name: name for name in sorted(SYSTEM)}

    def id_of(self, label: str) -> str:
        """The ID of a label that is named by its ID or its name; a new name makes a label."""
        if label in self.names:
            return label
        known = {name: label_id for label_id, name in self.names.items()}
        if label not in known:
            known[label] = f"Label_{len(self.names) - len(SYSTEM) + 1}"
            self.names[known[label]] = label
        return known[label]

    def by_search_name(self) -> dict[str, str]:
        """The IDs by what `label:` calls them: in lower case, a hyphen for a blank and for a slash."""
        names = {name.casefold().translate({32: "-", 47: "-"}): label_id for label_id, name in self.names.items()}
        return {**names, "drafts": "DRAFT", "chats": "CHAT"}
