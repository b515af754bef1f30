"""The browser of Odoo's browser tests, which Odoo skips without a word where there is none."""
from __future__ import annotations

import os
import shutil
import subprocess

from .console import Problem, step

# The names that Odoo looks for.
_NAMES = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")


def require_chromium() -> None:
    """Installs Chromium as root where there is apt; raises Problem where it is missing and stays so."""
    if any(map(shutil.which, _NAMES)):
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        with step("Installing Chromium for the browser tests"):
            environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            for words in ("update", "install --yes --no-install-recommends chromium"):
                result = subprocess.run(
                    ["apt-get", *words.split()], env=environment, capture_output=True, text=True, check=False)
            if result.returncode == 0 and any(map(shutil.which, _NAMES)):
                return
        raise Problem(f"Chromium could not be installed: {result.stderr.strip()[-300:]}")
    raise Problem("The browser tests need Chromium: `sudo apt-get install chromium`, or install Google Chrome.")
