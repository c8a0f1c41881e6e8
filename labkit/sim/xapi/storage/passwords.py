"""Passwords in `device_config`: kept apart as secrets, which only their uuid refers to."""

from collections.abc import Mapping

from labkit.sim.xapi.database import Database

_PASSWORDS = ("password", "cifspassword", "chappassword", "incoming_chappassword")
_SUFFIX = "_secret"


def hidden(db: Database, device: Mapping[str, str]) -> dict[str, str]:
    """The configuration with secrets of its own instead of passwords."""
    result = dict(device)
    for name in _PASSWORDS:
        value = result.pop(name, None)
        shared = result.get(name + _SUFFIX)
        if value is None and shared is not None:
            # Each host's way to the storage has a secret of its own.
            secret = db.first("secret", uuid=shared)
            value = db.get("secret", secret, "value") if secret is not None else None
        if value is not None:
            made = db.create("secret", value=value)
            result[name + _SUFFIX] = db.get("secret", made, "uuid")
    return result


def revealed(db: Database, device: Mapping[str, str]) -> dict[str, str]:
    """The configuration as the driver sees it."""
    result = dict(device)
    for name in _PASSWORDS:
        secret = db.first("secret", uuid=device.get(name + _SUFFIX, ""))
        if secret is not None:
            result[name] = db.get("secret", secret, "value")
    return result


def forgotten(db: Database, device: Mapping[str, str]) -> None:
    """Remove the secrets of a configuration that is no more."""
    for name in _PASSWORDS:
        secret = db.first("secret", uuid=device.get(name + _SUFFIX, ""))
        if secret is not None:
            db.destroy("secret", secret)
