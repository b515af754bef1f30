"""./dev readme: writes the table of systems in README.md from the connectors' classes; --check only compares."""
from __future__ import annotations

import sys

from ..bootstrap import ROOT
from ..console import say
from ..templates import ADDON

README = ROOT / "README.md"
_BEGIN, _END = "<!-- made by ./dev readme -->\n", "<!-- end -->"


def run(arguments: list[str]) -> int:
    text = README.read_text(encoding="utf-8")
    wanted = with_table(text, table())
    if wanted == text:
        say("✓ README.md says what the systems can do.")
        return 0
    if "--check" in arguments:
        say("✗ The table of systems in README.md is not what the code says. Run ./dev readme.")
        return 1
    README.write_text(wanted, encoding="utf-8")
    say("✓ README.md brought up to date.")
    return 0


def table() -> str:
    """A row a system, a column a flow that any of them supports."""
    if str(ADDON) not in sys.path:
        sys.path.insert(0, str(ADDON))
    from connectors.flows import FLOWS
    from connectors.registry import registry

    systems = registry.all()
    flows = [flow for flow in FLOWS if any(flow in system.flows() for system in systems)]
    rows = [["System", *(FLOWS[flow].label for flow in flows)], ["---"] * (len(flows) + 1)]
    rows += [[system.name, *("✓" if flow in system.flows() else "" for flow in flows)] for system in systems]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def with_table(text: str, made: str) -> str:
    """`text` with the table between its two marks replaced by `made`."""
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}{made}{_END}{after}"
