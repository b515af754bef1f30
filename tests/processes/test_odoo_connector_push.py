"""What the system "Odoo" makes in a real Odoo of what is sent there: over JSON-2, and over XML-RPC."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from connectors import records as rec
from connectors.errors import NeedsFixing, RetryLater
from connectors.pages import Cursor
from connectors.systems.odoo import Odoo as OdooSystem
from tests.connectors.contract import Remote
from tests.connectors.contract_push import PushContract
from tests.connectors.contract_push import Target as ContractTarget
from tests.connectors.contract_refunds import RefundContract

from .hub import Shop

NOW = datetime.now(timezone.utc).replace(microsecond=0)
SOLD_AT = NOW - timedelta(days=3)
# What is asked is the same over both protocols; what is not about how it is asked runs over one.
over_one = pytest.mark.parametrize("target", ["json2"], indirect=True, scope="module")
_READING = ("context_get", "fields_get", "read", "search_count", "search_read")


@dataclass
class Target:
    """The shop with products to sell: one invoiced as ordered, one as delivered, a service; and two taxes of 20 %."""

    shop: Shop
    system: OdooSystem
    protocol: str
    goods: int
    delivered: int
    tax: int
    included: int
    counter: int = 0

    def key(self) -> str:
        """Of nobody else who sends to this shop."""
        self.counter += 1
        return f"P-{self.protocol}-{self.goods}-{self.counter}"

    def order(self, *lines: rec.OrderLine, **values: Any) -> rec.Order:
        lines = lines or (self.line(),)
        charges = values.get("charges", ())
        gross = sum((line.gross for line in lines), Decimal(0)) + sum(
            (charge.amount + (charge.tax or 0) for charge in charges), Decimal(0))
        values = {
            "external_id": "sale.order,1", "number": "S1", "status": rec.OrderStatus.OPEN, "currency": "USD",
            "created_at": SOLD_AT, "totals": rec.OrderTotals(gross=gross), "lines": tuple(lines), **values}
        return rec.Order(**values)

    def line(self, product: int = 0, quantity: str = "2", price: str = "10", **values: Any) -> rec.OrderLine:
        """With 20 % tax on top."""
        net = Decimal(quantity) * Decimal(price) - Decimal(values.get("discount", 0))
        net = net.quantize(Decimal("0.01"), ROUND_HALF_UP)
        tax = (net * Decimal("0.2")).quantize(Decimal("0.01"))
        values = {
            "external_id": "line-1", "name": "Tea", "taxes": (rec.LineTax(tax_id=f"tax-{self.tax}"),),
            "net": net, "tax": tax, "gross": net + tax, **values}
        return rec.OrderLine(
            variant_id=f"variant-{product or self.goods}", quantity=Decimal(quantity), unit_price=Decimal(price),
            **values)

    def push(self, order: rec.Order, key: str = "") -> int:
        """The id of the order made."""
        pushed = self.system.push_order(order, key=key or self.key())
        return int(pushed.external_id.removeprefix("sale-"))

    def sale(self, order: int) -> tuple[Any, ...]:
        """State, total, what of it is to be invoiced and how far it is delivered."""
        return self.shop.database.query(
            "SELECT state, amount_total::numeric, invoice_status, delivery_status FROM sale_order WHERE id = %s",
            order)[0]

    def invoices(self, order: int) -> list[tuple[Any, ...]]:
        return self.shop.database.query("""
            SELECT DISTINCT move.id, move.state, move.payment_state, move.invoice_date
              FROM account_move move JOIN account_move_line line ON line.move_id = move.id
              JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = line.id
              JOIN sale_order_line sold ON sold.id = rel.order_line_id WHERE sold.order_id = %s""", order)

    def counts(self) -> list[int]:
        return [self.shop.value(f"SELECT count(*) FROM {table}") for table in (
            "sale_order", "sale_order_line", "account_move", "account_payment", "stock_picking", "res_partner",
            "product_product")]


@pytest.fixture(params=["json2", "xmlrpc"], scope="module")
def target(taking_shop: Shop, request: pytest.FixtureRequest) -> Iterator[Target]:
    with prepared(taking_shop, request.param, request.param) as made:
        yield made


@contextmanager
def prepared(taking_shop: Shop, protocol: str, label: str) -> Iterator[Target]:
    call: Callable[..., Any] = taking_shop.call
    user = call("res.users", "search_read", domain=[["login", "=", "admin"]], fields=["company_id"])[0]
    company = user["company_id"][0]
    tax, included = call("account.tax", "create", vals_list=[
        {"name": f"20 {kind} {label}", "amount": 20, "price_include_override": f"tax_{kind}",
         "company_id": company} for kind in ("excluded", "included")])
    goods, delivered = call("product.product", "create", vals_list=[
        {"name": f"Goods {policy}", "is_storable": True, "invoice_policy": policy, "taxes_id": [[5]]}
        for policy in ("order", "delivery")])
    settings = {**taking_shop.settings, "protocol": protocol, "login": "admin"}
    with OdooSystem(settings) as system:
        journal = next(iter(system.payment_journals())).external_id
    with OdooSystem({**settings, "payment_journal": journal}) as system:
        yield Target(taking_shop, system, protocol, goods, delivered, tax, included)


class TestOdooSends(PushContract, RefundContract):
    """What every system does with an order and a refund that are sent."""

    system = "odoo"
    nowhere = "sale-999999999"
    # Many of one sale, below: selling takes long here.
    test_whatever_answer_is_lost_it_is_given_back_once = None

    @pytest.fixture(scope="class")
    @classmethod
    def own(cls, taking_shop: Shop) -> Iterator[Target]:
        with prepared(taking_shop, "json2", "contract") as made:
            yield made

    @pytest.fixture(scope="class")
    @classmethod
    def remote(cls, own: Target) -> Remote:
        settings = {**own.shop.settings, "payment_journal": own.system.values["payment_journal"]}
        return Remote(url=settings.pop("url"), settings=settings, wrong_credentials={})

    @pytest.fixture
    def target(self, own: Target) -> ContractTarget:
        sold = own.line(), own.line(own.delivered, "1.5", "7.77", external_id="line-2", name="Crème “groß” 美味")
        payment = rec.Payment(external_id="1", amount=sum(line.gross for line in sold), paid_at=SOLD_AT)
        totals = rec.OrderTotals(gross=payment.amount, tax=sum(line.tax for line in sold))
        order = own.order(
            *sold, status=rec.OrderStatus.COMPLETED, paid=True, payments=(payment,), totals=totals, created_at=NOW)
        return ContractTarget(
            order=order, foreign="XTS", orders=lambda: own.shop.value("SELECT count(*) FROM sale_order"),
            reads=lambda request: request.path.rpartition("/")[2] in _READING,
            # A sale that is paid by its invoice tells no payments of its own.
            paid=lambda back: own.shop.value(
                "SELECT sum(amount)::numeric FROM account_payment WHERE memo LIKE %s", f"%{back.source_reference}%"))


@pytest.mark.parametrize(("status", "state"), [
    (rec.OrderStatus.DRAFT, "draft"), (rec.OrderStatus.OPEN, "sale"), (rec.OrderStatus.PAID, "sale"),
    (rec.OrderStatus.CANCELLED, "cancel")])
def test_its_status(target: Target, status: rec.OrderStatus, state: str) -> None:
    order = target.push(target.order(status=status))
    assert target.sale(order)[:2] == (state, Decimal("24.00"))
    assert target.invoices(order) == []


def test_paid_it_is_invoiced_and_paid(target: Target) -> None:
    payments = (
        rec.Payment(external_id="1", amount=Decimal(20), method_name="Card", paid_at=SOLD_AT),
        rec.Payment(external_id="2", amount=Decimal(3), tip=Decimal(1), method_name="Cash"))
    paid = target.order(status=rec.OrderStatus.PAID, paid=True, payments=payments)
    key = target.key()
    order = target.push(paid, key)
    (invoice,) = target.invoices(order)
    assert invoice[1:] == ("posted", "paid", SOLD_AT.date())
    before = target.counts()
    target.push(paid, key)
    assert target.counts() == before
    assert target.shop.database.query(
        "SELECT amount::int FROM account_payment WHERE memo LIKE %s ORDER BY id", f"%{key}%") == [(20,), (4,)]


@over_one
def test_what_is_invoiced_on_delivery_is_paid_in(target: Target) -> None:
    """No invoice can be made of it yet: the money waits on the customer's account."""
    key = target.key()
    paid = target.order(target.line(target.delivered), status=rec.OrderStatus.PAID, paid=True)
    order = target.push(paid, key)
    assert target.invoices(order) == []
    assert target.push(paid, key) == order
    assert target.shop.database.query(
        "SELECT amount::int, state FROM account_payment WHERE memo LIKE %s", f"%{key}%") == [(24, "in_process")]


def test_completed_it_is_delivered_and_keeps_its_date(target: Target) -> None:
    done = target.order(target.line(target.delivered), status=rec.OrderStatus.COMPLETED, paid=True, closed_at=SOLD_AT)
    order = target.push(done)
    assert target.sale(order) == ("sale", Decimal("24.00"), "invoiced", "full")
    (invoice,) = target.invoices(order)
    assert invoice[2] == "paid"
    assert target.shop.value("SELECT date_order FROM sale_order WHERE id = %s", order) == SOLD_AT.replace(tzinfo=None)


@over_one
def test_paid_without_a_journal_is_a_sentence(target: Target) -> None:
    settings = {**target.shop.settings, "protocol": target.protocol, "login": "admin"}
    with OdooSystem(settings) as system, pytest.raises(NeedsFixing, match="Journal for payments"):
        system.push_order(target.order(status=rec.OrderStatus.PAID, paid=True), key=target.key())


# Amounts -------------------------------------------------------------------------------------------------------------


@over_one
def test_a_tax_that_is_included_there_and_not_here(target: Target) -> None:
    line = target.line(taxes=(rec.LineTax(tax_id=f"tax-{target.included}"),))
    order = target.push(target.order(line, price_includes_tax=False))
    assert target.sale(order)[1] == Decimal("24.00")


@over_one
def test_a_discount_and_a_price_that_is_no_whole_cent(target: Target) -> None:
    lines = (
        target.line(quantity="3", price="3.33", discount=Decimal("1.00"), external_id="line-1"),
        target.line(quantity="1.5", price="7.77", external_id="line-2"))
    order = target.order(*lines)
    assert target.sale(target.push(order))[1] == order.totals.gross


@over_one
def test_a_cent_is_a_rounding_line_and_more_is_refused(target: Target) -> None:
    order = target.order()
    total = Decimal("24.01")
    number = target.push(replace(order, totals=rec.OrderTotals(gross=total)))
    assert target.sale(number)[:2] == ("sale", total)
    key = target.key()
    dear = replace(order, totals=rec.OrderTotals(gross=Decimal("30")))
    with pytest.raises(NeedsFixing, match=r"24.0.*30"):
        target.system.push_order(dear, key=key)
    left = target.system.find_pushed_order(key)
    assert target.sale(int(left.external_id.removeprefix("sale-")))[0] == "draft"
    assert target.push(order, key) == int(left.external_id.removeprefix("sale-"))


@over_one
def test_an_edited_draft_loses_its_former_lines(target: Target) -> None:
    key = target.key()
    two = target.order(target.line(), target.line(external_id="line-2"), status=rec.OrderStatus.DRAFT)
    order = target.push(two, key)
    assert target.push(target.order(target.line(external_id="line-2")), key) == order
    assert target.sale(order)[:2] == ("sale", Decimal("24.00"))


@over_one
def test_charges_stand_on_services(target: Target) -> None:
    amounts = {rec.ChargeKind.TIP: 2, rec.ChargeKind.SHIPPING: 5, rec.ChargeKind.DISCOUNT: -1}
    charges = tuple(
        rec.Charge(external_id=kind.value, kind=kind, amount=Decimal(amount), net=Decimal(amount), tax=Decimal(0))
        for kind, amount in amounts.items())
    unknown = replace(target.line(external_id="line-2"), variant_id="")
    order = target.order(target.line(), unknown, charges=charges)
    number = target.push(order)
    assert target.sale(number)[1] == order.totals.gross
    target.push(order)
    assert target.shop.value("SELECT count(*) FROM product_product WHERE default_code LIKE 'POS-SYNC-TIP'") == 1


@over_one
def test_a_tax_that_is_not_there(target: Target) -> None:
    line = target.line(taxes=(rec.LineTax(tax_id="tax-999999", name="Gone"),))
    with pytest.raises(NeedsFixing, match="Gone"):
        target.system.push_order(target.order(line), key=target.key())


@over_one
def test_what_that_odoo_refuses_is_told_in_its_words(target: Target) -> None:
    with pytest.raises(NeedsFixing) as caught:
        target.system.push_order(target.order(target.line(product=999999)), key=target.key())
    assert caught.value.code == "rejected"
    assert "999999" in caught.value.sentence


# Customers -----------------------------------------------------------------------------------------------------------


def person(target: Target, **values: Any) -> rec.Customer:
    values = {
        "external_id": "res.partner,1", "first_name": "Mary", "last_name": f"Shelley {target.protocol}",
        "email": f"mary@{target.protocol}.example.com", "phone": "+1 212 555 0177", **values}
    return rec.Customer(**values)


def test_a_customer_is_made_once_and_found(target: Target) -> None:
    home = rec.Address(street="1 Way", city="Albany", zip="12207", state="NY", country="US")
    door = rec.Address(kind=rec.AddressKind.DELIVERY, name="Back door", street="2 Way", city="Albany", country="US")
    mary = person(target, addresses=(home, door))
    key = f"mary {target.protocol}/1"
    pushed = target.system.push_customer(mary, key=key)
    assert target.system.push_customer(mary, key=key).external_id == pushed.external_id
    made = target.system.get_customer(pushed.external_id)
    assert (made.email, made.addresses[0].state, made.addresses[0].country) == (mary.email, "NY", "US")
    assert [item.street for item in made.addresses] == ["1 Way", "2 Way"]
    for known in (
        person(target, phone=""), person(target, email="", phone="(212) 555-0177"), person(target, email="", phone="")
    ):
        assert pushed.external_id in [item.external_id for item in target.system.find_customer(known)]
    stranger = person(target, last_name="Nobody", email="no@example.com", phone="+1 212 555 9999")
    assert target.system.find_customer(stranger) == []
    changed = replace(mary, external_id=pushed.external_id, phone="+1 212 555 0188")
    assert target.system.update_customer(changed, key=key).external_id == pushed.external_id
    assert target.system.get_customer(pushed.external_id).phone == "+1 212 555 0188"
    ids = {target.push(target.order(customer_id=pushed.external_id, shipping_address=door)) for _number in range(2)}
    shipped = target.shop.database.query(
        "SELECT DISTINCT partner_shipping_id FROM sale_order WHERE id = ANY(%s)", list(ids))
    assert len(ids) == 2
    assert len(shipped) == 1


@over_one
def test_a_sale_to_nobody_goes_to_the_walk_in_customer(target: Target) -> None:
    first, second = target.push(target.order()), target.push(target.order())
    names = target.shop.database.query(
        "SELECT DISTINCT partner.name FROM sale_order sale JOIN res_partner partner ON partner.id = sale.partner_id "
        "WHERE sale.id IN %s", (first, second))
    assert names == [("Walk-in Customer",)]


# Status --------------------------------------------------------------------------------------------------------------


def test_deliveries_come_up_to_what_is_told(target: Target) -> None:
    pushed = target.system.push_order(target.order(target.line(quantity="5")), key=target.key())
    ((_ours, line),) = pushed.lines
    order = int(pushed.external_id.removeprefix("sale-"))

    def shipped(number: int, quantity: str) -> rec.Fulfilment:
        return rec.Fulfilment(
            external_id=str(number), order_id=pushed.external_id, status=rec.FulfilmentStatus.SHIPPED, carrier="UPS",
            tracking_number=f"1Z{number}", lines=((line, Decimal(quantity)),))

    def tell(*fulfilments: rec.Fulfilment, **values: Any) -> Decimal:
        change = rec.OrderStatusChange(
            external_id=pushed.external_id, status=rec.OrderStatus.PAID, fulfilments=fulfilments, **values)
        target.system.push_order_status(change, key="status")
        return target.shop.value("SELECT qty_delivered::numeric FROM sale_order_line WHERE order_id = %s", order)

    assert tell(shipped(1, "2")) == 2
    assert tell(shipped(1, "2")) == 2, "told twice"
    assert tell(shipped(1, "2"), shipped(2, "3")) == 5
    assert target.sale(order)[3] == "full"
    before = target.counts()
    assert tell(shipped(1, "2"), shipped(2, "3")) == 5
    assert target.counts() == before
    assert tell(paid=True) == 5
    (invoice,) = target.invoices(order)
    assert invoice[2] == "paid"


def test_a_cancellation(target: Target) -> None:
    order = target.push(target.order())
    change = rec.OrderStatusChange(external_id=f"sale-{order}", status=rec.OrderStatus.CANCELLED)
    for _time in range(2):
        target.system.push_order_status(change, key="status")
    assert target.sale(order)[0] == "cancel"


def test_the_status_is_read_back_with_its_deliveries(target: Target) -> None:
    key = target.key()
    since = NOW - timedelta(minutes=1)
    order = target.push(target.order(status=rec.OrderStatus.COMPLETED, paid=True), key)
    changes = {
        change.external_id: change for page in target.system.pull_order_status(Cursor(since=since))
        for change in page.records}
    change = changes[f"sale-{order}"]
    assert (change.status, change.paid, change.source_reference) == (rec.OrderStatus.COMPLETED, True, key)
    assert [item.status for item in change.fulfilments] == [rec.FulfilmentStatus.SHIPPED]
    assert [quantity for _line, quantity in change.fulfilments[0].lines] == [2]


# Refunds -------------------------------------------------------------------------------------------------------------


@over_one
def test_a_refund_is_credited_paid_out_and_returned_once(target: Target) -> None:
    """Whichever answer is lost: sent again with its key, it is one credit note and one return."""
    key = target.key()
    pushed = target.system.push_order(
        target.order(target.line(quantity="20"), status=rec.OrderStatus.COMPLETED, paid=True), key=key)
    order = int(pushed.external_id.removeprefix("sale-"))
    ((_ours, line),) = pushed.lines

    def refund(gross: str = "12", **values: Any) -> rec.Refund:
        back = rec.RefundLine(order_line_id=line, name="Tea", quantity=Decimal(1), net=Decimal(10), tax=Decimal(2),
                              gross=Decimal(12), restock=True)
        return rec.Refund(**{
            "external_id": "account.move,1", "order_id": pushed.external_id, "currency": "USD", "lines": (back,),
            "gross": Decimal(gross), "reason": "RINV/7", "refunded_at": NOW, **values})

    def state() -> tuple[Any, ...]:
        """Credit notes with what they come to, and what is still out of 20 delivered."""
        return target.shop.database.query("""
            SELECT count(*), sum(amount_total)::int, array_agg(DISTINCT payment_state), (
                SELECT qty_delivered::int FROM sale_order_line WHERE order_id = %s)
              FROM account_move WHERE move_type = 'out_refund' AND ref LIKE %s""", order, f"%{key}-R%")[0]

    target.system.push_refund(refund(), key=f"{key}-R1")
    assert state() == (1, 12, ["paid"], 19)
    before = target.counts()
    target.system.push_refund(refund(), key=f"{key}-R1")
    assert target.counts() == before
    made = _losing_each_answer(target, lambda number: target.system.push_refund(refund(), key=f"{key}-R2-{number}"))
    assert made >= 4, "there were answers to lose"
    assert state() == (1 + made, 12 * (1 + made), ["paid"], 19 - made)
    target.system.push_refund(refund("0", lines=(replace(refund().lines[0], gross=Decimal(0)),)), key=f"{key}-R4")
    assert state() == (1 + made, 12 * (1 + made), ["paid"], 18 - made), "goods alone"


_MAKING = ("load", "action_post", "action_create_payments", "button_validate")


def _losing_each_answer(target: Target, send: Callable[[int], Any]) -> int:
    """Sends again and again, each time with another answer lost, until there is none more to lose."""
    rpc, plain = target.system._rpc, target.system._rpc.call
    for number in range(30):
        left = number

        def call(model: str, method: str, *arguments: Any, **more: Any) -> Any:
            nonlocal left
            answer = plain(model, method, *arguments, **more)
            if method in _MAKING:
                left -= 1
                if left == -1:
                    raise RetryLater("The answer was lost.", code="in-doubt")
            return answer

        rpc.call = call
        try:
            send(number)
            return number + 1
        except RetryLater:
            rpc.call = plain
            send(number)
        finally:
            rpc.call = plain
    raise AssertionError("more than 30 changes for a refund")
