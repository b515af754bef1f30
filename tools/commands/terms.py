"""./dev terms: writes i18n/pos_sync_connector.pot, all that can be translated, from the addon as it stands."""
from __future__ import annotations

import subprocess
import sys

from .. import venv
from ..bootstrap import ROOT
from ..console import say, step
from ..templates import ADDON, hub_with_addon
from ..workspace import Workspace

TERMS = ADDON / "i18n" / f"{ADDON.name}.pot"
_DATES = ("POT-Creation-Date", "PO-Revision-Date")


def run(_arguments: list[str]) -> int:
    with Workspace() as workspace:
        database = hub_with_addon().copy(workspace, "hub")
        exported = database.folder / TERMS.name
        # Odoo exports as .po; without a language that is the template.
        command = [
            sys.executable, str(venv.odoo_bin()), "i18n", "export", "-c", str(database.config(name="terms")),
            "-l", "pot", "-o", str(exported), ADDON.name,
        ]
        with step("Collecting what can be translated"):
            subprocess.run(command, cwd=ROOT, env=workspace.environment(), stderr=subprocess.DEVNULL, check=True)
        text = exported.read_text(encoding="utf-8")
    if TERMS.exists() and _without_dates(TERMS.read_text(encoding="utf-8")) == _without_dates(text):
        say(f"✓ {TERMS.name} holds every term.")
    else:
        TERMS.write_text(text, encoding="utf-8")
        say(f"✓ {TERMS.name} written: {text.count('msgid ') - 1} terms.")
    return 0


def _without_dates(text: str) -> list[str]:
    return [line for line in text.splitlines() if not any(date in line for date in _DATES)]
