"""A certificate authority and a certificate for the local web desk, for this machine only.

The authority's key signs the certificate and is then forgotten: nobody can make another one that
browsers, told to trust the authority, would believe.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from cordboard.settings import Settings

#: Names that every certificate is good for.
HERE = ("localhost", "127.0.0.1", "::1")

#: How long it is good; browsers believe no longer one than 398 days.
DAYS = 397
#: A certificate that ends sooner is made anew.
RENEW_DAYS = 30


@dataclass(frozen=True, slots=True)
class Files:
    """Where they are, as PEM."""

    authority: Path
    certificate: Path
    key: Path


def files(settings: Settings) -> Files:
    """The places of an instance's files, whether they are there or not."""
    folder = settings.run / "tls"
    return Files(folder / "ca.pem", folder / "web.pem", folder / "web.key")


def ensure(settings: Settings, names: Iterable[str] = (), *, anew: bool = False) -> bool:
    """Have a certificate for ``names`` and this machine; whether one was made.

    Raises:
        ValueError: a name is none that a certificate can be for.
    """
    wanted = list(dict.fromkeys([*HERE, *names]))
    alternatives = [_alternative(name) for name in wanted]
    found = files(settings)
    if not anew and _serves(found, alternatives):
        return False
    _make(found, alternatives)
    return True


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _serves(found: Files, wanted: list[x509.GeneralName]) -> bool:
    """Whether what is there is for these names, and not nearly over."""
    if not all(path.exists() for path in (found.authority, found.certificate, found.key)):
        return False
    certificate = x509.load_pem_x509_certificate(found.certificate.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    lasts = certificate.not_valid_after_utc - datetime.now(UTC) > timedelta(days=RENEW_DAYS)
    return lasts and set(wanted) <= set(names)


def _make(found: Files, alternatives: list[x509.GeneralName]) -> None:
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    issuer, subject = _name("Cordboard local authority"), _name("Cordboard web desk")
    authority = (
        _builder(issuer, issuer, authority_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    certificate = (
        _builder(subject, issuer, key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()),
            critical=False,
        )
        .sign(authority_key, hashes.SHA256())
    )
    found.key.parent.mkdir(parents=True, exist_ok=True)
    _write(found.authority, authority.public_bytes(serialization.Encoding.PEM), 0o644)
    _write(found.certificate, certificate.public_bytes(serialization.Encoding.PEM), 0o644)
    _write(found.key, _pem(key), 0o600)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=DAYS))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _write(path: Path, text: bytes, mode: int) -> None:
    """The whole file or none of it, and never readable by others meanwhile."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(text)
    draft.replace(path)
