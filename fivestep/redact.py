"""Takes secrets out of a text that is to be kept, or shown to others than its reader."""

from __future__ import annotations

import re

_SECRETS = (
    (re.compile(r"""(\b[a-z][a-z0-9+.-]*://[^\s:/@]+):[^\s"']*@""", re.IGNORECASE), r"\1:***@"),
    (re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]{8,}", re.IGNORECASE), r"\1 ***"),
    (re.compile(r"\bya29\.[\w.-]+|\b1//[\w-]{10,}|\bGOCSPX-[\w-]+"), "***"),
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)", re.DOTALL), "***"),
    (
        re.compile(r"""(\w*(?:password|passwd|secret|token|api_?key)["']?(?:=|:\s*["']))[^\s"'&,;}]+""", re.IGNORECASE),
        r"\1***",
    ),
)
"""Passwords in addresses, what goes into an Authorization header, Google's tokens and client secrets, private keys, and
what is called a secret."""


def redacted(text: str) -> str:
    """The text with `***` in the place of every secret that can be told by its looks."""
    for pattern, shown in _SECRETS:
        text = pattern.sub(shown, text)
    return text
