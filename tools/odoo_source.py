"""Finds Odoo 19 on the machine or fetches it into the cache folder."""
from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from . import apt, cache
from .console import Problem, say, step

VERSION = "19.0"
REPOSITORY = "https://github.com/odoo/odoo.git"

# The Debian package, and the packages that its relative links point into. Odoo uses Font Awesome 4, which suites
# after trixie no longer have.
PACKAGES = {
    "odoo-19": "sid",
    "libjs-jquery": "sid",
    "libjs-jquery-form": "sid",
    "libjs-underscore": "sid",
    "fonts-roboto-unhinted": "sid",
    "fonts-montserrat": "sid",
    "fonts-ocr-b": "sid",
    "fonts-font-awesome": "trixie",
    "fonts-inconsolata": "trixie",
}
_DIST_PACKAGES = Path("usr/lib/python3/dist-packages")
# Left out of the Debian package although the manifest of `mail` names it; without it every page logs an error.
_LEFT_OUT = Path("addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js")


@dataclass(frozen=True)
class OdooSource:
    """Where Odoo is: `python_path` holds the package `odoo`, `addons_paths` what is not inside that package."""

    python_path: Path

    @property
    def package(self) -> Path:
        return self.python_path / "odoo"

    @property
    def version(self) -> str:
        """The series, such as 19.0, of odoo/release.py."""
        release: dict[str, object] = {}
        exec((self.package / "release.py").read_text(), release)  # noqa: S102 - Odoo's own file, which states it as code
        return str(release["series"])

    @property
    def addons_paths(self) -> list[Path]:
        """The folders with Odoo's own addons that Odoo does not find by itself (those of a git checkout)."""
        beside = self.python_path / "addons"
        return [beside] if (beside / "sale" / "__manifest__.py").exists() else []


def ensure() -> OdooSource:
    """ODOO_HOME, an importable `odoo`, the Debian package or a git clone, whichever is there first."""
    home = os.environ.get("ODOO_HOME")
    if home:
        return _of_home(Path(home).expanduser().absolute())
    return _importable() or _cached() or _fetch()


def _of_home(home: Path) -> OdooSource:
    for path in (home, home / _DIST_PACKAGES, home.parent):
        if (path / "odoo" / "release.py").exists():
            source = OdooSource(path)
            if source.version != VERSION:
                raise Problem(f"ODOO_HOME holds Odoo {source.version}; the addon needs {VERSION}.")
            return source
    raise Problem(f"ODOO_HOME is {home}, where no odoo/release.py is: name a checkout of Odoo {VERSION}, or unset it.")


def _importable() -> OdooSource | None:
    """The `odoo` that the machine's Python has, behind a link of its own so that nothing else comes along with it."""
    spec = importlib.util.find_spec("odoo")
    for location in (spec.submodule_search_locations or []) if spec else []:
        package = Path(location)
        if not (package / "release.py").exists() or OdooSource(package.parent).version != VERSION:
            continue
        if (package.parent / "odoo-bin").exists():
            return OdooSource(package.parent)
        target = cache.folder() / "odoo" / f"linked-{cache.digest(str(package))[:12]}"
        if not target.exists():
            with cache.building(target) as folder:
                (folder / "odoo").symlink_to(package)
        return OdooSource(target)
    return None


def _cached() -> OdooSource | None:
    for target in (_debian_target(), _git_target()):
        if target.exists():
            return OdooSource(target)
    return None


def _debian_target() -> Path:
    return cache.folder() / "odoo" / "debian" / _DIST_PACKAGES


def _git_target() -> Path:
    return cache.folder() / "odoo" / "git"


def _fetch() -> OdooSource:
    with cache.locked("odoo", waiting_for="it fetches Odoo"):
        found = _cached()
        if found:
            return found
        for mirror in apt.mirrors():
            try:
                return _from_debian(mirror)
            except Problem as problem:
                say(f"  Not from the Debian mirror: {problem}")
        return _from_git()


def _from_debian(mirror: apt.Mirror) -> OdooSource:
    root = cache.folder() / "odoo" / "debian"
    with step(f"Fetching Odoo {VERSION} as Debian's package odoo-19 (130 MB)"), cache.building(root) as folder:
        work = folder / "apt"
        versions = apt.fetch(mirror, PACKAGES, work, folder)
        shutil.rmtree(work)
        package = folder / _DIST_PACKAGES / "odoo"
        if OdooSource(package.parent).version != VERSION:
            raise Problem(f"the package odoo-19 is {versions['odoo-19']}, not {VERSION}")
        # Installed beside `odoo` by mistake: top-level packages of very common names.
        for stray in ("addons", "doc", "setup"):
            shutil.rmtree(package.parent / stray, ignore_errors=True)
        left_out = package / _LEFT_OUT
        left_out.parent.mkdir(parents=True, exist_ok=True)
        left_out.touch()
    return OdooSource(_debian_target())


def _from_git() -> OdooSource:
    if not shutil.which("git"):
        raise Problem(
            f"Odoo {VERSION} is neither here nor to be had from this machine's package mirror: "
            "install git, or set ODOO_HOME to a checkout of it."
        )
    with step(f"Cloning Odoo {VERSION}"), cache.building(_git_target()) as folder:
        command = ["git", "clone", "--quiet", "--depth", "1", "--branch", VERSION, REPOSITORY, str(folder)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode:
            reason = result.stderr.strip()[-500:]
            raise Problem(f"git clone of Odoo failed: {reason} Set ODOO_HOME to a checkout of Odoo {VERSION}.")
    return OdooSource(_git_target())


def of_this_python() -> OdooSource:
    """The Odoo on the path of the running Python: for code that runs in the venv."""
    spec = importlib.util.find_spec("odoo")
    for location in (spec.submodule_search_locations or []) if spec else []:
        if (Path(location) / "release.py").exists():
            return OdooSource(Path(location).parent)
    raise Problem("This Python has no Odoo: run it through ./dev.")
