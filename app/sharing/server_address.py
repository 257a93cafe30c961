"""Addresses of database servers: shown without password, encrypted off the loopback."""

import ipaddress
import os
from collections.abc import Iterable, Mapping

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from app.errors import EnvironmentFault
from app.settings import without_password

DRIVER = "postgresql+psycopg"
DEFAULT_PORT = 5432
_SCHEMES = ("postgresql:", "postgres:", f"{DRIVER}:")
_ENCRYPTED = frozenset({"require", "verify-ca", "verify-full"})


def is_server(location: str) -> bool:
    """Say whether a location is the address of a database server."""
    return location.startswith(_SCHEMES)


def server_url(location: str, environment: Mapping[str, str] = os.environ) -> URL:
    """Return the URL to connect by; raise EnvironmentFault for one that is incomplete or unsafe."""
    try:
        url = make_url(location).set(drivername=DRIVER)
        _ = url.port
    except (ArgumentError, ValueError):
        raise EnvironmentFault(
            "This is not a complete PostgreSQL address.",  # unshown: it may hold a password
            remedy="Write postgresql://user@server:5432/database.",
        ) from None
    if "password" in url.query:
        given = _texts(url.query["password"])
        url = url.difference_update_query(["password"]).set(password=given[0])
    return _encrypted(url, environment)


def address_of(url: URL) -> str:
    """Return an address as people may see and keep it: without password."""
    return without_password(url.render_as_string(hide_password=False))


def account_of(url: URL) -> str:
    """Return under which name a password is kept: user@host:port/database."""
    return f"{url.username or ''}@{server_key(url)}"


def server_key(url: URL) -> str:
    """Return which database on which server this is: host:port/database."""
    hosts = ",".join(hosts_of(url)) or "localhost"
    ports = ",".join(_texts(url.query.get("port", ()))) or str(url.port or DEFAULT_PORT)
    return f"{hosts}:{ports}/{url.database or ''}"


def hosts_of(url: URL, environment: Mapping[str, str] = os.environ) -> list[str]:
    """Return the computers or socket folders an address leads to; none: this one's own socket."""
    given = [*_texts(url.query.get("hostaddr", ())), *_texts(url.query.get("host", ()))]
    if url.host:
        given.append(url.host)
    if not given:
        named = environment.get("PGHOSTADDR") or environment.get("PGHOST") or ""
        given = named.split(",")
    # A host in the query may carry its port: host=one:5432.
    return [host.strip() for part in given for host in part.split(",") if host.strip()]


def is_near(host: str) -> bool:
    """Say whether a host is this computer: nobody can listen in on the way."""
    if host.startswith(("/", "@")) or host.lower() == "localhost":
        return True
    for name in (host.strip("[]"), host.rpartition(":")[0].strip("[]")):
        try:
            return ipaddress.ip_address(name).is_loopback
        except ValueError:
            continue
    return host.lower().startswith("localhost:")


def _encrypted(url: URL, environment: Mapping[str, str]) -> URL:
    """Ask for TLS where the way leads off this computer; refuse an address that waives it."""
    hosts = hosts_of(url, environment)
    by_service = not hosts and ("service" in url.query or "PGSERVICE" in environment)
    if all(is_near(host) for host in hosts) and not by_service:
        return url
    asked = _texts(url.query.get("sslmode", ()))
    if asked and asked[-1] not in _ENCRYPTED:
        raise EnvironmentFault(
            "sslmode={mode} would send passwords and customer data readable over the network "
            "to {host}; Closeknit did not connect.",
            remedy="Leave sslmode out of the address (it is “require” then), "
            "or write sslmode=verify-full with sslrootcert=FILE.",
            mode=asked[-1],
            host=", ".join(hosts) or "the server",
        )
    if asked:
        return url.update_query_dict({"sslmode": asked[-1]})
    from_environment = environment.get("PGSSLMODE", "")
    if from_environment not in _ENCRYPTED:
        # With the authority's certificate at hand the server can prove who it is.
        known = "sslrootcert" in url.query or "PGSSLROOTCERT" in environment
        from_environment = "verify-full" if known else "require"
    return url.update_query_dict({"sslmode": from_environment})


def _texts(value: str | Iterable[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
