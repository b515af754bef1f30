"""./dev mutants: puts faults into the posting code, one at a time, in a copy of the project, and says which test finds
each. One that none finds fails the run. Arguments choose by words of a fault's name."""
from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from .. import odoo_source
from ..bootstrap import ROOT
from ..console import Problem, say
from ..database import Database
from ..templates import hub_with_addon
from ..workspace import Workspace

_ADDON = Path("pos_sync_connector")
_FAILED = re.compile(r"^(?:SUB)?FAILED.*::(\w+)", re.MULTILINE)


@dataclass(frozen=True)
class Mutant:
    """`old` in `file` becomes `new`; `tests`: the file that must find it."""

    name: str
    file: str
    old: str
    new: str
    tests: str


MUTANTS = (
    Mutant("a tax without account is booked as income", "sync/accounting/hold_taxes.py",
           "if any(not line.account_id for", "if not any(True for", "test_posting_holds"),
    Mutant("a refund with a credit note is posted again", "sync/accounting/day_amounts.py",
           "refunds - credited_by_hand(refunds)", "refunds", "test_posting_credit_notes"),
    Mutant("a refunded charge is spread over the goods", "sync/accounting/refund_items.py",
           "for charge in refund.charge_ids:", "for charge in refund.charge_ids[:0]:", "test_posting_golden"),
    Mutant("a business day is UTC's", "sync/accounting/gather_days.py",
           "AT TIME ZONE COALESCE(place.timezone, %s))", "AT TIME ZONE COALESCE('UTC', %s))", "test_posting_summary"),
    Mutant("rounding takes what finds no line", "sync/accounting/day_amounts.py",
           "if abs(rest) > self._tolerance(work, len(lines)):", "if False:", "test_posting_holds"),
    Mutant("cash rounding is left out", "sync/accounting/day_amounts.py",
           "sum(payment.amount + COALESCE(payment.tip, 0) + COALESCE(payment.rounding, 0)),",
           "sum(payment.amount + COALESCE(payment.tip, 0)),", "test_posting_golden"),
    Mutant("a gift card that is sold is revenue", "sync/accounting/day_amounts.py",
           "if kind == GIFT_CARD:", "if False:", "test_posting_golden"),
    Mutant("all money goes to the account of the first method", "sync/accounting/day_amounts.py",
           "account_id=method.account_id.id", "account_id=methods[0].account_id.id", "test_posting_summary"),
    Mutant("what is posted is posted once more", "sync/accounting/post_days.py",
           "rounded(known.amount - rounded(posted))", "rounded(known.amount)", "test_posting_days"),
    Mutant("a cancelled order that was paid is no sale", "sync/sales/sold.py",
           "sale.amount_total > 0", "sale.amount_total < 0", "test_posting_golden"),
    Mutant("a payout clears what is not posted", "sync/accounting/clear_payments.py",
           'day.state != "posted"', 'day.state == "none"', "test_payouts_cleared"),
    Mutant("a payout clears today's account", "sync/accounting/clear_payments.py",
           'posted.get((day.id, f"payment:{method.id}"), (', "{}.get(None, (", "test_payouts_cleared"),
    Mutant("an exchange difference stays on the receivable", "sync/accounting/exchange_days.py",
           "if not extra:", "if True:", "test_posting_exchange"),
    Mutant("a day is green with another method's money", "sync/accounting/find_money_differences.py",
           "if left:", "if False:", "test_reconcile_posted"),
)  # fmt: skip


def run(arguments: list[str]) -> int:
    wanted = " ".join(arguments)
    chosen = [mutant for mutant in MUTANTS if wanted in mutant.name]
    if not chosen:
        raise Problem(f"No fault is named so. There are: {'; '.join(mutant.name for mutant in MUTANTS)}.")
    with Workspace() as workspace:
        database = hub_with_addon().copy(workspace, "mutants")
        copy = workspace.folder / "copy"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".git", "__pycache__", ".pytest_cache"))
        living = [mutant.name for mutant in chosen if not _is_found(workspace, database, copy, mutant)]
    say(f"✗ No test finds: {'; '.join(living)}" if living else f"✓ All {len(chosen)} faults are found.")
    return 1 if living else 0


def _is_found(workspace: Workspace, database: Database, copy: Path, mutant: Mutant) -> bool:
    file = copy / _ADDON / mutant.file
    text = file.read_text(encoding="utf-8")
    if text.count(mutant.old) != 1:
        raise Problem(f"{mutant.file} holds “{mutant.old}” {text.count(mutant.old)} times: {mutant.name}.")
    file.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
    try:
        output = _output(workspace, database, copy, mutant)
    finally:
        file.write_text(text, encoding="utf-8")
    found = _FAILED.findall(output)
    if not found and " passed" not in output:
        raise Problem(f"{mutant.tests} did not run: {output[-2000:]}")
    say(f"{'✓' if found else '✗'} {mutant.name}: {found[0] if found else 'found by no test'} ({mutant.tests})")
    return bool(found)


def _output(workspace: Workspace, database: Database, copy: Path, mutant: Mutant) -> str:
    addons = [copy, *odoo_source.of_this_python().addons_paths]
    config = database.config({"addons_path": ",".join(map(str, addons))})
    command = [
        sys.executable, "-m", "pytest", "-p", "tools.pytest_workers", f"--odoo-database={database.name}",
        f"--odoo-config={config}", "--odoo-http", "-x", "-q", "-m", "not thorough",
        str(_ADDON / "tests" / f"{mutant.tests}.py"),
    ]
    environment = {**workspace.environment(), "PYTHONPATH": str(copy)}
    return subprocess.run(command, cwd=copy, env=environment, check=False, capture_output=True, text=True).stdout
