"""The key of the service accounts: one for all of them, made anew in every process."""

from __future__ import annotations

import base64
import json
from functools import cache
from typing import Any


def claims_of(assertion: str) -> dict[str, Any]:
    """What a JWT says; ValueError where it is not signed with the key that was handed out."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    try:
        head, body, signature = assertion.split(".")
        signed = f"{head}.{body}".encode()
        _key().public_key().verify(_unpadded(signature), signed, padding.PKCS1v15(), hashes.SHA256())
        claims: dict[str, Any] = json.loads(_unpadded(body))
    except (ValueError, InvalidSignature) as error:
        raise ValueError("Invalid JWT Signature.") from error
    return claims


def _unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@cache
def _key() -> Any:
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def private_pem() -> str:
    from cryptography.hazmat.primitives import serialization

    pem: bytes = _key().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return pem.decode()
