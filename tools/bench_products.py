"""How fast products and stock come in, beside plain Odoo calls that make the same; runs inside Odoo.

The records come from a system that is only a list in memory, through the stream's own job: pages, slices, digests,
mappings, commits. After every slice plain Odoo makes as many of the same products, in batches of the same size, so that
a machine that slows down slows both.
"""
from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

from odoo.addons.pos_sync_connector.connectors import records as rec
from odoo.addons.pos_sync_connector.connectors.answers import Account
from odoo.addons.pos_sync_connector.connectors.connector import Connector
from odoo.addons.pos_sync_connector.connectors.flows import Flow
from odoo.addons.pos_sync_connector.connectors.pages import Cursor, Page
from odoo.addons.pos_sync_connector.connectors.registry import register

PRODUCTS_A_PAGE = 100
COUNTS_A_PAGE = 200
_UPDATED = datetime(2026, 1, 1, tzinfo=timezone.utc)
_CATEGORIES = 20


@register
class ListSystem(Connector):
    """A system whose `size` products, each with a price, a barcode and a count, are made up as they are asked for."""

    code = "bench_list"
    name = "List"
    size = 0
    currency = "USD"

    def check(self) -> Account:
        return Account(external_id="list", name="List")

    def locations(self) -> list[rec.Location]:
        return [rec.Location(external_id="shop", name="Shop", takes_orders=False)]

    def tax_rates(self) -> list[rec.TaxRate]:
        return [rec.TaxRate(external_id="tax", name="Tax", rate=Decimal("8.25"), inclusive=False)]

    def pull_products(self, cursor: Cursor) -> Iterator[Page[rec.Product]]:
        return self._pages(cursor, self._product, PRODUCTS_A_PAGE)

    def pull_stock(self, cursor: Cursor) -> Iterator[Page[rec.StockLevel]]:
        return self._pages(cursor, self._count, COUNTS_A_PAGE)

    def _pages(self, cursor: Cursor, make: Callable[[int], Any], length: int) -> Iterator[Page[Any]]:
        for start in range(int(cursor.position or 0), self.size, length):
            end = min(start + length, self.size)
            yield Page(
                records=tuple(make(number) for number in range(start, end)),
                cursor=cursor.at(str(end) if end < self.size else "", _UPDATED),
                total=self.size,
            )

    def _product(self, number: int) -> rec.Product:
        variant = rec.Variant(
            external_id=f"variant-{number}",
            sku=f"LIST-{number:05d}",
            barcode=f"21{number:010d}",
            cost=Decimal(number % 50 + 1),
            cost_currency=self.currency,
            prices=(rec.Price(amount=Decimal(number % 90 + 2) + Decimal("0.95"), currency=self.currency),),
            weight=Decimal("0.5"),
        )
        return rec.Product(
            external_id=f"product-{number}",
            name=f"Product {number}",
            description="Keep cool & dry.",
            category=("List", f"Shelf {number % _CATEGORIES}"),
            variants=(variant,),
            tax_ids=("tax",),
            tracked=True,
            updated_at=_UPDATED,
        )

    def _count(self, number: int) -> rec.StockLevel:
        return rec.StockLevel(
            external_id=rec.stock_id(f"variant-{number}", "shop"),
            variant_id=f"variant-{number}",
            location_id="shop",
            quantity=Decimal(number % 30 + 1),
            updated_at=_UPDATED,
        )


@dataclass
class Cost:
    """Seconds and database queries of pieces of work."""

    seconds: float = 0.0
    queries: int = 0

    def measure(self, env: Any, work: Callable[[], Any]) -> Any:
        queries, started = env.cr.sql_log_count, time.perf_counter()
        result = work()
        env.cr.commit()
        self.seconds += time.perf_counter() - started
        self.queries += env.cr.sql_log_count - queries
        return result


class PlainOdoo:
    """Makes the same products with Odoo's own calls, a batch at a time."""

    def __init__(self, env: Any, tax: Any) -> None:
        self.env, self.tax = env, tax
        self.products, self.prices, self.stock = Cost(), Cost(), Cost()
        self.pricelist = env["product.pricelist"].create({"name": "Plain"})
        warehouse = env["stock.warehouse"].search([("company_id", "=", env.company.id)], limit=1)
        self.location = env["stock.location"].create({"name": "Plain", "location_id": warehouse.lot_stock_id.id})
        parent = env["product.category"].create({"name": "Plain"})
        self.categories = env["product.category"].create(
            [{"name": f"Plain {number}", "parent_id": parent.id} for number in range(_CATEGORIES)])
        self.made: list[int] = []
        env.cr.commit()

    def make_products(self, records: tuple[rec.Product, ...]) -> None:
        vals_list = [self._product_vals(record, len(self.made) + index) for index, record in enumerate(records)]
        products = self.products.measure(self.env, lambda: self._create("product.product", vals_list))
        self.made += products.ids
        items = [
            {
                "pricelist_id": self.pricelist.id,
                "applied_on": "0_product_variant",
                "product_id": product.id,
                "product_tmpl_id": product.product_tmpl_id.id,
                "compute_price": "fixed",
                "fixed_price": vals["list_price"],
            }
            for product, vals in zip(products, vals_list, strict=True)
        ]
        self.prices.measure(self.env, lambda: self._create("product.pricelist.item", items))
        self.env.invalidate_all()

    def make_counts(self, levels: tuple[rec.StockLevel, ...], start: int) -> None:
        vals_list = [
            {
                "product_id": self.made[start + index],
                "location_id": self.location.id,
                "inventory_quantity": float(level.quantity),
            }
            for index, level in enumerate(levels)
        ]

        def work() -> None:
            quants = self.env["stock.quant"].with_context(inventory_mode=True).create(vals_list)
            quants.action_apply_inventory()

        self.stock.measure(self.env, work)
        self.env.invalidate_all()

    def _create(self, model: str, vals_list: list[dict[str, Any]]) -> Any:
        rows = self.env[model].create(vals_list)
        self.env.flush_all()
        return rows

    def _product_vals(self, record: rec.Product, number: int) -> dict[str, Any]:
        variant = record.variants[0]
        return {
            "name": record.name,
            "type": "consu",
            "is_storable": True,
            "description_sale": record.description,
            "categ_id": self.categories[number % _CATEGORIES].id,
            "taxes_id": [(6, 0, self.tax.ids)],
            "list_price": float(variant.prices[0].amount),
            "standard_price": float(variant.cost or 0),
            "default_code": f"P-{variant.sku}",
            # The company's barcodes are unique: the same number with another beginning.
            "barcode": f"22{variant.barcode[2:]}",
            "weight": float(variant.weight or 0),
        }


class Bench:
    """One database with a connection to the list, whose streams are run by hand, slice by slice."""

    def __init__(self, env: Any, size: int) -> None:
        self.env = env
        ListSystem.size, ListSystem.currency = size, env.company.currency_id.name
        self.connection = env["pos.sync.connection"].create({"name": "List", "system": ListSystem.code})
        self.connection.action_test()
        env.cr.commit()
        self._run(Flow.SETUP_PULL, Cost())
        self.tax = env["account.tax"].create({"name": "Tax 8.25%", "amount": 8.25, "type_tax_use": "sale"})
        self.connection.tax_ids.tax_id = self.tax
        self.connection.location_ids.action_make_stock_location()
        env.cr.commit()
        self.source = ListSystem({})

    def pull(self, flow: Flow, cost: Cost, after_slice: Callable[[int, int], None] = lambda start, end: None) -> Any:
        """Runs a whole pass; `after_slice` is told which records the slice has brought. Returns the run."""
        start = 0
        stream = self.connection._stream(flow)
        while True:
            run = self._run(flow, cost)
            end = run.read_count
            after_slice(start, end)
            start = end
            if run.state != "running":
                break
        if run.state != "done" or run.failed_count or run.held_count or run.skipped_count:
            raise AssertionError(f"{flow.value}: {run.state} {run._summary()} {stream.sentence or ''}")
        return run

    def again(self, flow: Flow, cost: Cost) -> Any:
        """A full pass over records that are here already."""
        self.connection._stream(flow)._request(full=True)
        self.env.cr.commit()
        return self.pull(flow, cost)

    def _run(self, flow: Flow, cost: Cost) -> Any:
        """One slice. As in a job of its own, nothing is in the cache when it begins."""
        stream = self.connection._stream(flow)
        self.env.invalidate_all()
        cost.measure(self.env, lambda: self.env["pos.sync.run_stream"]._run(stream.id))
        self.env.invalidate_all()
        return stream.run_id or stream.last_run_id


def speed(env: Any, size: int) -> dict[str, Any]:
    """Seconds, ratios and queries for `size` products."""
    bench = Bench(env, size)
    plain = PlainOdoo(env, bench.tax)
    products, stock, products_again, stock_again = Cost(), Cost(), Cost(), Cost()

    def plain_products(start: int, end: int) -> None:
        for first in range(start, end, PRODUCTS_A_PAGE):
            numbers = range(first, min(first + PRODUCTS_A_PAGE, end))
            plain.make_products(tuple(bench.source._product(number) for number in numbers))

    def plain_counts(start: int, end: int) -> None:
        for first in range(start, end, COUNTS_A_PAGE):
            numbers = range(first, min(first + COUNTS_A_PAGE, end))
            plain.make_counts(tuple(bench.source._count(number) for number in numbers), first)

    created = bench.pull(Flow.PRODUCTS_PULL, products, plain_products).created_count
    updated = bench.pull(Flow.STOCK_PULL, stock, plain_counts).updated_count
    unchanged = bench.again(Flow.PRODUCTS_PULL, products_again).unchanged_count
    counts_unchanged = bench.again(Flow.STOCK_PULL, stock_again).unchanged_count
    if not created == updated == unchanged == counts_unchanged == size:
        raise AssertionError(f"of {size}: {created=} {updated=} {unchanged=} {counts_unchanged=}")
    _check_same(bench, plain, size)
    plain_seconds = plain.products.seconds + plain.prices.seconds + plain.stock.seconds
    seconds, seconds_again = products.seconds + stock.seconds, products_again.seconds + stock_again.seconds
    return {
        "products": size,
        "ratio": plain_seconds / seconds,
        "ratio_products": (plain.products.seconds + plain.prices.seconds) / products.seconds,
        "ratio_stock": plain.stock.seconds / stock.seconds,
        "ratio_create_only": plain.products.seconds / products.seconds,
        "unchanged_speedup": seconds / seconds_again,
        "unchanged_speedup_products": products.seconds / products_again.seconds,
        "products_per_second": size / products.seconds,
        "counts_per_second": size / stock.seconds,
        "seconds": {
            "products": products.seconds, "stock": stock.seconds,
            "products_unchanged": products_again.seconds, "stock_unchanged": stock_again.seconds,
            "plain_products": plain.products.seconds, "plain_prices": plain.prices.seconds,
            "plain_stock": plain.stock.seconds,
        },
        "queries_per_record": (products.queries + stock.queries) / size,
        "queries": {
            "products": products.queries / size, "stock": stock.queries / size,
            "products_unchanged": products_again.queries / size, "stock_unchanged": stock_again.queries / size,
            "plain_products": plain.products.queries / size, "plain_prices": plain.prices.queries / size,
            "plain_stock": plain.stock.queries / size,
        },
    }


def peak_memory(env: Any, size: int) -> dict[str, float]:
    """By how many MB the process grew at most while it pulled `size` products and their counts."""
    bench = Bench(env, size)
    # 5 sets the peak of the resident memory back to what is resident now.
    Path("/proc/self/clear_refs").write_text("5")
    before = _resident("VmHWM")
    for flow in (Flow.PRODUCTS_PULL, Flow.STOCK_PULL):
        bench.pull(flow, Cost())
    return {"before_mb": before, "peak_mb": _resident("VmHWM")}


def _resident(name: str) -> float:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) / 1024


def _check_same(bench: Bench, plain: PlainOdoo, size: int) -> None:
    """Both ways have to end in the same products, or the comparison says nothing."""
    env = bench.env

    def state(pricelist: Any, location: Any, prefix: str) -> list[tuple[Any, ...]]:
        products = env["product.product"].search([("default_code", "=like", f"{prefix}%")], order="default_code")
        items = env["product.pricelist.item"].search([("pricelist_id", "=", pricelist.id)])
        price = {item.product_id.id: item.fixed_price for item in items}
        quants = env["stock.quant"].search([("location_id", "=", location.id)])
        there = {quant.product_id.id: quant.quantity for quant in quants}
        return [
            (
                product.name, product.type, product.is_storable, product.description_sale, product.barcode[2:],
                product.lst_price, product.standard_price, product.weight, product.taxes_id.ids,
                product.categ_id.name.split()[1], price.get(product.id), there.get(product.id),
                product.uom_id.id, product.invoice_policy,
            )
            for product in products
        ]

    ours = state(bench.connection.pricelist_id, bench.connection.location_ids.stock_location_id, "LIST-")
    same = state(plain.pricelist, plain.location, "P-LIST-")
    if len(ours) != size or ours != same:
        different = next(((a, b) for a, b in zip(ours, same, strict=False) if a != b), (len(ours), len(same)))
        raise AssertionError(f"not the same products: {different}")
