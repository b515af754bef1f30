"""Unpacks Debian packages of any suite into a folder, as any user, leaving the machine's own apt untouched."""
from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .console import Problem

# APT's own settings that say how to reach the network; its hooks and index targets are left out.
_NETWORK_SETTING = re.compile(r"^Acquire::(?!IndexTargets|Changelogs)")

_ONE_LINE_SOURCE = re.compile(
    r"\s*deb\s+(?:\[(?P<options>[^]]*)]\s*)?(?P<uri>\S+)\s+(?P<suite>\S+)\s+(?P<components>[^#]*)")


@dataclass(frozen=True)
class Mirror:
    """Where the machine gets its Debian packages from, and the key that its apt trusts there."""

    uri: str
    signed_by: str


def mirrors() -> list[Mirror]:
    """The Debian mirrors of the machine's apt configuration; empty if it is no Debian or has no apt."""
    if not (shutil.which("apt-get") and shutil.which("dpkg")) or _os_release().get("ID") != "debian":
        return []
    codename = _os_release().get("VERSION_CODENAME", "")
    suites = {codename, "stable", "testing", "unstable", "sid"} - {""}
    found = [mirror for mirror, suite in _sources() if suite in suites]
    return list(dict.fromkeys(found))


def fetch(mirror: Mirror, packages: dict[str, str], work: Path, target: Path) -> dict[str, str]:
    """Downloads packages (name -> suite) with a private apt in `work` and unpacks them into `target`.

    Returns the version of each package. Raises Problem with apt's own words.
    """
    environment = _configure(mirror, sorted(set(packages.values())), work)
    _run(["apt-get", "update", "--error-on=any"], work, environment)
    downloads = work / "packages"
    downloads.mkdir(parents=True)
    _run(["apt-get", "download", *(f"{name}/{suite}" for name, suite in packages.items())], downloads, environment)
    versions = {}
    for package in sorted(downloads.glob("*.deb")):
        _run(["dpkg", "-x", str(package), str(target)], work, environment)
        show = ["dpkg-deb", "-W", "--showformat=${Package} ${Version}", str(package)]
        name, version = _run(show, work, environment).split()
        versions[name] = version
    return versions


def _configure(mirror: Mirror, suites: list[str], work: Path) -> dict[str, str]:
    """Writes a configuration in which apt sees nothing but these suites of the mirror."""
    for folder in ("lists/partial", "cache/archives/partial", "parts"):
        (work / folder).mkdir(parents=True)
    options = f"[signed-by={mirror.signed_by}] " if mirror.signed_by else ""
    (work / "sources.list").write_text("".join(f"deb {options}{mirror.uri} {suite} main\n" for suite in suites))
    (work / "status").write_text("")
    own = [line for line in _dump().splitlines() if _NETWORK_SETTING.match(line)]
    (work / "apt.conf").write_text("\n".join([
        f'Dir::Etc::Main "{work}/none";',
        f'Dir::Etc::Parts "{work}/parts";',
        f'Dir::Etc::SourceList "{work}/sources.list";',
        'Dir::Etc::SourceParts "-";',
        'Dir::Etc::Preferences "-";',
        'Dir::Etc::PreferencesParts "-";',
        f'Dir::State::Lists "{work}/lists";',
        f'Dir::State::Status "{work}/status";',
        f'Dir::Cache "{work}/cache";',
        # Root's apt downloads as the user _apt, who may not read a private folder.
        'APT::Sandbox::User "root";',
        *own,
        'Acquire::Languages "none";',
        'Acquire::PDiffs "false";',
        'Acquire::Retries "3";',
    ]) + "\n")
    return {**os.environ, "APT_CONFIG": str(work / "apt.conf"), "LC_ALL": "C.UTF-8"}


def _run(command: list[str], cwd: Path, environment: dict[str, str]) -> str:
    result = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    if result.returncode:
        complaints = [line for line in result.stderr.splitlines() if line.startswith(("E:", "dpkg"))] or [result.stderr]
        raise Problem(f"{' '.join(command[:2])} failed: {' '.join(complaints).strip()[:500]}")
    return result.stdout


def _dump() -> str:
    return subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True).stdout


def _os_release() -> dict[str, str]:
    try:
        lines = Path("/etc/os-release").read_text().splitlines()
    except OSError:
        return {}
    return {key: value.strip("\"'") for key, _, value in (line.partition("=") for line in lines) if value}


def _sources() -> Iterator[tuple[Mirror, str]]:
    """Every (mirror, suite) with the component main of the machine's apt, from both formats of its files."""
    places = dict(re.findall(r"^(\w+)='(.*)'$", subprocess.run(
        ["apt-config", "shell", "LIST", "Dir::Etc::SourceList/f", "PARTS", "Dir::Etc::SourceParts/d"],
        capture_output=True, text=True, check=True).stdout, re.MULTILINE))
    parts = Path(places["PARTS"])
    for path in [Path(places["LIST"]), *sorted(parts.glob("*.list"))]:
        if path.is_file():
            yield from _one_line_sources(path.read_text())
    for path in sorted(parts.glob("*.sources")):
        yield from _deb822_sources(path.read_text())


def _one_line_sources(text: str) -> Iterator[tuple[Mirror, str]]:
    for line in text.splitlines():
        match = _ONE_LINE_SOURCE.match(line)
        if match and "main" in match["components"].split():
            options = dict(option.partition("=")[::2] for option in (match["options"] or "").split())
            yield Mirror(match["uri"], options.get("signed-by", "")), match["suite"]


def _deb822_sources(text: str) -> Iterator[tuple[Mirror, str]]:
    for stanza in re.split(r"\n\s*\n", text):
        lines = "\n".join(line for line in stanza.splitlines() if not line.startswith("#"))
        fields = {
            name.lower(): value
            for name, value in re.findall(r"^([\w-]+):[ \t]*(.*(?:\n[ \t]+.*)*)", lines, re.MULTILINE)
        }
        enabled = fields.get("enabled", "yes").strip().lower() not in ("no", "false", "0")
        serves = "deb" in fields.get("types", "").split() and "main" in fields.get("components", "").split()
        if not (enabled and serves):
            continue
        # A key written out inside the stanza has no path; apt's trusted keys then have to do.
        signed_by = fields.get("signed-by", "").strip()
        signed_by = signed_by if signed_by.startswith("/") and "\n" not in signed_by else ""
        for uri in fields.get("uris", "").split():
            for suite in fields.get("suites", "").split():
                yield Mirror(uri, signed_by), suite
