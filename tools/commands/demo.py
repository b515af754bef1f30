"""./dev demo: a hub with this addon pulls everything from a real second Odoo, proves it, and stays up to look at."""
from __future__ import annotations

import argparse
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from .. import comparison, demo_biotrack, demo_books, demo_web
from ..console import say, step
from ..database import Database
from ..flows import FlowResult, FlowWatch, open_messages, table
from ..odoo_server import OdooServer
from ..templates import hub_with_addon, shop_filled, shop_year
from ..workspace import Workspace
from .serve import wait_for_interrupt

_PRICELIST = "Members"
_ORDERS = 250
# Everything that a pull may have written: their newest change must not move when nothing changed.
_WRITTEN = (
    "product_template", "product_product", "product_pricelist_item", "product_combo", "stock_quant", "res_partner",
    "sale_order", "sale_order_line", "pos_sync_refund", "pos_sync_payment", "pos_sync_mapping",
)


def run(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./dev demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="end after the tables; exit code 1 if anything failed")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the tables there too")
    parser.add_argument("--orders", type=int, metavar="N", default=_ORDERS, help="of the shop's year (%(default)s)")
    parser.add_argument("--products", type=int, metavar="N", help="made for the shop; a thousand without this")
    options = parser.parse_args(arguments)
    with Workspace() as workspace, ExitStack() as servers:
        shop = shop_year(options.orders, shop_filled(options.products)).copy(workspace, "shop")
        hub = hub_with_addon().copy(workspace, "hub")
        with step("Starting two Odoo servers"):
            shop_server = OdooServer(shop, cron_workers=0)
            # Browsers share cookies between the ports of one host name.
            hub_server = OdooServer(hub, host_name="localhost")
            for server in (shop_server, hub_server):
                servers.enter_context(server.start(wait=False))
            for database in (shop, hub):
                servers.enter_context(database.one_process_for_calls())
            shop_server.wait_until_ready()
            hub_server.wait_until_ready()
        first, second, complaints = _sync(hub, shop, shop_server)
        for beside in (demo_biotrack.sync(workspace, hub), demo_web.sync(servers, hub)):
            first, second, complaints = first + beside[0], second + beside[1], complaints + beside[2]
        complaints += demo_books.keep(hub)
        if options.json:
            tables = {"flows": first, "second": second}
            options.json.write_text(json.dumps(
                {name: [result.as_dict() for result in results] for name, results in tables.items()}, indent=2) + "\n")
        complaints += [f"The hub's log: {line}" for line in hub_server.complaints()]
        for complaint in complaints:
            say(f"✗ {complaint}")
        if not complaints:
            say("✓ Everything arrived; reading it all again changed nothing.")
        if not options.once:
            print(f"\nhub   {hub_server.url}  login admin, password admin\n"
                  f"shop  {shop_server.url}  login admin, password admin\nCtrl-C ends both.", flush=True)
            wait_for_interrupt()
    return 1 if complaints else 0


def _sync(
    hub: Database, shop: Database, shop_server: OdooServer,
) -> tuple[list[FlowResult], list[FlowResult], list[str]]:
    """Both passes, with what is wrong with them in sentences."""
    with step("Connecting the hub to the shop") as progress:
        api_key = shop.call("tools.inside.shop:make_api_key")
        watch = FlowWatch(hub)
        connection = hub.call("tools.inside.hub:connect", name="Shop", url=shop_server.url, api_key=api_key)
        setup = watch.wait(progress)
    with step("Pulling everything") as progress, ThreadPoolExecutor() as beside:
        expected = beside.submit(shop.call, "tools.inside.shop:facts", pricelist=_PRICELIST)
        watch = FlowWatch(hub)
        hub.call("tools.inside.hub:prepare", connection_id=connection, pricelist=_PRICELIST)
        first = setup + [result for result in watch.wait(progress) if result.flow != setup[0].flow]
    print(f"\nFirst pull\n{table(first)}\n", flush=True)
    with step("Comparing with the shop"):
        found = hub.call("tools.inside.hub:facts", connection_id=connection)
        complaints = comparison.variants(expected.result(), found, _unsold(shop))
        company = shop.query("SELECT company_id FROM res_users WHERE login = 'admin'")[0][0]
        complaints += comparison.customers(shop, company, hub, connection)
        complaints += comparison.sales(shop, company, hub, connection)
    with step("Pulling everything again from reset cursors") as progress:
        written = _last_written(hub)
        watch = FlowWatch(hub)
        hub.call("tools.inside.hub:pull_everything", connection_id=connection)
        second = watch.wait(progress)
    print(f"\nSecond pull\n{table(second)}\n", flush=True)
    for result in first:
        if result.failed:
            complaints.append(f"{result.flow}: {result.failed} of {result.read} did not arrive.")
    complaints += open_messages(hub)
    for before, result in zip(first, second, strict=True):
        if (result.read, result.skipped) != (before.read, before.skipped):
            complaints.append(f"{result.flow}: {before.read} read first ({before.skipped} skipped), "
                              f"then {result.read} ({result.skipped} skipped).")
        if result.unchanged + result.skipped != result.read:
            complaints.append(f"{result.flow}: of {result.read} read again, only {result.unchanged} were unchanged.")
    complaints += [f"{name} was written by a pull that found no change." for name, moment in _last_written(hub).items()
                   if moment != written[name]]
    return first, second, complaints


def _unsold(shop: Database) -> set[str]:
    """Variants that the shop does not sell any more, or only uses to stand for an amount."""
    return {
        f"variant-{number}" for (number,) in shop.query(
            """SELECT variant.id FROM product_product variant
                 JOIN product_template template ON template.id = variant.product_tmpl_id
                WHERE NOT (variant.active AND template.active AND template.sale_ok)""")
    }


def _last_written(hub: Database) -> dict[str, str]:
    """The newest change of each table, with its number of rows."""
    return {
        name: str(hub.query(f"SELECT count(*), max(write_date) FROM {name}")[0])  # noqa: S608 - names of ours
        for name in _WRITTEN
    }
