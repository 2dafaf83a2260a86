"""The server: takes calls over HTTP, holds them to the rules, has them carried out one after another, and answers."""

from __future__ import annotations

import json
import threading
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import TracebackType
from typing import Any, Protocol, Self
from urllib.parse import parse_qsl, unquote

from tests.fakes.google import batch, discovery, masks, uploads
from tests.fakes.google.answers import Caller, GoogleError, Raw
from tests.fakes.google.drive import Drive
from tests.fakes.google.faults import BAD_GATEWAY, GARBAGE, Fault, Faults
from tests.fakes.google.quotas import Quotas
from tests.fakes.google.sheets_service import Spreadsheets
from tests.fakes.google.tokens import TokenError, Tokens, insufficient_scope, service_disabled
from tests.fakes.google.wire import HTML_TYPE, Listener, Reply, Request, as_json

KEPT_BODY = 1_000_000
TOKEN_PATHS = {
    ("oauth2.googleapis.com", "token"),
    ("accounts.google.com", "o/oauth2/token"),
    ("www.googleapis.com", "oauth2/v4/token"),
}
CONSENT_PATHS = {("accounts.google.com", "o/oauth2/auth"), ("accounts.google.com", "o/oauth2/v2/auth")}
NOT_FOUND = """<!DOCTYPE html>
<html lang=en>
  <meta charset=utf-8>
  <title>Error 404 (Not Found)!!1</title>
  <p><b>404.</b> <ins>That’s an error.</ins>
  <p>The requested URL <code>/{path}</code> was not found on this server.  <ins>That’s all we know.</ins>
"""


class Service(Protocol):
    """What carries out the calls of one API."""

    def call(self, method: str, params: Mapping[str, Any], body: Any, caller: Caller) -> Any:
        """The answer to a call of a method that is known and whose parameters fit; GoogleError if it is refused."""


@dataclass
class Call:
    """One call as it reached the server. `body` is let go again where it is large."""

    method_id: str
    http: str
    path: str
    query: list[tuple[str, str]]
    account: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    unread: ValueError | None = None
    """Why the body is no JSON."""
    status: int = 0
    bytes_in: int = 0
    bytes_out: int = 0


class GoogleServer:
    """A context manager: Google on this machine, at `root`, from __enter__ to __exit__.

    A call to https://HOST/PATH arrives as `root`/HOST/PATH. Tests look at the models directly; whatever changes one
    while calls are under way holds `lock`. `before` is called before a call is carried out and `after` after it; a
    GoogleError that they raise is the answer. A crash of a model is answered with 500 and raised again at the end.
    """

    def __init__(self, seed: int = 0, port: int = 0) -> None:
        self.seed = seed
        self.lock = threading.RLock()
        self.tokens = Tokens()
        self.sheets = Spreadsheets(self.lock)
        self.drive = Drive(self.sheets)
        self.faults = Faults()
        self.quotas = Quotas(seed=seed)
        self.calls: list[Call] = []
        self.before: Callable[[Call], None] | None = None
        self.after: Callable[[Call], None] | None = None
        self.disabled: set[str] = set()
        """The APIs that nobody has enabled in the project: "sheets", "drive", "gmail"."""
        self.crashes: list[BaseException] = []
        self._http = Listener(("127.0.0.1", port), self.respond)
        self.root = f"http://127.0.0.1:{self._http.server_address[1]}"

    @cached_property
    def gmail(self) -> Any:
        """The mailboxes."""
        from tests.fakes.google.gmail_service import Gmail

        return Gmail(lock=self.lock)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.005,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.hang_up()
        self._http.server_close()
        if error is None and self.crashes:
            raise self.crashes[0]

    def of(self, method_id: str) -> list[Call]:
        """The calls of one method, in their order."""
        return [call for call in self.calls if call.method_id == method_id]

    def respond(self, request: Request) -> Reply:
        """The answer to a request. Requests are carried out one after another."""
        with self.lock:
            if (request.host, request.path) == ("admin", "eval"):
                return self._evaluated(request)
            if (request.host, request.path) in CONSENT_PATHS:
                return self._consented(request)
            return self._recorded(request)

    def _recorded(self, request: Request) -> Reply:
        found = discovery.find_method(request.host, request.http, request.path)
        whole = found is None and request.http == "POST" and batch.is_batch(request.host, request.path)
        token = (request.host, request.path) in TOKEN_PATHS
        call = Call(
            found[0].id if found else "batch" if whole else "oauth2.token" if token else "",
            request.http,
            f"{request.host}/{unquote(request.path)}",
            request.query,
            bytes_in=len(request.body),
        )
        self.calls.append(call)
        number = len(self.calls)
        try:
            reply = self._carried_out(request, call, found, number)
        except GoogleError as error:
            reply = self._refused(error, call)
        except Exception as crash:
            self.crashes.append(crash)
            traceback.print_exception(crash)
            reply = self._refused(GoogleError(500, message="Internal error encountered."), call)
        call.status, call.bytes_out = reply.status, len(reply.body)
        if call.bytes_in > KEPT_BODY:
            call.body = None
        return reply

    def _carried_out(self, request: Request, call: Call, found: Any, number: int) -> Reply:
        self._identify(request, call)
        if self.before:
            self.before(call)
        fault = self.faults.choose(number, call)
        if fault and not fault.after:
            return self._faulty(fault, call, Reply(200))
        if found:
            reply = self._api(request, call, *found)
        elif call.method_id == "batch":
            reply = self._batch(request, call)
        elif call.method_id == "oauth2.token":
            reply = self._token(request)
        else:
            reply = Reply(404, NOT_FOUND.format(path=request.path).encode(), HTML_TYPE)
        call.status = reply.status
        if self.after:
            self.after(call)
        return self._faulty(fault, call, reply) if fault else reply

    def _identify(self, request: Request, call: Call) -> None:
        """Note who calls and with what, so that `before` and faults can tell; what is wrong with it comes later."""
        try:
            call.account = self.tokens.caller(request.headers.get("authorization")).account
        except GoogleError:
            call.account = ""
        if call.method_id not in {"batch", "oauth2.token"} and request.body:
            try:
                call.body = json.loads(request.body)
            except ValueError as error:
                call.unread = error

    def _api(self, request: Request, call: Call, method: discovery.Method, path: dict[str, str]) -> Reply:
        try:
            caller = self.tokens.caller(request.headers.get("authorization"))
            if method.api.name in self.disabled:
                raise service_disabled(method.api.name)
            if not caller.scopes & method.scopes:
                raise insufficient_scope(method.id, method.api.host)
            params = discovery.parse_parameters(method, path, request.query)
            call.params = params
            body = uploads.parsed(method, request) if method.upload else _body(method, call)
            discovery.check_body(method, body)
            mask = masks.parse_mask(params["fields"]) if params.get("fields") else {}
            self.quotas.charge(method.id, caller.account)
            answer = self._service(method).call(method.id, params, body, caller)
        except GoogleError as error:
            return self._refused(error, call)
        if answer is None:
            return Reply(204, content_type="text/html")
        if isinstance(answer, Raw):
            return Reply(200, answer.content, answer.content_type)
        return Reply(200, as_json(masks.masked(answer, mask), pretty=params.get("prettyPrint", True)))

    def _service(self, method: discovery.Method) -> Service:
        services: dict[str, Service] = {"sheets": self.sheets, "drive": self.drive}
        return services.get(method.api.name) or self.gmail

    def _batch(self, request: Request, call: Call) -> Reply:
        try:
            return batch.answered(request, self._recorded)
        except GoogleError as error:
            return self._refused(error, call)

    def _token(self, request: Request) -> Reply:
        form = dict(parse_qsl(request.body.decode()))
        try:
            answer = self.tokens.answer(form, request.headers.get("authorization"))
        except TokenError as error:
            return Reply(error.status, as_json(error.body))
        return Reply(200, as_json(answer))

    def _consented(self, request: Request) -> Reply:
        return Reply(302, b"", HTML_TYPE, {"Location": self.tokens.consent(dict(request.query))})

    def _evaluated(self, request: Request) -> Reply:
        """Run the Python that a test in another process sends, and hand back what it leaves in `result`."""
        scope: dict[str, Any] = {"server": self}
        try:
            exec(json.loads(request.body)["code"], scope)
            return Reply(200, as_json({"result": scope.get("result")}))
        except Exception:
            return Reply(400, as_json({"error": traceback.format_exc()}))

    def _refused(self, error: GoogleError, call: Call) -> Reply:
        if call.method_id == "oauth2.token":
            return Reply(error.status, as_json({"error": "internal_failure", "error_description": error.message}))
        old = not call.method_id.startswith("sheets.")
        return Reply(error.status, as_json(error.body(with_errors=old)), headers=dict(error.headers))

    def _faulty(self, fault: Fault, call: Call, reply: Reply) -> Reply:
        error = fault.error(call)
        if error:
            return self._refused(error, call)
        if fault.kind == "bad_gateway":
            return Reply(502, BAD_GATEWAY, HTML_TYPE)
        if fault.kind == "invalid_grant":
            body = {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
            return Reply(400, as_json(body))
        if fault.kind == "garbage":
            return Reply(200, GARBAGE)
        if fault.kind == "slow":
            reply.delay = fault.seconds
        else:
            reply.cut = fault.kind
        return reply


def _body(method: discovery.Method, call: Call) -> Any:
    """The body of a call; an empty object where the method takes one and none was sent."""
    if call.unread:
        message = f"Invalid JSON payload received. {str(call.unread).partition(':')[0]}."
        raise GoogleError(400, "parseError", message)
    return {} if call.body is None and method.request else call.body
