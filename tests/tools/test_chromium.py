"""Without a browser the browser tests would be skipped: ./dev test says so instead."""
import os

import pytest

from tools import chromium
from tools.console import Problem


def test_an_ordinary_user_without_chromium_reads_how_to_install_it(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(Problem, match="apt-get install chromium"):
        chromium.require_chromium()


def test_any_browser_that_odoo_finds_will_do(tmp_path, monkeypatch):
    browser = tmp_path / "google-chrome"
    browser.touch()
    browser.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    chromium.require_chromium()
