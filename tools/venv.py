"""The Python environment of ./dev in the cache folder: pinned packages, with Odoo on its path."""
from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from . import cache
from .console import Problem, step
from .odoo_source import OdooSource

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
# Runs Odoo's command line; a script of its own, because Odoo's prefork server starts itself again by its path, and
# `odoo/__main__.py` would then put Odoo's folder, with its http.py, before Python's own modules.
_ODOO_BIN = "import odoo.cli\n\nif __name__ == '__main__':\n    odoo.cli.main()\n"


def ensure(source: OdooSource) -> Path:
    """The venv's python; makes the venv if these requirements, this Python and this Odoo have none yet."""
    key = cache.digest(REQUIREMENTS.read_text(), sys.version, sys.executable, str(source.python_path))[:12]
    folder = cache.folder() / "venvs" / key
    complete = folder / "complete"
    if not complete.exists():
        # Built in place, as the scripts of a venv name their own folder; the mark is set last.
        with cache.locked(f"venv-{key}", waiting_for="it installs Python packages"):
            if not complete.exists():
                shutil.rmtree(folder, ignore_errors=True)
                _build(folder, source)
                complete.touch()
    return python_of(folder)


def python_of(folder: Path) -> Path:
    return folder / "bin" / "python"


def odoo_bin() -> Path:
    """The script that runs Odoo's command line, of the venv that this process runs in."""
    return Path(sys.prefix) / "bin" / "odoo-bin"


def _build(folder: Path, source: OdooSource) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    # A venv refuses --user, which a person's pip configuration may ask for.
    environment.update(PIP_USER="0", PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_NO_INPUT="1")
    with step(f"Making a Python {sys.version_info.major}.{sys.version_info.minor} environment"):
        result = _run([sys.executable, "-m", "venv", str(folder)], environment)
        if result.returncode:
            raise Problem(
                "Python cannot make a virtual environment; on Debian and Ubuntu: apt-get install python3-venv. "
                + result.stdout.strip()[-300:]
            )
    with step("Installing Python packages"):
        install = ["-m", "pip", "install", "--quiet", "--requirement", str(REQUIREMENTS)]
        result = _run([str(python_of(folder)), *install], environment)
        if result.returncode:
            raise Problem(f"pip could not install tools/requirements.txt: {result.stdout.strip()[-800:]}")
    packages = next(folder.glob("lib/python*/site-packages"))
    (packages / "odoo-source.pth").write_text(f"{source.python_path}\n")
    (folder / "bin" / "odoo-bin").write_text(_ODOO_BIN)


def _run(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
