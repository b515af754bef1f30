"""The way to a BioTrack database that takes encrypted connections only, with and without a client certificate."""
from __future__ import annotations

import psycopg2
import pytest

from connectors.errors import Failure, NeedsFixing, Refused
from connectors.systems.biotrack.failures import connecting
from tests.connectors.contract import fails
from tests.processes.biotrack_shop import pull
from tests.processes.tls_door import Authority, TlsDoor

OURS, THEIRS = Authority("Shop"), Authority("Somebody else")
SERVER = OURS.issue("server", ["localhost"])


@pytest.fixture
def open_door(biotrack_base, tmp_path):
    with TlsDoor(biotrack_base.server, SERVER, tmp_path) as door:
        yield door


@pytest.fixture
def strict_door(biotrack_base, tmp_path):
    """Whoever has no certificate of the shop's stays outside."""
    with TlsDoor(biotrack_base.server, SERVER, tmp_path, asks=OURS) as door:
        yield door


def come_in(shop, door, **settings):
    return shop.connect(**{"host": "127.0.0.1", "port": door.port, "sslmode": "require", **settings})


def certificate(authority: Authority, name: str = "odoo") -> dict[str, str]:
    """As a person pastes them: in one line."""
    own, key = authority.issue(name)
    return {"ssl_certificate": own.replace("\n", " "), "ssl_key": key.replace("\n", " ")}


def test_all_is_read_through_an_encrypted_line(biotrack_base, open_door):
    with come_in(biotrack_base, open_door) as connector:
        assert connector.check().name == "Green Door Collective"
        customers, _cursor = pull(connector, "customers")
    assert len(customers) == biotrack_base.value("SELECT count(*) FROM customers WHERE deleted = 0")
    assert open_door.guests == [""]


def test_a_client_certificate_opens_the_door(biotrack_base, strict_door):
    with come_in(biotrack_base, strict_door, **certificate(OURS, "till 7")) as connector:
        connector.check()
    assert strict_door.guests == ["till 7"]


@pytest.mark.parametrize(("offered", "code", "says"), [
    (dict, "ssl-required", "enter the certificate"),
    (lambda: certificate(THEIRS), "client-certificate", "can't be used"),
    (lambda: {**certificate(OURS), "ssl_key": certificate(OURS)["ssl_key"]}, "client-certificate", "or its key"),
    (lambda: {**certificate(OURS), "ssl_key": ""}, "client-certificate", "Enter both"),
    (lambda: {**certificate(OURS), "ssl_certificate": "half of it"}, "client-certificate", "paste all of it"),
], ids=["none", "of another", "another key", "no key", "cut off"])
def test_what_opens_no_door_is_a_sentence(biotrack_base, strict_door, offered, code, says):
    entered = offered()
    failure = fails(NeedsFixing, come_in(biotrack_base, strict_door, **entered).check)
    assert failure.code == code
    assert says in failure.sentence
    assert "PRIVATE" not in told(failure)
    assert not strict_door.guests


@pytest.mark.parametrize(("host", "settings"), [
    ("127.0.0.1", {"sslmode": "verify-ca", "ssl_root": OURS.certificate}),
    ("localhost", {"sslmode": "verify-full", "ssl_root": OURS.certificate}),
])
def test_the_servers_own_certificate_is_verified(biotrack_base, open_door, host, settings):
    assert come_in(biotrack_base, open_door, host=host, **settings).check().name


@pytest.mark.parametrize(("host", "settings"), [
    ("127.0.0.1", {"sslmode": "verify-ca", "ssl_root": THEIRS.certificate}),
    ("127.0.0.1", {"sslmode": "verify-ca"}),
    ("127.0.0.1", {"sslmode": "verify-full", "ssl_root": OURS.certificate}),
], ids=["of another", "no root", "another host"])
def test_a_server_that_may_be_another_is_a_sentence(biotrack_base, open_door, host, settings):
    failure = fails(NeedsFixing, come_in(biotrack_base, open_door, host=host, **settings).check)
    assert failure.code == "certificate"
    assert "root certificate" in failure.sentence


def test_without_encryption_nobody_comes_in(biotrack_base, open_door):
    fails(Failure, come_in(biotrack_base, open_door, sslmode="disable").check)
    assert not open_door.guests


@pytest.mark.parametrize(("says", "kind", "code"), [
    ("FATAL:  connection requires a valid client certificate", NeedsFixing, "ssl-required"),
    ('FATAL:  certificate authentication failed for user "reader"', Refused, "not-admitted"),
    ('FATAL:  "trust" authentication failed for user "reader"', Refused, "not-admitted"),
    ('FATAL:  password authentication failed for user "reader"', Refused, "bad-credentials"),
])
def test_what_a_server_with_rules_for_certificates_says(says, kind, code):
    """As PostgreSQL 15 words it where pg_hba.conf has clientcert=verify-ca or verify-full."""
    failure = connecting(psycopg2.OperationalError(says))
    assert (type(failure), failure.code) == (kind, code)


def told(failure: Failure) -> str:
    return f"{failure.sentence} {failure.details} {failure.trace}"
