"""What a client hands in as `raw`: read, and refused as Gmail refuses it."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from email.utils import getaddresses
from typing import Any

from tests.fakes.google.answers import GoogleError
from tests.fakes.google.gmail_raw import Field, split, unix_or_dos

LARGEST = 35 * 1024 * 1024
"""`maxSize` of the discovery document."""
RECIPIENTS = ("To", "Cc", "Bcc")
ADDRESS = re.compile(r"""[^\s@<>,;:"()\[\]\\]+@[\w-]+(\.[\w-]+)+""")
EMPTY_GROUP = re.compile(r"[^:;@<>]+:\s*;")


def raw_of(message: Any, where: str) -> bytes:
    """The mail of a message resource with line breaks as mails have them; `where` names its field in an error.

    Recipients may be missing, but what stands in their headers must be addresses.
    """
    text = message.get("raw") if isinstance(message, Mapping) else None
    if not text:
        raise invalid("'raw' RFC822 payload message string or uploading message via /upload/* URL required")
    raw = unix_or_dos(_decoded(str(text), where))
    for field in split(raw)[0]:
        if field.name.title() in RECIPIENTS and not _is_addresses(field):
            raise invalid(f"Invalid {field.name.title()} header")
    return raw


def _decoded(text: str, where: str) -> bytes:
    """The bytes of base64 in either alphabet, padded or not, as the API takes them."""
    if len(text) > LARGEST * 4 / 3:
        # As in github.com/googleapis/google-api-dotnet-client/issues/856; a limit in front of it may answer 413.
        raise GoogleError(400, "badRequest", f"Request payload size exceeds the limit: {LARGEST} bytes.")
    plain = text.translate({ord("-"): "+", ord("_"): "/"}).rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        said = f"Invalid value at '{where}' (TYPE_BYTES), Base64 decoding failed for \"{text:.100}\""
        raise GoogleError(400, "invalid", said) from None


def _is_addresses(field: Field) -> bool:
    value = field.written
    if not value or EMPTY_GROUP.fullmatch(value):
        return True
    if ":" in re.sub(r'"[^"]*"', "", value):  # getaddresses takes what stands before it for a group's name
        return False
    return all(ADDRESS.fullmatch(address) for _, address in getaddresses([value]))


def check_sendable(raw: bytes) -> None:
    """Raise what Gmail answers where a mail has nobody to go to."""
    if not any(field.name.title() in RECIPIENTS and "@" in field.written for field in split(raw)[0]):
        raise invalid("Recipient address required")


def invalid(message: str) -> GoogleError:
    """The error for an argument that Gmail does not take."""
    return GoogleError(400, "invalidArgument", message)
