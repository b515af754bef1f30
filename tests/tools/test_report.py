"""A skipped test fails the run in CI, and nowhere else."""
import json
import os
import subprocess
import sys

import pytest

from tools.bootstrap import ROOT

SKIPPED = "import pytest\ndef test_runs(): pass\n@pytest.mark.skip(reason='no browser')\ndef test_skips(): pass\n"


def run_pytest(folder, in_ci):
    (folder / "test_it.py").write_text(SKIPPED)
    environment = {name: value for name, value in os.environ.items() if name not in ("CI", "PYTEST_ADDOPTS")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:odoo", "-p", "tools.pytest_report", "-c", os.devnull,
         f"--rootdir={folder}", f"--report-to={folder}/report.json", str(folder)],
        cwd=folder, env={**environment, "PYTHONPATH": str(ROOT), **({"CI": "true"} if in_ci else {})},
        capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, json.loads((folder / "report.json").read_text())


@pytest.mark.parametrize(("in_ci", "exit_code"), [(True, 1), (False, 0)])
def test_a_skip_fails_the_run_in_ci_only(tmp_path, in_ci, exit_code):
    code, output, counts = run_pytest(tmp_path, in_ci)
    assert code == exit_code, output
    assert counts == {"passed": 1, "skipped": 1}
    assert ("Skipped tests fail the run" in output) is in_ci
