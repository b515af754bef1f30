"""The canonical records: what every system's data is turned into, and what every push is made from.

All records are frozen and keyword-only. Their shapes, once for all of them:

* money is a `Decimal` in the record's `currency` (ISO 4217); it is what the system states, never recomputed;
* quantities are `Decimal` in the unit that the record names;
* moments are aware `datetime`s in UTC;
* `external_id` is the system's own id as text; where only several ids together are unique the provider joins them;
* a text that the system does not give is `""`, any other missing value is `None`;
* `raw` is the payload that the record was made from, kept for people, never compared.

A value of another type raises `ValueError` when the record is made, so that a malformed payload is found where it is
parsed and not when it is stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, get_args, get_origin, get_type_hints

from .door import MOST_ID, clean_text, is_bounded, shorten

_UTC_OFFSET = timedelta(0)
_YEARS = range(1900, 2200)
_LONGEST_TEXT = 1_000_000
_LARGEST_INT = 2**31


class OrderStatus(str, Enum):
    """Where an order stands. Only `COMPLETED` earns points."""

    DRAFT = "draft"
    OPEN = "open"
    PAID = "paid"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class FulfilmentStatus(str, Enum):
    ACCEPTED = "accepted"
    PACKED = "packed"
    READY = "ready"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    PICKED_UP = "picked_up"
    RETURNED = "returned"
    CANCELLED = "cancelled"


class ProductKind(str, Enum):
    GOODS = "goods"
    SERVICE = "service"
    COMBO = "combo"
    GIFT_CARD = "gift_card"


class PaymentKind(str, Enum):
    CASH = "cash"
    CARD = "card"
    BANK = "bank"
    WALLET = "wallet"
    GIFT_CARD = "gift_card"
    POINTS = "points"
    ON_ACCOUNT = "on_account"
    OTHER = "other"


class ChargeKind(str, Enum):
    """What an amount on an order or a refund, beside its lines, is for. On an order a discount and a redeemed gift card
    are negative; on a refund amounts are positive, but for a fee that was kept."""

    DISCOUNT = "discount"
    TIP = "tip"
    SERVICE_CHARGE = "service_charge"
    SHIPPING = "shipping"
    FEE = "fee"
    DUTY = "duty"
    GIFT_CARD = "gift_card"
    ROUNDING = "rounding"


class Consent(str, Enum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class AddressKind(str, Enum):
    CONTACT = "contact"
    INVOICE = "invoice"
    DELIVERY = "delivery"


class Value:
    """Base of everything below: checks each field's type once, when the value is made."""

    __slots__ = ()

    def __post_init__(self) -> None:
        for name, check in _checks(type(self)):
            problem = check(getattr(self, name))
            if problem:
                raise ValueError(f"{type(self).__name__}.{name} {problem}")


class Record(Value):
    """A value that the system knows by an id."""

    __slots__ = ()
    external_id: str

    def __post_init__(self) -> None:
        Value.__post_init__(self)
        if not self.external_id:
            raise ValueError(f"{type(self).__name__}.external_id is empty")


_frozen = dataclass(frozen=True, slots=True, kw_only=True)


def _added(default: Any) -> Any:
    """A field that records got after digests of them were stored: at its default it is no part of a digest."""
    return field(default=default, metadata={"added": True})


# What a connection is set up with ------------------------------------------------------------------------------------


@_frozen
class Location(Record):
    """A shop, till or warehouse. `timezone` is an IANA name, `parent_id` the location that this one belongs to.

    `holds_stock` tells whether stock counts may name it; `takes_orders` whether orders may.
    """

    external_id: str
    name: str
    timezone: str = ""
    currency: str = ""
    parent_id: str = ""
    holds_stock: bool = True
    takes_orders: bool = True
    archived: bool = False
    updated_at: datetime | None = None
    raw: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)


@_frozen
class TaxRate(Record):
    """`rate` is in percent (`Decimal("8.25")`), or an amount a unit where `fixed`. `inclusive`: part of the price.

    `from_orders`: the system has no list of taxes, and this one was seen on orders; others may follow, and one that is
    not named again is not gone.
    """

    external_id: str
    name: str
    rate: Decimal
    inclusive: bool | None = None
    fixed: bool = False
    country: str = ""
    archived: bool = False
    from_orders: bool = False
    raw: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)


@_frozen
class PriceLevel(Record):
    """A list of prices to choose from: a pricelist, a member level, a price book. The unnamed level is `""`."""

    external_id: str
    name: str
    currency: str = ""
    raw: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)


@_frozen
class PaymentMethod(Record):
    external_id: str
    name: str
    kind: PaymentKind = PaymentKind.OTHER
    raw: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)


@_frozen
class CustomerGroup(Record):
    external_id: str
    name: str
    raw: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)


# Customers -----------------------------------------------------------------------------------------------------------


@_frozen
class Address(Value):
    """`country` is ISO 3166 alpha-2; `state` the code where the system has one, else the name."""

    kind: AddressKind = AddressKind.CONTACT
    name: str = ""
    company: str = ""
    vat: str = ""
    email: str = ""
    street: str = ""
    street2: str = ""
    city: str = ""
    zip: str = ""
    state: str = ""
    country: str = ""
    phone: str = ""


@_frozen
class Customer(Record):
    """`marketing_at`: when `marketing` was given or withdrawn. `points`: a balance that the system keeps.
    `tax_exempt`: the system charges them no tax.
    """

    external_id: str
    first_name: str = ""
    last_name: str = ""
    company_name: str = ""
    email: str = ""
    phone: str = ""
    mobile: str = ""
    addresses: tuple[Address, ...] = ()
    vat: str = ""
    tax_exempt: bool = _added(False)
    language: str = ""
    birthday: date | None = None
    group_id: str = ""
    group_name: str = ""
    marketing: Consent = Consent.UNKNOWN
    marketing_at: datetime | None = None
    points: Decimal | None = None
    note: str = ""
    archived: bool = False
    created_at: datetime | None = None
    updated_at: datetime | None = None
    raw: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)


# Products and stock --------------------------------------------------------------------------------------------------


@_frozen
class Unit(Value):
    """One `name` is `factor` times `base` (a "3.5 g" unit: factor 3.5, base "g"). A base unit: factor 1, no base."""

    name: str
    factor: Decimal = Decimal(1)
    base: str = ""


@_frozen
class Image(Value):
    """`url` is for `Connector.download`; it may lie below the system's address. `checksum` changes with the content."""

    url: str
    checksum: str = ""


@_frozen
class Price(Value):
    """The price of one unit at a price level (`""`: the system's ordinary price). None is "no price", never zero."""

    level: str = ""
    amount: Decimal
    currency: str


@_frozen
class OptionValue(Value):
    """One option of a variant: `option` "Size", `value` "L"; `position` orders the values."""

    option: str
    value: str
    position: int = 0


@_frozen
class Variant(Record):
    """What is sold, counted and named on order lines. `cost` is of one unit; `weight` in kilograms.

    `open_price`: the price is asked for at the till. A variant with neither is held, never sold for 0.
    """

    external_id: str
    name: str = ""
    sku: str = ""
    barcode: str = ""
    options: tuple[OptionValue, ...] = ()
    cost: Decimal | None = None
    cost_currency: str = ""
    prices: tuple[Price, ...] = ()
    open_price: bool = False
    weight: Decimal | None = None
    image: Image | None = None
    archived: bool = False


@_frozen
class ComboItem(Value):
    """One thing that can be chosen. `variant_id` is a `Variant.external_id`; `extra_price` is added to the combo's."""

    variant_id: str
    extra_price: Decimal = Decimal(0)


@_frozen
class ComboChoice(Record):
    """One choice of a combo ("your drink"). Between `minimum` and `maximum` items of it are taken.

    `base_price` is the share of the combo's price that falls on this choice; None where the system does not say.
    """

    external_id: str
    name: str
    items: tuple[ComboItem, ...] = ()
    base_price: Decimal | None = None
    minimum: Decimal = Decimal(1)
    maximum: Decimal = Decimal(1)


@_frozen
class Modifier(Record):
    external_id: str
    name: str
    price: Decimal = Decimal(0)
    variant_id: str = ""


@_frozen
class ModifierGroup(Record):
    external_id: str
    name: str
    minimum: int = 0
    maximum: int | None = None
    modifiers: tuple[Modifier, ...] = ()


@_frozen
class Product(Record):
    """A product with at least one variant; one without options has a single variant with none.

    `tax_ids` are `TaxRate.external_id`s. `price_includes_tax` tells how the prices are to be read; None: the taxes say.
    `tracked`: the system counts stock. `sellable_online`: None where the system has no such notion.
    """

    external_id: str
    name: str
    kind: ProductKind = ProductKind.GOODS
    description: str = ""
    category: tuple[str, ...] = ()
    brand: str = ""
    tags: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    variants: tuple[Variant, ...]
    tax_ids: tuple[str, ...] = ()
    price_includes_tax: bool | None = None
    unit: Unit | None = None
    tracked: bool = False
    sellable_online: bool | None = None
    combos: tuple[ComboChoice, ...] = ()
    modifiers: tuple[ModifierGroup, ...] = ()
    archived: bool = False
    updated_at: datetime | None = None
    raw: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        Record.__post_init__(self)
        if not self.variants:
            raise ValueError(f"Product {self.external_id} has no variant")


@_frozen
class StockLevel(Record):
    """`quantity` on hand of a variant at a location. `external_id` joins the two ids, as `stock_id` does.

    `is_free`: what is reserved for orders, the system's own among them, is off already.
    """

    external_id: str
    variant_id: str
    location_id: str
    quantity: Decimal
    unit: str = ""
    is_free: bool = _added(False)
    updated_at: datetime | None = None
    raw: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)


def stock_id(variant_id: str, location_id: str) -> str:
    """The external id of a stock level, made of its two parts."""
    return f"{variant_id}@{location_id}"


# Orders --------------------------------------------------------------------------------------------------------------


@_frozen
class LineTax(Value):
    """A tax as charged. `amount` is what the system charged, None where it tells only the rate.

    `remitted_by_channel`: the customer paid it, and a marketplace remits it: the shop does not owe it.
    """

    tax_id: str = ""
    name: str = ""
    rate: Decimal | None = None
    inclusive: bool = False
    amount: Decimal | None = None
    remitted_by_channel: bool = _added(False)


@_frozen
class OrderLine(Record):
    """`quantity` may be negative (a return on the receipt). `unit_price` is before `discount`, as the system shows it.

    `discount` is the amount taken off the whole line (positive). `net`, `tax`, `gross` are the line's totals after it.
    `parent_id` is the line that this one belongs to: a modifier to its item, a combo's component to the combo.
    `is_gift_card`: a gift card is sold or taken back on it: money that is owed to its holder, and no revenue.
    """

    external_id: str
    variant_id: str = ""
    sku: str = ""
    name: str
    quantity: Decimal
    unit: str = ""
    unit_price: Decimal
    discount: Decimal = Decimal(0)
    taxes: tuple[LineTax, ...] = ()
    net: Decimal | None = None
    tax: Decimal | None = None
    gross: Decimal | None = None
    parent_id: str = ""
    combo_choice_id: str = ""
    is_modifier: bool = False
    gift_card_code: str = ""
    is_gift_card: bool = _added(False)
    refunded_line_id: str = ""
    note: str = ""


@_frozen
class Charge(Record):
    """An amount on the order that is no line: see `ChargeKind`. `amount` is with tax where the order's prices are."""

    external_id: str
    kind: ChargeKind
    name: str = ""
    amount: Decimal
    code: str = ""
    taxes: tuple[LineTax, ...] = ()
    net: Decimal | None = None
    tax: Decimal | None = None


@_frozen
class Payment(Record):
    """Money received. `amount` is what was applied to the order, without `tip`, `rounding` and change returned.

    `rounding`: what cash rounding adds (or, negative, takes off): the drawer got amount + tip + rounding, and nothing
    of it is owed. On a refund likewise: what left the drawer is amount + tip + rounding.
    """

    external_id: str
    method_id: str = ""
    method_name: str = ""
    kind: PaymentKind = PaymentKind.OTHER
    amount: Decimal
    tip: Decimal = Decimal(0)
    rounding: Decimal = _added(Decimal(0))
    currency: str = ""
    reference: str = ""
    fee: Decimal | None = None
    paid_at: datetime | None = None


@_frozen
class Fulfilment(Record):
    """A parcel, a pick-up or a delivery. `lines` are pairs of an order line's external id and the quantity in it."""

    external_id: str
    order_id: str
    status: FulfilmentStatus
    carrier: str = ""
    tracking_number: str = ""
    tracking_url: str = ""
    lines: tuple[tuple[str, Decimal], ...] = ()
    updated_at: datetime | None = None
    raw: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)


@_frozen
class RefundLine(Value):
    """What came back. Quantities and amounts are positive. `restock`: it went back on the shelf; None: unknown.

    `taxes`: as refunded, with their amounts, where the system states them by tax; else those of the sold line count.
    """

    order_line_id: str = ""
    variant_id: str = ""
    name: str = ""
    quantity: Decimal
    net: Decimal | None = None
    tax: Decimal | None = None
    gross: Decimal | None = None
    taxes: tuple[LineTax, ...] = ()
    restock: bool | None = None


@_frozen
class Refund(Record):
    """Money refunded on an order; amounts are positive. Without `lines` and `charges` it is an amount only; without an
    amount only goods came back. `gross` is what lines and charges come to, where there are some: a fee that was kept is
    a negative charge. `charges` are refunded beside the lines: shipping, a tip, a service charge, a duty.

    `overpayment`: the part of `gross` that returns what was paid beyond what the order comes to now, because an edit
    took goods out of it: no lines and charges stand for it, and nothing sold is refunded by it.
    `source_reference`: the key that it was pushed with, where the system keeps that. Money that is not on its way yet
    (a pending refund) is no record."""

    external_id: str
    order_id: str
    number: str = ""
    source_reference: str = ""
    currency: str
    gross: Decimal
    net: Decimal | None = None
    tax: Decimal | None = None
    lines: tuple[RefundLine, ...] = ()
    charges: tuple[Charge, ...] = ()
    overpayment: Decimal = _added(Decimal(0))
    payments: tuple[Payment, ...] = ()
    reason: str = ""
    location_id: str = ""
    refunded_at: datetime
    updated_at: datetime | None = None
    raw: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)


@_frozen
class OrderTotals(Value):
    """The order's totals as the system states them. `gross` is with tax, charges and tips as the customer owes it."""

    gross: Decimal
    net: Decimal | None = None
    tax: Decimal | None = None
    discount: Decimal | None = None
    tip: Decimal | None = None
    paid: Decimal | None = None
    refunded: Decimal | None = None


@_frozen
class Order(Record):
    """A sale. `source_reference` is an id that another system gave it, for instance ours on an order we pushed.

    `paid` is told apart from `status`: an order to be paid at the counter is OPEN and not paid.
    `channel` ("pos", "web", "phone") and `order_type` ("dine_in", "take_away", "delivery") are the system's own words.

    `closed_at` is the moment of the sale where that is another than `created_at`: when it was paid or handed over at
    the till, never when somebody archived it. `billing_address` and `shipping_address` are the order's own, whatever
    the customer's card says. `purchase_order` is the buyer's own number. `hold_reason`: why the system says that the
    order must not be fulfilled yet (a risk of fraud, say). `payment_term`: the system's name of the terms on which
    it is paid later.
    """

    external_id: str
    number: str = ""
    status: OrderStatus
    paid: bool = False
    fiscal_number: str = ""
    currency: str
    channel: str = ""
    order_type: str = ""
    customer_id: str = ""
    customer: Customer | None = None
    location_id: str = ""
    register: str = ""
    staff: str = ""
    note: str = ""
    source_reference: str = ""
    purchase_order: str = ""
    tags: tuple[str, ...] = ()
    discount_codes: tuple[str, ...] = ()
    payment_term: str = ""
    hold_reason: str = ""
    price_includes_tax: bool = False
    lines: tuple[OrderLine, ...] = ()
    charges: tuple[Charge, ...] = ()
    payments: tuple[Payment, ...] = ()
    refunds: tuple[Refund, ...] = ()
    fulfilments: tuple[Fulfilment, ...] = ()
    shipping_address: Address | None = None
    billing_address: Address | None = None
    totals: OrderTotals
    due_at: datetime | None = None
    created_at: datetime
    closed_at: datetime | None = None
    updated_at: datetime | None = None
    raw: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)


@_frozen
class OrderStatusChange(Record):
    """The status of an order that was pushed, read back or sent on. `external_id` is the order's, `source_reference`
    the key that it was pushed with, where the system keeps that. `payments`: empty where nothing is told of them."""

    external_id: str
    status: OrderStatus
    source_reference: str = ""
    paid: bool | None = None
    payments: tuple[Payment, ...] = ()
    fulfilments: tuple[Fulfilment, ...] = ()
    fiscal_number: str = ""
    reason: str = ""
    updated_at: datetime | None = None
    raw: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)


# Beside the orders ---------------------------------------------------------------------------------------------------


@_frozen
class Promotion(Record):
    """`percent` or `amount` off, while it runs."""

    external_id: str
    name: str
    code: str = ""
    percent: Decimal | None = None
    amount: Decimal | None = None
    currency: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    variant_ids: tuple[str, ...] = ()
    archived: bool = False
    updated_at: datetime | None = None
    raw: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)


@_frozen
class ControlTotals(Value):
    """What the system itself counted for a business day of a location, in one currency.

    `payments` are pairs of a payment method's external id and the amount taken with it.
    """

    currency: str
    location_id: str = ""
    day: date
    count: int
    gross: Decimal
    net: Decimal | None = None
    tax: Decimal | None = None
    discounts: Decimal | None = None
    tips: Decimal | None = None
    refunds: Decimal | None = None
    payments: tuple[tuple[str, Decimal], ...] = ()


# Checking the fields -------------------------------------------------------------------------------------------------


def _check_decimal(value: Any) -> str:
    if not isinstance(value, Decimal):
        return f"must be a Decimal, not {type(value).__name__}"
    return "" if is_bounded(value) else f"must be a finite number of usual size, not {shorten(str(value), 40)}"


def _check_moment(value: Any) -> str:
    if not isinstance(value, datetime):
        return f"must be a datetime, not {type(value).__name__}"
    if value.utcoffset() != _UTC_OFFSET:
        return "must be an aware datetime in UTC"
    return "" if value.year in _YEARS else f"must be a moment of our time, not of the year {value.year}"


def _check_day(value: Any) -> str:
    return "" if type(value) is date else f"must be a date, not {type(value).__name__}"


def _check_text(value: Any) -> str:
    if not isinstance(value, str):
        return f"must be str, not {type(value).__name__}"
    if value != clean_text(value):
        return "holds a NUL character or half a character, which no database stores"
    return "" if len(value) <= _LONGEST_TEXT else f"is longer than {_LONGEST_TEXT} characters"


def _check_id(value: Any) -> str:
    return _check_text(value) or ("" if len(value) <= MOST_ID else f"is longer than an id's {MOST_ID} characters")


def _check_currency(value: Any) -> str:
    if not isinstance(value, str):
        return f"must be a currency code, not {type(value).__name__}"
    right = not value or (len(value) == 3 and value.isascii() and value.isalpha() and value.isupper())
    return "" if right else f"{shorten(repr(value), 20)} is no ISO code"


def _check_tuple(hint: Any):
    kinds = get_args(hint)
    check = _check_for("", kinds[0]) if len(kinds) == 2 and kinds[1] is Ellipsis else None

    def check_all(value: Any) -> str:
        if not isinstance(value, tuple):
            return f"must be a tuple, not {type(value).__name__}"
        return next(filter(None, map(check, value)), "") if check else ""

    return check_all


def _check_int(value: Any) -> str:
    if type(value) is not int:
        return f"must be an integer, not {type(value).__name__}"
    return "" if abs(value) < _LARGEST_INT else "is larger than any database takes"


def _optional(check):
    return lambda value: "" if value is None else check(value)


def _instance(kind: type):
    def check(value: Any) -> str:
        return "" if isinstance(value, kind) else f"must be {kind.__name__}, not {type(value).__name__}"

    return check


_BY_TYPE = {
    str: _check_text,
    Decimal: _check_decimal,
    datetime: _check_moment,
    date: _check_day,
    int: _check_int,
}
_CHECKS: dict[type, tuple] = {}


def _checks(cls: type) -> tuple:
    """Pairs of field name and check, made once a class."""
    found = _CHECKS.get(cls)
    if found is None:
        hints = get_type_hints(cls)
        found = _CHECKS[cls] = tuple(
            (item.name, _check_for(item.name, hints[item.name])) for item in fields(cls) if item.name != "raw"
        )
    return found


def _check_for(name: str, hint: Any):
    arguments = [kind for kind in get_args(hint) if kind is not type(None)]
    if get_origin(hint) is tuple:
        return _check_tuple(hint)
    if get_args(hint) and len(arguments) == 1:
        return _optional(_check_for(name, arguments[0]))
    if name in ("currency", "cost_currency"):
        return _check_currency
    if hint is str and name.endswith("_id"):
        return _check_id
    return _BY_TYPE.get(hint) or _instance(hint)
