"""Reading the mirror out of a machine's apt configuration, in both formats of its files."""
import pytest

from tools import apt

DEB822 = """
# The distribution's own file
Types: deb deb-src
URIs: http://mirror.example/debian
Suites: trixie trixie-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://vendor.example/apt
Suites: stable
Components: nightly
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc

Types: deb
Enabled: no
URIs: http://off.example/debian
Suites: trixie
Components: main
"""
ONE_LINE = """
# deb http://commented.example/debian trixie main
deb [arch=amd64 signed-by=/keys/a.gpg] http://mirror.example/debian trixie main non-free # the mirror
deb http://plain.example/debian/ bookworm main
deb-src http://source.example/debian trixie main
deb http://other.example/debian trixie contrib
"""


def test_the_mirror_and_its_key_come_from_a_deb822_file():
    key = "/usr/share/keyrings/debian-archive-keyring.gpg"
    mirror = apt.Mirror("http://mirror.example/debian", key)
    assert list(apt._deb822_sources(DEB822)) == [(mirror, "trixie"), (mirror, "trixie-updates")]


def test_a_key_inside_the_file_is_no_path():
    text = DEB822.replace("nightly", "main")
    assert (apt.Mirror("http://vendor.example/apt", ""), "stable") in list(apt._deb822_sources(text))


def test_the_mirror_and_its_key_come_from_a_one_line_file():
    assert list(apt._one_line_sources(ONE_LINE)) == [
        (apt.Mirror("http://mirror.example/debian", "/keys/a.gpg"), "trixie"),
        (apt.Mirror("http://plain.example/debian/", ""), "bookworm"),
    ]


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine with apt, whose sources are those above, one mirror standing in two files."""
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "a.sources").write_text(DEB822)
    (tmp_path / "sources.list").write_text("deb http://mirror.example/ubuntu noble main\n")
    dump = tmp_path / "apt-config"
    dump.write_text(f"#!/bin/sh\necho \"LIST='{tmp_path}/sources.list'\"\necho \"PARTS='{tmp_path}/parts/'\"\n")
    for name in ("apt-config", "apt-get", "dpkg"):
        (tmp_path / name).touch()
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


def test_only_the_mirror_of_the_distribution_is_taken(machine, monkeypatch):
    monkeypatch.setattr(apt, "_os_release", lambda: {"ID": "debian", "VERSION_CODENAME": "trixie"})
    assert [mirror.uri for mirror in apt.mirrors()] == ["http://mirror.example/debian"]


def test_another_distribution_has_no_mirror_of_debian(machine, monkeypatch):
    monkeypatch.setattr(apt, "_os_release", lambda: {"ID": "ubuntu", "VERSION_CODENAME": "noble"})
    assert apt.mirrors() == []
