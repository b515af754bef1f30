"""A year of tickets: weighed and counted lines, discounts on lines and on all, payments in parts, voids, refunds,
pre-orders, tickets that replication brought in twice, sales in the night in which an hour comes twice.

Ids and serials go up with time, as a till gives them out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from itertools import count
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from .catalogue import TAXES, cents

Row = dict[str, Any]
ZONE = ZoneInfo("America/Denver")
_HUNDRED = Decimal(100)
_DAYS = 365


@dataclass
class TicketMaker:
    """Makes the rows of tickets into `tables`. `newer`: with the columns that newer versions have."""

    random: Random
    products: list[Row]
    customers: list[Row]
    until: datetime
    newer: bool
    tables: dict[str, list[Row]] = field(default_factory=lambda: {
        "tickets": [], "sales": [], "payments": [], "discounts": [], "salesinventory": [],
    })
    _sale_ids: Iterator[int] = field(default_factory=lambda: count(1))

    def make(self, number: int) -> None:
        sold = [row for row in self.products if row["_source"] != "nowhere"]
        for moment in self._moments(number):
            self._ticket(moment, sold)
            if self.random.random() < 0.03:
                self._late(moment)

    def _moments(self, number: int) -> list[datetime]:
        """In opening hours of the last year, up to `until`; some in both hours of the night that summer time ends."""
        seconds = int(timedelta(days=_DAYS).total_seconds())
        found = sorted(self.until - timedelta(seconds=self.random.randrange(1, seconds)) for _ in range(number))
        night = _end_of_summer(self.until)
        for index in range(min(12, number)):
            found[index * (number // 12)] = night + timedelta(minutes=10 * index)
        return sorted(found)

    # One ticket

    def _ticket(self, moment: datetime, products: list[Row]) -> None:
        random = self.random
        location = random.choice((1, 1, 2, 3))
        serial = len(self.tables["tickets"]) + 1
        exempt = random.random() < 0.01
        customer = random.choice(self.customers)["customerid"] if random.random() < 0.6 else random.choice(("", None))
        header: Row = {
            "ticketserial": serial,
            "id": f"{1_000_000 + serial:010d}",
            "terminal": 10 * location + random.choice((1, 2)),
            "userid": random.choice(("kim", "renée", "sam")),
            "datetime": int(moment.timestamp()),
            "location": location,
            "customerid": customer,
            "transactionid": 500_000 + serial,
            "deleted": 0,
            "taxexempt": int(exempt),
            "pif": 1,
            "preorder": 0,
            "is_a_delivery": int(random.random() < 0.04),
            "created": moment.astimezone(ZONE).replace(tzinfo=None, microsecond=0),
            "modified": None,
        }
        lines = [self._line(header, random.choice(products), exempt) for _ in range(random.choice((1, 1, 2, 2, 3, 5)))]
        self._discount(header, lines)
        for line in lines:
            rate = Decimal(0) if exempt else TAXES[line["taxcat"]][1]
            self._charge_tax(line, rate)
        header |= {
            "price": sum(line["_net"] for line in lines),
            "tax": sum(line["tax"] for line in lines),
            "totalprice": sum(line["total"] for line in lines),
        }
        header["ticketpoints"] = header["price"] if customer else 0
        self.tables["tickets"].append(header)
        self.tables["sales"].extend(lines)
        self._pay(header)
        if moment > self.until - timedelta(days=20) and random.random() < 0.06:
            header |= {"pif": 0, "preorder": 1}
        if random.random() < 0.005:
            # Replication brought an earlier state of it in as well.
            early = {**header, "ticketserial": serial + 1, "datetime": header["datetime"] - 90, "price": Decimal(1),
                     "tax": Decimal(0), "totalprice": Decimal(1)}
            self.tables["tickets"].append(early)

    def _line(self, header: Row, product: Row, exempt: bool) -> Row:
        random = self.random
        if product["requiresweighing"]:
            quantity = Decimal(random.choice((100, 350, 700, random.randrange(50, 2900)))) / 100
            if random.random() < 0.1:
                quantity += Decimal("0.005")
        else:
            quantity = Decimal(random.choice((1, 1, 1, 2, 3)))
        return {
            "id": next(self._sale_ids),
            "ticketid": header["id"],
            "location": header["location"],
            "productid": product["id"],
            "strain": random.choice((product["name"], product["strain"], None)),
            "weight": quantity,
            "requiresweighing": product["requiresweighing"],
            "price": cents(product["_price"] * quantity),
            "taxcat": product["taxcategory"],
            "customerid": header["customerid"],
            "datetime": header["datetime"],
            "terminalid": header["terminal"],
            "transactionid": header["transactionid"],
            "transactionid_original": None,
            "deleted": 0,
            "refunded": 0,
            "is_medical": int(exempt),
        }

    # Money

    def _discount(self, header: Row, lines: list[Row]) -> None:
        """Some lines are cheaper, some tickets are; what a line then costs is its `_net`."""
        random = self.random
        for line in lines:
            line["_net"] = line["price"]
            if random.random() < 0.12:
                rate = Decimal(random.choice((5, 10, 20)))
                off = cents(line["price"] * rate / _HUNDRED)
                line["_net"] -= off
                line["price_post_discount"] = line["_net"]
                self._note_discount(header, off, "Daily deal", rate, line["id"])
        after_lines = [line["_net"] for line in lines]
        if random.random() < 0.08 and sum(after_lines) > 5:
            off = Decimal(random.choice((1, 2, 3))) + Decimal(random.randrange(100)) / 100
            left = off
            for line in lines[:-1]:
                share = cents(off * line["_net"] / sum(after_lines))
                line["_net"] -= share
                left -= share
            if lines[-1]["_net"] < left:
                for line, before in zip(lines, after_lines, strict=True):
                    line["_net"] = before
            else:
                lines[-1]["_net"] -= left
                self._note_discount(header, off, random.choice(("Veterans’ day", "Café opening")), Decimal(0), None)
        if self.newer:
            for line in lines:
                line["price_adjusted_for_ticket_discounts"] = line["_net"]
                line["price_post_everything"] = line["_net"] if random.random() < 0.5 else None

    def _note_discount(self, header: Row, amount: Decimal, name: str, rate: Decimal, sale: int | None) -> None:
        self.tables["discounts"].append({
            "id": len(self.tables["discounts"]) + 1,
            "ticketid": header["id"],
            "saleid": sale if sale is not None else self.random.choice((None, 0)),
            "discounttext": name,
            "location": header["location"],
            "ispercentagerate": int(bool(rate)),
            "rateamount": rate or amount,
            "amount": amount,
            "isreward": 0,
            "datetime": header["datetime"],
            "deleted": 0,
            "refunded": 0,
        })

    def _charge_tax(self, line: Row, rate: Decimal) -> None:
        line["tax"] = cents(line["_net"] * rate / _HUNDRED)
        line["total"] = line["_net"] + line["tax"]
        if self.newer:
            line["tax_collected"] = line["tax"]

    def _pay(self, header: Row) -> None:
        random, total = self.random, header["totalprice"]
        methods = [random.choice(("Cash", "cash", "Debit"))]
        if random.random() < 0.08 and total > 10:
            methods.append(random.choice(("Debit", "Gift Card", "Points")))
        parts = [total] if len(methods) == 1 else [cents(total / 3), total - cents(total / 3)]
        change = Decimal(0)
        for method, part in zip(methods, parts, strict=True):
            tendered = part
            if method.lower() == "cash":
                tendered = (part // 5 + 1) * 5
                change = tendered - part
            self._note_payment(header, method, tendered, part)
        header |= {"tendered": total + change, "change": change}

    def _note_payment(self, header: Row, method: str, tendered: Decimal, amount: Decimal) -> None:
        self.tables["payments"].append({
            "id": len(self.tables["payments"]) + 1,
            "ticketid": header["id"],
            "paymentmethod": method,
            "paymentamount": tendered,
            "amount": amount,
            "customerid": header["customerid"],
            "datetime": header["datetime"],
            "location": header["location"],
            "terminalid": header["terminal"],
            "pointsused": amount * 20 if method == "Points" else None,
            "deleted": 0,
            "refunded": 0,
        })

    # What becomes of tickets later

    def _late(self, moment: datetime) -> None:
        """One of the last tickets is voided, or money is given back on it in one of the ways that there are."""
        tickets = [row for row in self.tables["tickets"][-8:] if self._is_plain(row)]
        if tickets:
            ways: tuple[Callable[[Row, datetime], None], ...] = (
                self.void, self.void, self.refund, self.refund, self.refund_part, self.refund_in_place,
                self.refund_amount,
            )
            ticket = self.random.choice(tickets)
            self.random.choice(ways)(ticket, moment + timedelta(seconds=1))
            ticket["_touched"] = True

    def _is_plain(self, row: Row) -> bool:
        """Nothing has become of it yet, and it is there once."""
        twice = sum(other["id"] == row["id"] for other in self.tables["tickets"][-12:]) > 1
        return not (twice or row.get("_touched") or row.get("refticketid") or row["preorder"])

    def void(self, ticket: Row, moment: datetime) -> None:
        ticket |= {"deleted": 1, "voidedby": "sam", "voidreason": "rung up twice", "modified": _local(moment)}
        for table in ("sales", "payments", "discounts"):
            for row in self._of(table, ticket):
                row["deleted"] = 1

    def refund(self, ticket: Row, moment: datetime) -> None:
        self._refund_ticket(ticket, self._of("sales", ticket), moment)

    def refund_part(self, ticket: Row, moment: datetime) -> None:
        self._refund_ticket(ticket, self._of("sales", ticket)[:1], moment)

    def _refund_ticket(self, ticket: Row, lines: list[Row], moment: datetime) -> None:
        """A ticket of its own, with negative amounts."""
        serial = len(self.tables["tickets"]) + 1
        own: Row = {
            **{key: ticket[key] for key in ("location", "terminal", "customerid", "taxexempt")},
            "ticketserial": serial,
            "id": f"{1_000_000 + serial:010d}",
            "userid": "kim",
            "datetime": int(moment.timestamp()),
            "refticketid": ticket["id"],
            "transactionid": 500_000 + serial,
            "transactionid_original": ticket["transactionid"],
            "price": -sum(line["_net"] for line in lines),
            "tax": -sum(line["tax"] for line in lines),
            "totalprice": -sum(line["total"] for line in lines),
            "deleted": 0, "pif": 1, "preorder": 0,
            "created": _local(moment),
        }
        self.tables["tickets"].append(own)
        for line in lines:
            self.tables["sales"].append(self._taken_back(line, own, moment))
        self._note_payment(own, "Cash", own["totalprice"], own["totalprice"])
        ticket |= {"refundprice": -own["price"], "refundtax": -own["tax"], "refundtotalprice": -own["totalprice"],
                   "modified": _local(moment)}

    def refund_in_place(self, ticket: Row, moment: datetime) -> None:
        """A row more on the same ticket, or the sold row itself marked."""
        line = self._of("sales", ticket)[-1]
        if self.random.random() < 0.5:
            line |= {"refunded": 1, "returntime": int(moment.timestamp()), "restocked": 1}
            return
        own = {**ticket, "datetime": int(moment.timestamp()), "transactionid": 900_000 + ticket["ticketserial"]}
        self.tables["sales"].append(self._taken_back(line, own, moment))

    def refund_amount(self, ticket: Row, moment: datetime) -> None:
        """Nothing but a sum on the header."""
        price, tax = cents(ticket["price"] / 2), cents(ticket["tax"] / 2)
        ticket |= {"refundprice": price, "refundtax": tax, "refundtotalprice": price + tax, "modified": _local(moment)}

    def _taken_back(self, line: Row, own: Row, moment: datetime) -> Row:
        negative = ("weight", "price", "tax", "total", "price_post_discount", "price_adjusted_for_ticket_discounts",
                    "price_post_everything", "tax_collected", "_net")
        return {
            **line,
            **{key: -line[key] for key in negative if line.get(key) is not None},
            "id": next(self._sale_ids),
            "ticketid": own["id"],
            "datetime": own["datetime"],
            "refunded": 1,
            "returnsaleid": line["id"] if self.random.random() < 0.5 else None,
            "returntime": int(moment.timestamp()),
            "restocked": 1,
            "transactionid": own["transactionid"],
            "transactionid_original": line["transactionid"],
        }

    def _of(self, table: str, ticket: Row) -> list[Row]:
        found = []
        for row in reversed(self.tables[table][-200:]):
            if row["ticketid"] == ticket["id"]:
                found.append(row)
        return found[::-1]


def _local(moment: datetime) -> datetime:
    return moment.astimezone(ZONE).replace(tzinfo=None, microsecond=0)


def _end_of_summer(until: datetime) -> datetime:
    """The last night before `until` in which the clocks go back, half an hour after midnight."""
    day = datetime(until.year, until.month, until.day, 12, tzinfo=timezone.utc)
    while True:
        before = day - timedelta(days=1)
        if before.astimezone(ZONE).utcoffset() > day.astimezone(ZONE).utcoffset():  # type: ignore[operator]
            local = day.astimezone(ZONE)
            return datetime(local.year, local.month, local.day, 0, 30, tzinfo=ZONE).astimezone(timezone.utc)
        day = before
