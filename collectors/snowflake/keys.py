"""The way into Snowflake's SQL API: a programmatic access token, an OAuth token, or a token signed with a key pair.

A key pair's token (JWT) lives for an hour; ``headers`` makes a new one each time, for
``Http(renew=...)``. Source: Snowflake's guide "Authenticating to the server".
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

from collectors.snowflake.settings import SnowflakeSettings
from slo.errors import SourceError

TYPE = "X-Snowflake-Authorization-Token-Type"
LIFE = timedelta(minutes=59)
"""Snowflake takes no token that lives longer than an hour."""
_EXTRA = "private_key needs the libraries PyJWT and cryptography: pip install 'tierline[snowflake]'"


def headers(settings: SnowflakeSettings, now: Callable[[], datetime]) -> dict[str, str]:
    """The headers that let a request in. Raises SourceError where the private key cannot be read."""
    if settings.token:
        return {"Authorization": f"Bearer {settings.token.get_secret_value()}", TYPE: settings.token_type}
    return {"Authorization": f"Bearer {signed(settings, now())}", TYPE: "KEYPAIR_JWT"}


def signed(settings: SnowflakeSettings, at: datetime) -> str:
    """A token of the key pair, which holds from ``at`` for 59 minutes."""
    try:
        import jwt
        from cryptography.hazmat.primitives import serialization
    except ImportError:
        raise SourceError(_EXTRA) from None
    pem = settings.private_key.get_secret_value() if settings.private_key else ""
    passphrase = settings.passphrase.get_secret_value().encode() if settings.passphrase else None
    try:
        key = serialization.load_pem_private_key(pem.encode(), passphrase)
    except (ValueError, TypeError):  # its text may show what stands in the file
        raise SourceError("private_key: it cannot be read; give a PEM file (PKCS#8, RSA of 2048 bits or more) as "
                          "file:/path, and its passphrase where it has one") from None  # fmt: skip
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    fingerprint = base64.b64encode(hashlib.sha256(public).digest()).decode()
    subject = f"{_issuer(settings.account_name)}.{(settings.user or '').upper()}"
    claims = {"iss": f"{subject}.SHA256:{fingerprint}", "sub": subject, "iat": at, "exp": at + LIFE}
    return jwt.encode(claims, key, algorithm="RS256")  # type: ignore[arg-type]


def _issuer(account: str) -> str:
    """The account as a token names it: upper case, without the region."""
    return account.upper().split(".")[0]
