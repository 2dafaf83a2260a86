"""What Google's refusals mean for a person: which account, which file, what to do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from fivestep.errors import CredentialsError, FivestepError, SettingsError, UnreachableError


class ApiFault(NamedTuple):
    """An answer of status 4xx."""

    status: int
    message: str
    reasons: frozenset[str]
    """Google's own words for it: `PERMISSION_DENIED`, `SERVICE_DISABLED`, `notFound`."""


def api_fault(status: int, body: bytes | str) -> ApiFault:
    """The fault that an answer tells of, in whichever of Google's shapes it does."""
    try:
        error = json.loads(body)["error"]
    except (ValueError, KeyError, TypeError):
        return ApiFault(status, "", frozenset())
    if not isinstance(error, Mapping):
        return ApiFault(status, str(error), frozenset({str(error)}))
    told = [*error.get("errors", ()), *error.get("details", ())]
    reasons = {error.get("status"), *(one.get("reason") for one in told if isinstance(one, Mapping))}
    return ApiFault(status, str(error.get("message", "")), frozenset(str(reason) for reason in reasons if reason))


def refused_by_api(fault: ApiFault, service: str, who: str, again: str) -> FivestepError:
    """What a refusal means that says nothing about a particular sheet or mail.

    `service` is `Google Sheets` or `Gmail`, `who` the account, `again` what renews its login.
    """
    if fault.status == 401:
        return CredentialsError(f"{service} does not accept the login of {who} any more: {again}")
    if "ACCESS_TOKEN_SCOPE_INSUFFICIENT" in fault.reasons or "insufficientPermissions" in fault.reasons:
        return CredentialsError(f"the login of {who} was not allowed to use {service} for this: {again}")
    if fault.reasons & {"SERVICE_DISABLED", "accessNotConfigured"}:
        return CredentialsError(
            f"{service} is not switched on in the Google project of the login: open console.cloud.google.com, "
            f"APIs & Services, Library, and enable the {service} API (docs/google.md, step 1); it takes a minute"
        )
    if fault.status == 403:
        return CredentialsError(f"{service} refuses this to {who}: {fault.message or 'no reason given'}")
    return UnreachableError(f"{service} refused the call ({fault.status}): {fault.message or 'no reason given'}")


class Login(NamedTuple):
    """What is known of a login that failed."""

    kind: str
    """As the setting `[google] login` has it."""
    file: str
    """The file that it comes from, or another word for its place."""
    who: str
    """The person or service account; empty where it is not known."""
    client_id: str
    """A service account's; empty elsewhere."""
    scopes: tuple[str, ...]
    """What was asked for."""
    again: str


def refused_login(told: Mapping[str, Any] | str, login: Login) -> CredentialsError:
    """What a token endpoint's refusal means.

    `told` is its answer, of which only the error's words are repeated.
    """
    error, description = _words(told)
    whose = f"the login of {login.who} ({login.file})" if login.who else f"the login in {login.file}"
    if error == "unauthorized_client" and login.kind == "service-account":
        return CredentialsError(
            f"{login.file} may not act for {login.who}: domain-wide delegation is not granted. An administrator of "
            "your Workspace has to enter it at admin.google.com, Security, Access and data control, API controls, "
            f"Domain-wide delegation: client ID {login.client_id}, scopes {','.join(login.scopes)} (docs/google.md)"
        )
    if error == "invalid_grant" and login.kind == "service-account":
        return CredentialsError(
            f"{whose} is refused ({description or error}). Look whether the clock of this machine is right, whether "
            f"the key is still listed for the service account, and whether the person exists: {login.again}"
        )
    if error == "invalid_grant":
        return CredentialsError(
            f"{whose} has expired or was revoked. The usual causes: the OAuth app is External and in Testing, where a "
            "login ends after 7 days (docs/google.md, step 3); access was taken back; the password was changed; it was "
            f"not used for six months. Then: {login.again}"
        )
    if error in ("invalid_client", "deleted_client", "unauthorized_client"):
        return CredentialsError(
            f"{whose} belongs to an OAuth client that Google does not know any more ({error}). Download the client's "
            f"file anew (docs/google.md, step 4), and then: {login.again}"
        )
    return CredentialsError(f"{whose} is refused ({description or error or 'no reason given'}): {login.again}")


def no_credentials(named: str) -> CredentialsError:
    """Application default credentials were asked for, and this machine has none.

    `named` is the file that the environment names for them; empty where it names none.
    """
    ways = (
        "Either name the file of a login in the environment's GOOGLE_APPLICATION_CREDENTIALS, "
        "or run: gcloud auth application-default login"
    )
    if named:
        what = "which GOOGLE_APPLICATION_CREDENTIALS names, is not there, or is not the file of a login"
        return CredentialsError(f"{named}, {what} (the key of a service account, or what gcloud has stored). {ways}")
    return CredentialsError(f'there are no application default credentials here ([google] login = "default"). {ways}')


def broken_file(file: str, what: str, how: str) -> CredentialsError:
    """A file of a login that is not what it should be."""
    return CredentialsError(f"{file} is not {what}. Name the right file under [google], or mend this one: {how}")


def missing_file(file: str, what: str, how: str) -> CredentialsError:
    """A file of a login that is not there."""
    return CredentialsError(f"there is no file {file}, which should be {what}: {how}")


def sheet_fault(fault: ApiFault, named: str, who: str, again: str, share_with: str) -> FivestepError:
    """What a refusal means for the spreadsheet that the settings name.

    - `fault`: Google's refusal.
    - `named`, `who`: what messages call the spreadsheet and the login.
    - `again`: what a person does to log in again.
    - `share_with`: the address that the spreadsheet must be shared with; empty for that of the login.
    """
    whom = f"share it with {share_with}" if share_with else f"share it with the account of {who}"
    if fault.status == 404:
        return SettingsError(f"there is no spreadsheet at {named}: copy its address from the browser once more")
    if "not supported for this document" in fault.message or "Office file" in fault.message:
        return SettingsError(
            f"{named} is an Excel file in Google Drive. Open it there, choose File, Save as Google Sheets, and name "
            "the new spreadsheet's address under [pipeline] sheet"
        )
    specific = {"ACCESS_TOKEN_SCOPE_INSUFFICIENT", "insufficientPermissions", "SERVICE_DISABLED", "accessNotConfigured"}
    if fault.status == 403 and not fault.reasons & specific:
        return CredentialsError(
            f"{named} is not open to this login, or not for editing. In the spreadsheet, press Share and {whom} as an "
            "Editor"
        )
    return refused_by_api(fault, "Google Sheets", who, again)


def _words(told: Mapping[str, Any] | str) -> tuple[str, str]:
    if isinstance(told, Mapping):
        return str(told.get("error", "")), str(told.get("error_description", ""))
    error, _, description = told.partition(":")
    return error.strip(), description.strip()
