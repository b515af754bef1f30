"""The shape of an order in Odoo: its lines and charges as values of `sale.order.line`. Plain values, no ORM."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ...connectors.errors import NeedsFixing
from ...connectors.records import Charge, ChargeKind, LineTax, Order, OrderLine
from ...models.sales.connection_sales import CHANNEL_TAX
from .order_resolver import UNKNOWN, OrderResolver, Sold

_HUNDRED = Decimal(100)


def remitted_amount(part: OrderLine | Charge, tax: LineTax, cents: Decimal) -> Decimal:
    """What a tax on a line or charge comes to, where the channel remits it."""
    if tax.amount is not None:
        return tax.amount
    net = part.net
    if net is None:
        net = part.unit_price * part.quantity - part.discount if isinstance(part, OrderLine) else part.amount
    return (net * (tax.rate or 0) / _HUNDRED).quantize(cents, rounding=ROUND_HALF_UP)


def channel_tax(record: Order, cents: Decimal) -> Decimal:
    """All tax of an order that the channel remits."""
    parts = (*record.lines, *record.charges)
    return sum(
        (remitted_amount(part, tax, cents) for part in parts for tax in part.taxes if tax.remitted_by_channel),
        Decimal(0),
    )


@dataclass(slots=True)
class LineVals:
    """Values of one order line. `parent` is the external id of the line that it belongs to."""

    external_id: str
    vals: dict[str, Any]
    parent: str = ""
    combo_choice_id: str = ""
    is_combo: bool = False
    # The system does not say any more which product it is.
    is_guess: bool = False


@dataclass(slots=True)
class OrderShape:
    """Makes the lines of one order. `translate` is `env._`; raises NeedsFixing for what a person must mend.

    `handed_over`: the system has given the goods to the customer, so that all is delivered.
    """

    resolver: OrderResolver
    record: Order
    translate: Any
    cents: Decimal = Decimal("0.01")
    handed_over: bool = False
    analytic: dict[str, float] | None = None
    lines: list[LineVals] = field(default_factory=list)

    def build(self) -> list[LineVals]:
        money = self._moved_to_children()
        for line in self.record.lines:
            # What an edit took off the order is no line of it.
            if line.quantity or line.gross or line.net:
                self._add_line(line, money.get(line.external_id))
        for charge in self.record.charges:
            self._add_charge(charge)
        for position, line in enumerate(self.lines):
            line.vals["sequence"] = 10 + position
        return self.lines

    # Lines

    def _add_line(self, line: OrderLine, moved: Decimal | None):
        line, remitted = self._without_remitted(line)
        sold = None if line.is_gift_card else self.resolver.sold(line)
        is_combo = bool(sold and sold.kind == "combo")
        if is_combo and moved is None:
            # Without components there is nothing that could carry its money.
            sold, is_combo = None, False
        # Whatever product the system sells it as, a gift card is owed: it goes where those are posted.
        product = sold or self.resolver.charges[ChargeKind.GIFT_CARD.value if line.is_gift_card else UNKNOWN]
        quantity = self._quantity(line)
        unit_price = Decimal(0) if is_combo and moved == 0 else self._unit_price(line, quantity, moved)
        percent, rest = self._discount(line, quantity, unit_price) if moved is None else (Decimal(0), Decimal(0))
        vals = self._prepare_line(
            line.external_id,
            product,
            line.name if sold is None or line.note else "",
            quantity,
            unit_price,
            [] if is_combo else line.taxes,
            percent,
        )
        if line.note:
            vals["name"] = f"{line.name or product.name}\n{line.note}"
        vals["pos_sync_quantity"] = float(line.quantity)
        is_guess = not line.is_gift_card and not self.resolver.products.get(line.variant_id)
        self.lines.append(LineVals(line.external_id, vals, line.parent_id, line.combo_choice_id, is_combo, is_guess))
        if rest:
            discount = self.resolver.charges[ChargeKind.DISCOUNT.value]
            name = self.translate("Discount on %s", line.name)
            vals = self._prepare_line(f"{line.external_id}:discount", discount, name, Decimal(1), -rest, line.taxes)
            self.lines.append(LineVals(f"{line.external_id}:discount", vals, line.external_id))
        self._add_remitted(line.external_id, line.external_id, remitted)

    def _without_remitted(self, part: OrderLine | Charge):
        """A line or charge without the taxes that the channel remits, and what they come to."""
        taxes = [tax for tax in part.taxes if tax.remitted_by_channel]
        if not taxes:
            return part, Decimal(0)
        is_line = isinstance(part, OrderLine)
        amounts = [(tax.inclusive, remitted_amount(part, tax, self.cents)) for tax in taxes]
        owed = sum(amount for _inclusive, amount in amounts)
        inside = sum(amount for inclusive, amount in amounts if inclusive)
        changed: dict[str, Any] = {"taxes": tuple(tax for tax in part.taxes if not tax.remitted_by_channel)}
        if part.tax is not None:
            changed["tax"] = part.tax - owed
        if is_line:
            changed["unit_price"] = part.unit_price - (inside / part.quantity if part.quantity else 0)
            changed["gross"] = None if part.gross is None else part.gross - owed
        else:
            changed["amount"] = part.amount - inside
        return replace(part, **changed), owed

    def _add_remitted(self, external_id: str, parent: str, amount: Decimal):
        """The customer pays it and the shop does not owe it: no tax, and no income either. Its id says whose it is."""
        if amount:
            product = self.resolver.charges[CHANNEL_TAX]
            key = f"{external_id}:{CHANNEL_TAX}"
            self.lines.append(LineVals(key, self._prepare_line(key, product, "", Decimal(1), amount, ()), parent))

    def _quantity(self, line: OrderLine) -> Decimal:
        """As Odoo stores it. What rounds to nothing can't be sold."""
        quantity = line.quantity.quantize(self.resolver.quantum(), rounding=ROUND_HALF_UP)
        if line.quantity and not quantity:
            raise NeedsFixing(
                self.translate(
                    "The quantity %(quantity)s of “%(name)s” is finer than Odoo keeps. Raise the digits of “Product "
                    "Unit” in Odoo's decimal accuracy, then retry.",
                    quantity=line.quantity,
                    name=line.name,
                ),
                code="quantity-too-fine",
                trace="quantity-too-fine",
            )
        return quantity

    def _unit_price(self, line: OrderLine, quantity: Decimal, moved: Decimal | None) -> Decimal:
        """The stated price where it reads the same in Odoo, else the one that gives the stated amount."""
        if moved is not None:
            return moved / quantity if quantity else moved
        stated = any(tax.inclusive for tax in line.taxes) or (not line.taxes and self.record.price_includes_tax)
        included = self._included(line.taxes, stated)
        price = line.unit_price
        if included is not stated and line.net is not None and line.gross is not None and quantity:
            amount = line.gross if included else line.net
            before = amount + (line.discount if line.discount else 0)
            return before / quantity
        if quantity != line.quantity and quantity:
            price = price * line.quantity / quantity
        return price

    def _included(self, taxes: tuple[LineTax, ...], default: bool) -> bool:
        """Whether Odoo will read the price as with tax."""
        mapped = [self.resolver.taxes[tax.tax_id] for tax in taxes if tax.tax_id in self.resolver.taxes]
        found = [tax.included for tax in mapped if tax.tax_id and not tax.ignored]
        return any(found) if found else default

    def _discount(self, line: OrderLine, quantity: Decimal, unit_price: Decimal) -> tuple[Decimal, Decimal]:
        """A percentage where that gives the stated amount to the cent, else an amount for a line of its own."""
        before = unit_price * quantity
        if not line.discount:
            return Decimal(0), Decimal(0)
        if before:
            quantum = Decimal(1).scaleb(-self.resolver.discount_digits)
            percent = (line.discount / before * _HUNDRED).quantize(quantum, rounding=ROUND_HALF_UP)
            after = (before * (1 - percent / _HUNDRED)).quantize(self.cents, rounding=ROUND_HALF_UP)
            if after == (before - line.discount).quantize(self.cents, rounding=ROUND_HALF_UP):
                return percent, Decimal(0)
        return Decimal(0), line.discount

    # Combos

    def _moved_to_children(self) -> dict[str, Decimal]:
        """A combo's money stands on its components, since an invoice drops the parent's.

        Where the system states it on the parent it is shared out by the components' own prices, the last one taking
        what rounding leaves. Gives the amount of each line concerned, before tax or with it as the parent's is.
        """
        moved: dict[str, Decimal] = {}
        for parent in self.record.lines:
            sold = self.resolver.products.get(parent.variant_id)
            children = [
                line for line in self.record.lines if line.parent_id == parent.external_id and not line.is_modifier
            ]
            amount = parent.unit_price * parent.quantity - parent.discount
            if not sold or sold.kind != "combo" or (amount and not children):
                continue
            moved[parent.external_id] = Decimal(0)
            if not amount:
                continue
            own = [line.unit_price * line.quantity - line.discount for line in children]
            weights = [self._weight(line) for line in children]
            total = sum(weights) or Decimal(len(children))
            left = amount
            for line, extra, weight in zip(children[:-1], own[:-1], weights[:-1], strict=True):
                share = (amount * (weight or Decimal(1)) / total).quantize(self.cents, rounding=ROUND_HALF_UP)
                moved[line.external_id] = share + extra
                left -= share
            moved[children[-1].external_id] = left + own[-1]
        return moved

    def _weight(self, line: OrderLine) -> Decimal:
        sold = self.resolver.products.get(line.variant_id)
        return Decimal(str(sold.list_price)) * abs(line.quantity) if sold else Decimal(0)

    # Charges

    def _add_charge(self, charge: Charge):
        charge, remitted = self._without_remitted(charge)
        product = self.resolver.charges[charge.kind.value]
        included = self._included(charge.taxes, self.record.price_includes_tax)
        amount = charge.amount
        if included is not self.record.price_includes_tax and charge.net is not None and charge.tax is not None:
            amount = charge.net + charge.tax if included else charge.net
        vals = self._prepare_line(
            f"charge:{charge.external_id}", product, charge.name, Decimal(1), amount, charge.taxes
        )
        if charge.kind is ChargeKind.SHIPPING and self.resolver.marks_delivery:
            vals["is_delivery"] = True
        self.lines.append(LineVals(f"charge:{charge.external_id}", vals))
        self._add_remitted(f"charge:{charge.external_id}", "", remitted)

    # Values

    def _prepare_line(
        self,
        external_id: str,
        product: Sold,
        name: str,
        quantity: Decimal,
        price: Decimal,
        taxes,
        percent: Decimal = Decimal(0),
    ) -> dict[str, Any]:
        """All that Odoo would otherwise compute line by line is given."""
        return {
            "pos_sync_line_id": external_id,
            "product_id": product.product_id,
            "name": name or product.name,
            "product_uom_qty": float(quantity),
            "product_uom_id": product.uom_id,
            "price_unit": float(price),
            "technical_price_unit": float(price),
            "discount": float(percent),
            "tax_ids": [(6, 0, self._taxes(taxes))],
            "customer_lead": 0.0,
            "analytic_distribution": self.analytic or False,
            "product_custom_attribute_value_ids": [],
            "product_no_variant_attribute_value_ids": [],
            "pos_sync_quantity": float(quantity),
            "qty_delivered": float(quantity) if self.handed_over else 0.0,
        }

    def _taxes(self, taxes) -> list[int]:
        found = []
        for tax in taxes:
            mapped = self.resolver.taxes.get(tax.tax_id)
            if mapped is None or (not mapped.tax_id and not mapped.ignored):
                raise NeedsFixing(
                    self.translate(
                        "The order has a tax that is not mapped (%s).", tax.name or tax.tax_id or tax.rate or "?"
                    ),
                    fix=self.translate("Map the tax on the connection's page “Taxes”."),
                    code="missing-tax",
                    trace=f"missing-tax:{tax.tax_id or tax.rate}",
                )
            if mapped.tax_id:
                found.append(mapped.tax_id)
        return found
