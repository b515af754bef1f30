"""Which fields are read of customers and sales. What a version or its apps lack is left out, as in `fields`.

Renamed over the versions: taxes of a sold line are `tax_ids` (19+) or `tax_id`, its unit `product_uom_id` (19+) or
`product_uom`; a till's note is `general_customer_note` (19+), `general_note` (18) or `note`; a partner has `mobile`
until 18; `delivery_status` exists from 16 on with Inventory, `locked` from 17 on instead of the state `done`; providers
of online payments were acquirers until 15; rewards have a model of their own from 16 on, gift cards in 15 too; a sale
at a till is to take away by `takeaway` (18) or `take_away` (17).
"""

from __future__ import annotations

from typing import Any

PARTNER = (
    "name firstname lastname is_company type parent_id commercial_company_name email phone mobile street street2 city "
    "zip state_id country_id vat lang category_id comment is_blacklisted email_normalized active create_date write_date"
).split()
SALE_ORDER = (
    "name state locked company_id partner_id partner_invoice_id partner_shipping_id date_order commitment_date "
    "client_order_ref user_id "
    "warehouse_id currency_id amount_untaxed amount_tax amount_total invoice_status delivery_status invoice_ids "
    "transaction_ids note website_id create_date write_date"
).split()
SALE_LINE = (
    "order_id sequence display_type product_id name product_uom_qty product_uom_id product_uom price_unit discount "
    "tax_ids tax_id price_subtotal price_total is_downpayment is_delivery is_reward_line reward_id coupon_id "
    "gift_card_id generated_gift_card_ids combo_item_id linked_line_id qty_delivered write_date"
).split()
POS_ORDER = (
    "name state company_id config_id partner_id date_order pos_reference user_id cashier currency_id amount_total "
    "amount_tax amount_paid amount_return account_move general_customer_note general_note note preset_id takeaway "
    "take_away preset_time shipping_date create_date write_date"
).split()
POS_LINE = (
    "order_id product_id full_product_name name qty price_unit discount price_subtotal price_subtotal_incl "
    "tax_ids_after_fiscal_position customer_note refunded_orderline_id combo_parent_id combo_item_id is_reward_line "
    "is_program_reward reward_id coupon_id gift_card_id generated_gift_card_ids sale_order_origin_id write_date"
).split()
POS_PAYMENT = (
    "pos_order_id payment_method_id amount payment_date is_change transaction_id payment_ref_no currency_id"
).split()
POS_CONFIG = "name currency_id tip_product_id discount_product_id cash_rounding only_round_cash_method".split()
REWARD = "program_id program_type reward_type discount_line_product_id".split()
PAYMENT_METHOD = "name type is_cash_count".split()
PROVIDER = "name code provider".split()
INVOICE = (
    "name move_type state payment_state invoice_date currency_id amount_untaxed amount_tax amount_total ref "
    "reversed_entry_id create_date write_date"
).split()
INVOICE_LINE = (
    "move_id display_type product_id name quantity price_subtotal price_total sale_line_ids product_uom_id"
).split()
TRANSACTION = (
    "reference amount currency_id state provider_id provider_code sale_order_ids provider_reference "
    "last_state_change acquirer_id provider acquirer_reference date"
).split()


def either(row: dict[str, Any], *names: str) -> Any:
    """The value of the first of the names that the row has; False where it has none."""
    return next((row[name] for name in names if name in row), False)


def any_of(*parts: list[Any]) -> list[Any]:
    """A domain that holds where one of `parts`, each a single condition, does."""
    return ["|"] * (len(parts) - 1) + [condition for part in parts for condition in part]
