"""What a product costs at the connection's member level. The sources, in the order of the chain:

    the product's own price point text; its category's; the newest lot's price (else the price point of the lot's
    grade); the unit price of its newest sale before discounts.

A member level pays what the price point says for it. Where it says nothing for the level, the level's percentage comes
off, if the product and the shop give member discounts at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from psycopg2 import sql

from ...door import Unreadable, readable
from ...errors import NeedsFixing
from ...lazy import cached_property
from .price_point import NON_MEMBER, PricePoint, read_price_point
from .schema import Schema
from .session import Session
from .values import ZERO, amount, flag

POINT, CATEGORY, LOT, SALE, CHAIN = "point", "category", "lot", "sale", "chain"
# What a price point leaves behind its digits is rounded away in the end.
_DIGITS = Decimal("0.0001")
_HUNDRED = Decimal(100)


def level_number(external_id: str) -> int:
    """The id of a member level; 0 for no member. Raises NeedsFixing."""
    if not external_id:
        return NON_MEMBER
    if not external_id.isdigit():
        raise NeedsFixing(
            f"The connection names the member level “{external_id}”, which BioTrack did not offer. Choose one again.",
            code="bad-setting",
        )
    return int(external_id)


class PriceReader:
    """Prices for one connection. `level` is a member level's id, `source` one of the sources or the chain.

    `sales_back`: how many of the newest sale lines are looked through for a product's last price.
    """

    sales_back = 100_000

    def __init__(self, session: Session, schema: Schema, level: int, source: str) -> None:
        self._session, self._schema = session, schema
        self._level, self._source = level, source

    def prices(self, products: Iterable[Mapping[str, Any]]) -> dict[int, tuple[Decimal, str]]:
        """Price of one unit and its source by product id; products whose price can't be told are left out.

        `products` are rows with id, location, productcategory, pricepoint, applymemberdiscount.
        """
        found: dict[int, tuple[Decimal, str]] = {}
        left = list(products)
        for name, read in (
            (POINT, self._of_points),
            (CATEGORY, self._of_categories),
            (LOT, self._of_lots),
            (SALE, self._of_sales),
        ):
            if not left or self._source not in (name, CHAIN):
                continue
            for number, price in read(left).items():
                found[number] = (price, name)
            left = [row for row in left if row["id"] not in found]
        return found

    # Sources

    def _of_points(self, products: list[Mapping[str, Any]]) -> dict[int, Decimal]:
        return self._read({row["id"]: read_price_point(row["pricepoint"]) for row in products}, products)

    def _of_categories(self, products: list[Mapping[str, Any]]) -> dict[int, Decimal]:
        return self._read({row["id"]: self._categories.get(row["productcategory"]) for row in products}, products)

    def _of_lots(self, products: list[Mapping[str, Any]]) -> dict[int, Decimal]:
        """Of lots with something left the newest that has a price."""
        if not self._schema.has("inventory", "productid", "priceout", "remainingweight"):
            return {}
        rows = self._session.rows(
            sql.SQL(
                """
                SELECT DISTINCT ON (t.productid) t.productid, t.priceout, {grade} AS grade FROM inventory t
                 WHERE t.productid = ANY(%s) AND {live} AND t.remainingweight > 0
                   AND (t.priceout > 0 OR {grade} IS NOT NULL)
                 ORDER BY t.productid, t.priceout > 0 DESC, {created} DESC NULLS LAST, t.id DESC
                """
            ).format(
                grade=self._schema.value("inventory", "grade"),
                live=self._schema.is_zero("inventory", "deleted"),
                created=self._schema.ordering("inventory", "created"),
            ),
            [[row["id"] for row in products]],
        )
        plain = _priced({row["productid"]: _price(row["priceout"]) for row in rows})
        points = {row["productid"]: self._grades.get(row["grade"]) for row in rows if row["productid"] not in plain}
        return {**self._discounted(plain, products), **self._read(points, products)}

    def _of_sales(self, products: list[Mapping[str, Any]]) -> dict[int, Decimal]:
        if not self._schema.has("sales", "id", "productid", "price", "weight"):
            return {}
        rows = self._session.rows(
            sql.SQL(
                """
                SELECT DISTINCT ON (t.productid) t.productid, t.price / t.weight AS price FROM sales t
                 WHERE t.id > (SELECT max(id) FROM sales) - %s AND t.productid = ANY(%s)
                   AND t.price > 0 AND t.weight > 0 AND {live} AND {kept}
                 ORDER BY t.productid, t.id DESC
                """
            ).format(live=self._schema.is_zero("sales", "deleted"), kept=self._schema.is_zero("sales", "refunded")),
            [self.sales_back, [row["id"] for row in products]],
        )
        # What somebody paid is nobody's list price, but the till puts discounts on lines of their own.
        return self._discounted({row["productid"]: _price(row["price"]) for row in rows}, products)

    # Levels

    def _read(self, points: Mapping[int, PricePoint | None], products: list[Mapping[str, Any]]) -> dict[int, Decimal]:
        stated, plain = {}, {}
        for number, point in points.items():
            price = point.unit_price(self._level) if point else None
            if point is not None and price is not None:
                (stated if point.states(self._level) else plain)[number] = price
        rounded = {number: _rounded(price) for number, price in stated.items()}
        return {**rounded, **self._discounted(plain, products)}

    def _discounted(self, prices: Mapping[int, Decimal], products: list[Mapping[str, Any]]) -> dict[int, Decimal]:
        rows = {row["id"]: row for row in products}
        found = {}
        for number, price in prices.items():
            rate = self._rate if flag(rows[number]["applymemberdiscount"]) and self._gives(rows[number]) else ZERO
            found[number] = _rounded(price, (_HUNDRED - rate) / _HUNDRED)
        return _priced(found)

    def _gives(self, product: Mapping[str, Any]) -> bool:
        """Whether the product's location gives member discounts; without the table every one does."""
        switches = self._switches
        return switches is None or bool(switches.get(product["location"]))

    @cached_property
    def _switches(self) -> dict[Any, bool] | None:
        if not self._schema.has("mdiscount", "location", "enabled"):
            return None
        rows = self._session.rows("SELECT location, enabled FROM mdiscount")
        return {row["location"]: flag(row["enabled"]) for row in rows}

    @cached_property
    def _rate(self) -> Decimal:
        """In percent. Raises NeedsFixing where the level is not there any more."""
        if self._level == NON_MEMBER:
            return ZERO
        self._schema.require("memberdiscount", "id", "rate")
        row = self._session.row(
            sql.SQL("SELECT rate FROM memberdiscount t WHERE id = %s AND {live}").format(
                live=self._schema.is_zero("memberdiscount", "deleted")
            ),
            [self._level],
        )
        if row is None:
            raise NeedsFixing(
                "The member level of this connection is not in BioTrack any more. Choose another one.",
                code="no-level",
            )
        return amount(row["rate"])

    @cached_property
    def _categories(self) -> dict[Any, PricePoint | None]:
        if not self._schema.has("productcategories", "id", "pricepoint"):
            return {}
        rows = self._session.rows("SELECT id, pricepoint FROM productcategories")
        return {row["id"]: read_price_point(row["pricepoint"]) for row in rows}

    @cached_property
    def _grades(self) -> dict[Any, PricePoint | None]:
        if not self._schema.has("inventorygrading", "id", "pricepoint"):
            return {}
        rows = self._session.rows("SELECT id, pricepoint FROM inventorygrading")
        return {row["id"]: read_price_point(row["pricepoint"]) for row in rows}


# What is no price stays among the prices, and costs the product that has it.


def _price(value: Any) -> Decimal | Unreadable:
    return readable(amount, value, "no usable price")


def _rounded(price: Decimal | Unreadable, share: Decimal = Decimal(1)) -> Decimal | Unreadable:
    return readable(lambda value: (value * share).quantize(_DIGITS).normalize() + 0, price, "no usable price")


def _priced(prices: Mapping[int, Decimal | Unreadable]) -> dict[int, Decimal]:
    return {number: price for number, price in prices.items() if isinstance(price, Unreadable) or price > 0}
