"""A host's own certificate: made once, kept on its disk, told of in its pool's records.

The one door to `cryptography`, which only `labkit sim serve --https` needs.
"""

import datetime
import hashlib
import ipaddress
import ssl
from functools import cache
from typing import Any

from labkit.errors import ComputerError
from labkit.sim.world import SimMachine, World
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.places import address_of, database_of, home_of, system_of, uuid_of

_LASTS = datetime.timedelta(days=3650)
_BEGIN = "-----BEGIN CERTIFICATE-----"
_CLASS = "Certificate"


def make(name: str, addresses: list[str]) -> str:
    """A fresh key and its self-signed certificate, as PEM. Raises `ComputerError` without the
    library."""
    check()
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    whose = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    names = [x509.DNSName(name), *(x509.IPAddress(ipaddress.ip_address(a)) for a in addresses)]
    now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    made = (
        x509.CertificateBuilder()
        .subject_name(whose)
        .issuer_name(whose)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # Clocks differ a little.
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + _LASTS)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return (secret + made.public_bytes(serialization.Encoding.PEM)).decode()


def check() -> None:
    """Raise `ComputerError` when certificates cannot be made here."""
    try:
        import cryptography  # noqa: F401
    except ImportError as missing:
        raise ComputerError(
            "HTTPS needs a certificate, and nothing here can make one.",
            details="The Python package `cryptography` is not installed.",
            hint="Run `pip install 'labkit[serve]'`, or leave `--https` out.",
        ) from missing


def shown(pem: str) -> str:
    """The certificate without its key, as anybody may have it."""
    return _BEGIN + pem.partition(_BEGIN)[2] if _BEGIN in pem else ""


@cache
def covers(pem: str, *addresses: str) -> bool:
    """Whether the certificate is for all of these addresses, as far as they are any."""
    from cryptography import x509

    if not shown(pem):
        return False
    names = x509.load_pem_x509_certificate(shown(pem).encode()).extensions
    known = names.get_extension_for_class(x509.SubjectAlternativeName).value
    given = {str(each) for each in known.get_values_for_type(x509.IPAddress)}
    return {each for each in addresses if each} <= given


def told(world: World, machine: SimMachine) -> bool:
    """Whether the records of the host's pool say which certificate it has, as far as they have
    room for it, and anybody keeps them now."""
    found = _records(world, machine)
    if found is None:
        return True
    db, host, facts = found
    return [
        {name: db.get(_CLASS, ref, name) for name in facts}
        for ref in db.where(_CLASS, host=host, type="host")
    ] == [facts]


def tell(world: World, machine: SimMachine) -> None:
    """Let the records of the host's pool say so."""
    found = _records(world, machine)
    if found is not None:
        db, host, facts = found
        for old in db.where(_CLASS, host=host, type="host"):
            db.destroy(_CLASS, old)
        db.create(_CLASS, host=host, type="host", **facts)


def _records(world: World, machine: SimMachine) -> tuple[Database, str, dict[str, Any]] | None:
    """Where to tell of it, of which host, and what."""
    home = home_of(world, machine)
    if home is None:
        return None
    db = database_of(home)
    host, known = db.first("host", uuid=uuid_of(machine)), db.model.load(_CLASS)
    if host is None or known is None:
        # A host of 2012 has certificates, and no records of them.
        return None
    facts = _facts(system_of(machine).certificate)
    return db, host, {name: value for name, value in facts.items() if name in known.fields}


def needed(machine: SimMachine, outside: str) -> str:
    """A certificate for the address that stands in for the host's, and one it is also reached
    at, if any."""
    system = system_of(machine)
    return make(system.hostname, [each for each in (address_of(system), outside) if each])


@cache
def _facts(pem: str) -> dict[str, Any]:
    from cryptography import x509

    public = shown(pem)
    der = ssl.PEM_cert_to_DER_cert(public)
    read = x509.load_der_x509_certificate(der)
    sha256 = _colons(hashlib.sha256(der).hexdigest())
    return {
        "not_before": f"{read.not_valid_before_utc:%Y%m%dT%H:%M:%SZ}",
        "not_after": f"{read.not_valid_after_utc:%Y%m%dT%H:%M:%SZ}",
        "fingerprint": sha256,
        "fingerprint_sha256": sha256,
        "fingerprint_sha1": _colons(hashlib.sha1(der, usedforsecurity=False).hexdigest()),
    }


def _colons(digits: str) -> str:
    text = digits.upper()
    return ":".join(text[at : at + 2] for at in range(0, len(text), 2))
