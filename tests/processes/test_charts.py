"""Taxes reach the tax accounts and the tax grids that the chart of accounts of a country has for them."""
from __future__ import annotations

from collections.abc import Iterator

import pytest

from tools.database import Database
from tools.templates import hub_with_addon
from tools.workspace import Workspace

_CHARTS = ("l10n_de", "l10n_fr_account", "l10n_uk", "l10n_us_account")
# chart, country, rates of the system, whether they are in its prices, the tax that a person chooses where several fit,
# the tax grids of each rate: of the amount without tax, and of the tax.
_COUNTRIES = {
    "germany": ("de_skr03", "de", ("19", "7", "0"), True, {"0": "0%"},
                {"19": (("81_BASE",), "81_TAX"), "7": (("86_BASE",), "86_TAX"), "0": (("45_BASE",), None)}),
    "france": ("fr", "fr", ("20", "5.5", "0"), True, {"0": "0% EXEMPT G"},
               {"20": (("A1", "08_base"), "08_taxe"), "5.5": (("A1", "09_base"), "09_taxe"), "0": (("E2",), None)}),
    "united kingdom": ("uk", "uk", ("20", "5", "12.5", "0"), True, {"0": "Exempt"},
                       {"20": (("6",), "1"), "5": (("6",), "1"), "12.5": (("6",), "1"), "0": (("6",), None)}),
    "united states": ("us", "us", ("8.875", "4"), False, {}, {"8.875": ((), None), "4": ((), None)}),
    "no country": ("generic_coa", "us", ("8.875", "15"), False, {}, {"8.875": ((), None), "15": ((), None)}),
}


@pytest.fixture(scope="module")
def charts(workspace: Workspace) -> Iterator[Database]:
    template = hub_with_addon(_CHARTS, web_client=False)
    with template.copy(workspace, "charts") as database, database.one_process_for_calls():
        yield database


@pytest.mark.parametrize("name", _COUNTRIES)
def test_tax_grids_come_to_what_the_system_states(charts: Database, name: str) -> None:
    chart, country, rates, inclusive, chosen, expected = _COUNTRIES[name]
    found = charts.call(
        "tests.processes.charts_inside_hub:sell",
        chart=chart, country=country, rates=rates, inclusive=inclusive, chosen=chosen)

    assert (found["state"], found["sentence"]) == ("posted", False), found
    assert sorted(f"{rate:g}" for rate in found["unclear"]) == sorted(chosen), "a person chooses where several fit"
    grids: dict[str, float] = {}
    for rate, (bases, taxes) in expected.items():
        net, tax = found["stated"][rate]
        for grid, amount in [*((base, net) for base in bases), (taxes, tax)]:
            if grid:
                grids[grid] = round(grids.get(grid, 0) + amount, 2)
    assert found["grids"] == grids
    assert found["tax"] == round(sum(tax for _net, tax in found["stated"].values()), 2)
    assert set(found["accounts"]) == {"liability_current"}


def test_a_rate_whose_tax_grids_are_not_known_is_created_by_a_person(charts: Database) -> None:
    """Germany has a box a rate: sales at another rate go to none of them by guess."""
    found = charts.call(
        "tests.processes.charts_inside_hub:sell",
        chart="de_skr04", country="de", rates=["19", "16"], inclusive=True, chosen={"16": "19%"})
    assert found["unclear"] == [16.0]
    assert "tax grids depend on the rate" in found["answer"]
