"""Logins: the credential files that are handed out, the token endpoint, and the page on which a person consents."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tests.fakes.google.answers import Caller, GoogleError
from tests.fakes.google.keys import claims_of, private_pem

TOKEN_URI = "https://oauth2.googleapis.com/token"
AUTH_URI = "https://accounts.google.com/o/oauth2/auth"
CLIENT_ID = "4711.apps.googleusercontent.com"
CLIENT_SECRET = "not-a-secret"
PROJECT = "fivestep-test"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
IDENTITY_SCOPES = frozenset(
    {
        "openid",
        "https://www.googleapis.com/auth/userinfo.email",
        "https://www.googleapis.com/auth/userinfo.profile",
    }
)
CREDENTIAL_EXPECTED = (
    "Expected OAuth 2 access token, login cookie or other valid authentication credential. "
    "See https://developers.google.com/identity/sign-in/web/devconsole-project."
)


class TokenError(Exception):
    """What the token endpoint refuses, in OAuth's words."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(error)
        self.status = status
        self.body = {"error": error, "error_description": description}


@dataclass(frozen=True)
class ServiceAccount:
    """A service account: whose mailboxes it may open, and with which scopes."""

    email: str
    delegation: bool
    scopes: frozenset[str]


@dataclass(frozen=True)
class Code:
    """What an authorization code can be exchanged for, and the proof that it is asked for by who began."""

    account: str
    scopes: frozenset[str]
    redirect_uri: str
    challenge: str
    method: str


@dataclass
class Tokens:
    """Every login that was handed out. `down` is the endpoint's own fault: it answers 503."""

    next_login: str = "ana@northwind.example"
    next_scopes: frozenset[str] | None = None
    next_error: str | None = None
    down: bool = False
    rotates: bool = False
    """Each refresh token serves once, and its answer holds the next one."""
    _access: dict[str, Caller] = field(default_factory=dict)
    _refresh: dict[str, Caller] = field(default_factory=dict)
    _codes: dict[str, Code] = field(default_factory=dict)
    _services: dict[str, ServiceAccount] = field(default_factory=dict)
    _revoked: set[str] = field(default_factory=set)
    _counter: int = 0

    def authorized_user(self, account: str, scopes: Collection[str]) -> dict[str, Any]:
        """The content of a token file, as it is left by a login."""
        return {
            "type": "authorized_user",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "refresh_token": self._new_refresh(Caller(account, frozenset(scopes))),
            "token_uri": TOKEN_URI,
            "scopes": sorted(scopes),
            "universe_domain": "googleapis.com",
            "account": account,
        }

    def service_account(self, email: str, delegation: bool = False, scopes: Collection[str] = ()) -> dict[str, Any]:
        """The content of a key file; with delegation, for these scopes of everybody's account."""
        self._services[email] = ServiceAccount(email, delegation, frozenset(scopes))
        return {
            "type": "service_account",
            "project_id": PROJECT,
            "private_key_id": hashlib.sha1(email.encode()).hexdigest(),
            "private_key": private_pem(),
            "client_email": email,
            "client_id": str(10**20 + int(hashlib.sha1(email.encode()).hexdigest()[:15], 16)),
            "auth_uri": AUTH_URI,
            "token_uri": TOKEN_URI,
            "auth_provider_x509_cert_url": "https://www.googleapis.com/oauth2/v1/certs",
            "universe_domain": "googleapis.com",
        }

    def client_secret(self) -> dict[str, Any]:
        """The content of an installed app's client file."""
        return {
            "installed": {
                "client_id": CLIENT_ID,
                "project_id": PROJECT,
                "auth_uri": AUTH_URI,
                "token_uri": TOKEN_URI,
                "auth_provider_x509_cert_url": "https://www.googleapis.com/oauth2/v1/certs",
                "client_secret": CLIENT_SECRET,
                "redirect_uris": ["http://localhost"],
            }
        }

    def access(self, account: str, scopes: Collection[str]) -> str:
        """An access token, without any login."""
        return self._new_access(Caller(account, frozenset(scopes)))

    def expire_all(self) -> None:
        """Let an hour pass: every access token given until now is refused."""
        self._access.clear()

    def revoke(self, account: str) -> None:
        """End every login of an account; a service account is deleted."""
        self._access = {token: caller for token, caller in self._access.items() if caller.account != account}
        self._revoked.add(account)

    def restore(self, account: str) -> None:
        """Let an account that was revoked in again with the logins that it had."""
        self._revoked.discard(account)

    def caller(self, authorization: str | None) -> Caller:
        """Whom a request's header stands for; 401 where it stands for nobody."""
        if not authorization:
            raise _unauthenticated("Request is missing required authentication credential.", "CREDENTIALS_MISSING")
        token = authorization.removeprefix("Bearer ").strip()
        if token not in self._access:
            raise _unauthenticated("Request had invalid authentication credentials.", "ACCESS_TOKEN_EXPIRED")
        return self._access[token]

    def answer(self, form: Mapping[str, str], authorization: str | None = None) -> dict[str, Any]:
        """What the token endpoint gives for a grant; TokenError for what it refuses."""
        if self.down:
            raise TokenError(503, "internal_failure", "Backend Error")
        grant = form.get("grant_type", "")
        if grant == JWT_BEARER:
            return self._service_token(form.get("assertion", ""))
        client = _basic(authorization) or (form.get("client_id"), form.get("client_secret"))
        if client[0] != CLIENT_ID:
            raise TokenError(401, "invalid_client", "The OAuth client was not found.")
        if client[1] != CLIENT_SECRET:
            raise TokenError(401, "invalid_client", "Unauthorized")
        if grant == "refresh_token":
            return self._refreshed(form)
        if grant == "authorization_code":
            return self._exchanged(form)
        raise TokenError(400, "unsupported_grant_type", f"Invalid grant_type: {grant}")

    def consent(self, query: Mapping[str, str]) -> str:
        """Where the consent page leads: back to the app, with a code or with the reason why there is none."""
        answer = {"state": query["state"]} if "state" in query else {}
        if self.next_error:
            answer["error"] = self.next_error
        else:
            asked = frozenset(query.get("scope", "").split())
            scopes = asked if self.next_scopes is None else self.next_scopes
            answer["code"] = f"4/{self._count()}"
            answer["scope"] = " ".join(sorted(scopes))
            self._codes[answer["code"]] = Code(
                self.next_login,
                scopes,
                query.get("redirect_uri", ""),
                query.get("code_challenge", ""),
                query.get("code_challenge_method", "plain"),
            )
        uri = query.get("redirect_uri", "")
        return uri + ("&" if "?" in uri else "?") + urlencode(answer)

    def _count(self) -> int:
        self._counter += 1
        return self._counter

    def _new_access(self, caller: Caller) -> str:
        token = f"ya29.{self._count()}"
        self._access[token] = caller
        return token

    def _new_refresh(self, caller: Caller) -> str:
        token = f"1//{self._count()}"
        self._refresh[token] = caller
        return token

    def _granted(self, caller: Caller, **more: str) -> dict[str, Any]:
        answer = {
            "access_token": self._new_access(caller),
            "expires_in": 3599,
            "scope": " ".join(sorted(caller.scopes)),
            "token_type": "Bearer",
        }
        return answer | more

    def _refreshed(self, form: Mapping[str, str]) -> dict[str, Any]:
        caller = self._refresh.get(form.get("refresh_token", ""))
        if caller is None:
            raise TokenError(400, "invalid_grant", "Bad Request")
        if caller.account in self._revoked:
            raise TokenError(400, "invalid_grant", "Token has been expired or revoked.")
        asked = frozenset(form.get("scope", "").split())
        if not asked <= caller.scopes:
            raise TokenError(400, "invalid_scope", "Bad Request")
        if self.rotates:
            del self._refresh[form["refresh_token"]]
            return self._granted(
                Caller(caller.account, asked or caller.scopes), refresh_token=self._new_refresh(caller)
            )
        return self._granted(Caller(caller.account, asked or caller.scopes))

    def _exchanged(self, form: Mapping[str, str]) -> dict[str, Any]:
        code = self._codes.pop(form.get("code", ""), None)
        if code is None:
            raise TokenError(400, "invalid_grant", "Malformed auth code.")
        if code.redirect_uri != form.get("redirect_uri", ""):
            raise TokenError(400, "redirect_uri_mismatch", "Bad Request")
        if code.challenge and "code_verifier" not in form:
            raise TokenError(400, "invalid_grant", "Missing code verifier.")
        if code.challenge and _challenge(form["code_verifier"], code.method) != code.challenge:
            raise TokenError(400, "invalid_grant", "Invalid code verifier.")
        self._revoked.discard(code.account)
        caller = Caller(code.account, code.scopes)
        return self._granted(caller, refresh_token=self._new_refresh(caller))

    def _service_token(self, assertion: str) -> dict[str, Any]:
        try:
            claims = claims_of(assertion)
        except ValueError as error:
            raise TokenError(400, "invalid_grant", str(error)) from error
        service = self._services.get(claims.get("iss", ""))
        if service is None or service.email in self._revoked:
            raise TokenError(400, "invalid_grant", "Invalid grant: account not found")
        if claims.get("aud") != TOKEN_URI or claims.get("exp", 0) - claims.get("iat", 0) > 3600:
            raise TokenError(400, "invalid_grant", "Invalid JWT: check your iat, exp and aud values in the JWT claim.")
        asked = frozenset(claims.get("scope", "").split())
        if not asked:
            raise TokenError(400, "invalid_scope", "Empty or missing scope not allowed.")
        subject = claims.get("sub", service.email)
        if subject == service.email:
            return self._granted(Caller(subject, asked))
        if not service.delegation or not asked <= service.scopes:
            raise TokenError(
                401,
                "unauthorized_client",
                "Client is unauthorized to retrieve access tokens using this method, "
                "or client not authorized for any of the scopes requested.",
            )
        if subject in self._revoked:
            raise TokenError(400, "invalid_grant", "Invalid email or User ID")
        return self._granted(Caller(subject, asked))


def insufficient_scope(method_id: str, service: str) -> GoogleError:
    """The error for a token that lacks every scope of which a method needs one."""
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        "domain": "googleapis.com",
        "metadata": {"method": method_id, "service": service},
    }
    message = "Request had insufficient authentication scopes."
    return GoogleError(403, "insufficientPermissions", message, details=[info])


def service_disabled(api: str) -> GoogleError:
    """The error for an API that is not enabled in the project."""
    service = f"{api}.googleapis.com"
    url = f"https://console.developers.google.com/apis/api/{service}/overview?project=471147114711"
    message = (
        f"{'Gmail' if api == 'gmail' else f'Google {api.capitalize()}'} API has not been used in project 471147114711 "
        f"before or it is disabled. Enable it by visiting {url} then retry. If you enabled this API recently, "
        "wait a few minutes for the action to propagate to our systems and retry."
    )
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "SERVICE_DISABLED",
        "domain": "googleapis.com",
        "metadata": {"consumer": "projects/471147114711", "service": service},
    }
    return GoogleError(403, "accessNotConfigured", message, domain="usageLimits", details=[info])


def _unauthenticated(message: str, reason: str) -> GoogleError:
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": {},
    }
    headers = {"WWW-Authenticate": 'Bearer realm="https://accounts.google.com/", error="invalid_token"'}
    return GoogleError(401, "authError", f"{message} {CREDENTIAL_EXPECTED}", details=[info], headers=headers)


def _basic(authorization: str | None) -> tuple[str | None, str | None] | None:
    """The client's name and secret from a header, where OAuth libraries prefer to put them."""
    if not authorization or not authorization.startswith("Basic "):
        return None
    name, _, secret = base64.b64decode(authorization[6:]).decode().partition(":")
    return name, secret


def _challenge(verifier: str, method: str) -> str:
    if method == "plain":
        return verifier
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
