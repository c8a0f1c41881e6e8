"""Log in to XAPI. The one door to the `XenAPI` package.

The stock client waits for ever for a host that does not answer, and follows a restarted
host's SESSION_INVALID by logging in again; here every connection has a deadline, and what
goes wrong is one of labkit's own errors.
"""

import http.client
import ssl
import xml.parsers.expat
import xmlrpc.client
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import XenAPI

from labkit.errors import LabError

USER = "root"
_TIMEOUT = 60.0
"""Seconds without an answer after which a host counts as unreachable. `pool.join` is the
slowest call labkit makes: it copies the joining host's records to the master."""

_LOST = (
    OSError,
    http.client.HTTPException,
    xmlrpc.client.Error,
    # Half an answer: the library reads what there is as if it were all.
    xml.parsers.expat.ExpatError,
)
"""What becomes of a call whose answer does not arrive whole."""


class XapiFailure(LabError):
    """XAPI refused a call: `code` and `params` are its own."""

    def __init__(self, code: str, params: list[str]) -> None:
        super().__init__(
            f"XAPI refused: {code}.",
            details=", ".join(params),
            hint="The code is explained in XAPI's documentation under that name.",
        )
        self.code = code
        self.params = params


class WrongPassword(LabError):
    """The host does not know this root password."""

    def __init__(self, url: str) -> None:
        super().__init__(
            f"The host at {url} does not accept the root password.",
            details="It was installed with another one, or it has been changed since.",
            hint="Set LABKIT_ROOT_PASSWORD to the right one and run the command again.",
        )


class Unreachable(LabError):
    """The host does not answer, or not in XAPI's way."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(
            f"The host at {url} does not answer.",
            details=reason,
            hint="`labkit status` shows whether its machine runs; then run the same command again.",
        )


@contextmanager
def login(url: str, password: str) -> Iterator[Any]:
    """A session's `xenapi` proxy: `with login(url, password) as api: api.host.get_all()`.

    Raises `Unreachable`, `WrongPassword` or `XapiFailure`, for the login and for every call
    made inside.
    """
    session = XenAPI.Session(url, transport=_transport(url))
    try:
        session.xenapi.login_with_password(USER, password, "1.0", "labkit")
        # A session that ends while its host restarts is re-opened by the stock client, unasked:
        # forget the password, so that the answer reaches us instead.
        session.last_login_method = None
        session.last_login_params = None
        try:
            yield session.xenapi
        finally:
            session.last_login_method = "login_with_password"
            with suppress(XenAPI.Failure, *_LOST):
                session.xenapi.session.logout()
    except XenAPI.Failure as failure:
        code, *params = (str(part) for part in failure.details)
        if code == "SESSION_AUTHENTICATION_FAILED":
            raise WrongPassword(url) from None
        raise XapiFailure(code, params) from failure
    except _LOST as failure:
        raise Unreachable(url, f"{type(failure).__name__}: {failure}") from failure
    finally:
        session("close")()


def _transport(url: str) -> xmlrpc.client.Transport:
    if not url.startswith("https:"):
        return _HttpTransport()
    # A freshly installed host has a certificate it signed itself; nobody could check it.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return _HttpsTransport(context=context)


class _HttpTransport(xmlrpc.client.Transport):
    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        connection = super().make_connection(host)
        connection.timeout = _TIMEOUT
        return connection


class _HttpsTransport(xmlrpc.client.SafeTransport):
    def make_connection(self, host: Any) -> http.client.HTTPSConnection:
        connection = super().make_connection(host)
        connection.timeout = _TIMEOUT
        return connection
