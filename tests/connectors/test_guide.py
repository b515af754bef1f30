"""The guide "Add a system" is true: its two files, put where it says, register a system that keeps the contract."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "add_a_system.md"
FILES = ("pos_sync_connector/connectors/systems/corner_shop/__init__.py", "tests/connectors/test_corner_shop.py")


def test_the_guide_makes_a_system(tmp_path):
    copied = shutil.ignore_patterns("__pycache__", "test_*.py")
    shutil.copytree(ROOT / "pos_sync_connector" / "connectors", tmp_path / "connectors", ignore=copied)
    shutil.copytree(ROOT / "tests" / "connectors", tmp_path / "tests" / "connectors", ignore=copied)
    shutil.copy(ROOT / "tests" / "__init__.py", tmp_path / "tests")
    guide = GUIDE.read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)
    assert len(blocks) == len(FILES)
    for name, block in zip(FILES, blocks, strict=True):
        assert f"`{name}`" in guide
        path = tmp_path / name.removeprefix("pos_sync_connector/")
        path.parent.mkdir(exist_ok=True)
        path.write_text(block, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:odoo", "-p", "no:cacheprovider", FILES[1]],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    passed = re.search(r"(\d+) passed", done.stdout)
    # As many as the contract has for one flow; less would mean that it was not run.
    assert passed and int(passed[1]) > 30, done.stdout
    assert "skipped" not in done.stdout
