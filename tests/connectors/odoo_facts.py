"""What Odoo 14 to 19 have of what the connector calls: models, fields, arguments of methods.

A line of FIELDS is a model with its fields. Behind a name stands what it refers to (`>` many2one, `*` many2many, `<`
the field of the other side), then `#` for a number, `!` for one that must be given when a row is made, `~` for one that
is computed and can only be read, `^` for one that can be searched but neither sorted nor grouped by; `@16-`, `@-15` or
`@17-17` says which versions have it, nothing: all that have the model. `test_odoo_facts` compares all of it with what
the sources of 14 to 18 say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

OLDEST, NEWEST = 14, 19

FIELDS = """
res.users name^ login partner_id>res.partner company_id>res.company company_ids*res.company active
res.company name currency_id>res.currency partner_id>res.partner sale_discount_product_id>product.product@17-
res.currency name rate#~ active
res.currency.rate currency_id>res.currency
res.lang code active
res.country code name
res.country.state code name country_id>res.country
res.partner.category name
res.partner name is_company type parent_id>res.partner commercial_company_name company_name email phone mobile@-18
    street street2 city zip state_id>res.country.state country_id>res.country vat lang
    category_id*res.partner.category comment is_blacklisted^ email_normalized active partner_share
    company_id>res.company
ir.config_parameter key value
ir.attachment res_model res_field res_id checksum
mail.blacklist email active
account.journal name type company_id>res.company active
account.tax name amount# amount_type price_include@-17 price_include^@18- type_tax_use active
    children_tax_ids*account.tax country_code^ company_id>res.company
account.move name move_type state payment_state invoice_date currency_id>res.currency amount_untaxed# amount_tax#
    amount_total# amount_residual# ref reversed_entry_id>account.move company_id>res.company partner_id>res.partner
    invoice_line_ids<account.move.line.move_id date journal_id>account.journal
account.move.line move_id>account.move display_type exclude_from_invoice_tab@-15 product_id>product.product name
    quantity# price_unit# discount# price_subtotal# price_total# tax_ids*account.tax sale_line_ids*sale.order.line
    product_uom_id>uom.uom
account.payment payment_type partner_type partner_id>res.partner amount# journal_id>account.journal@18- memo@18-
    state@18- date@18- move_id>account.move
account.payment.register journal_id>account.journal amount# payment_date communication
sale.advance.payment.inv advance_payment_method sale_order_ids*sale.order@16-
payment.acquirer@-15 name provider state company_id>res.company
payment.provider@16- name code state company_id>res.company
payment.transaction reference amount# currency_id>res.currency state acquirer_id>payment.acquirer@-15 provider^@-15
    acquirer_reference@-15 date@-14 provider_id>payment.provider@16- provider_code^@16- provider_reference@16-
    last_state_change@15- sale_order_ids*sale.order
product.category name parent_id>product.category
product.attribute name create_variant display_type
product.attribute.value name
product.template.attribute.line product_tmpl_id>product.template
    product_template_value_ids<product.template.attribute.value.attribute_line_id value_ids*product.attribute.value
    attribute_id>product.attribute
product.template.attribute.value name^ product_tmpl_id>product.template attribute_id>product.attribute
    attribute_line_id>product.template.attribute.line product_attribute_value_id>product.attribute.value
    price_extra# ptav_active
product.tag@16- name
product.template name! type detailed_type@15-17 is_storable@18- list_price# currency_id>res.currency~
    cost_currency_id>res.currency~ categ_id>product.category uom_id>uom.uom taxes_id*account.tax active sale_ok
    description_sale is_published website_published^ product_tag_ids*product.tag@16- combo_ids*pos.combo@17-17
    combo_ids*product.combo@18- weight_uom_name~ product_template_image_ids<product.image.product_tmpl_id
    product_variant_ids<product.product.product_tmpl_id
    attribute_line_ids<product.template.attribute.line.product_tmpl_id image_1920 invoice_policy
product.product product_tmpl_id>product.template default_code barcode active lst_price#~ standard_price#^@-17
    standard_price#@18- weight# product_template_attribute_value_ids*product.template.attribute.value
    qty_available#^ image_variant_1920
product.image image_1920 product_tmpl_id>product.template
product.pricelist name currency_id>res.currency active sequence# company_id>res.company
product.pricelist.item pricelist_id>product.pricelist applied_on product_tmpl_id>product.template
    product_id>product.product categ_id>product.category min_quantity# date_start date_end compute_price base
    base_pricelist_id>product.pricelist fixed_price# percent_price# price_discount# price_round# price_surcharge#
    price_min_margin# price_max_margin#
uom.uom name factor# relative_uom_id>uom.uom@19- category_id>uom.category@-18 uom_type@-18
pos.combo@17-17 name base_price#~ combo_line_ids<pos.combo.line.combo_id
pos.combo.line@17-17 combo_id>pos.combo product_id>product.product combo_price#
product.combo@18- name base_price#~ qty_free#@19- qty_max#@19- combo_item_ids<product.combo.item.combo_id
product.combo.item@18- combo_id>product.combo product_id>product.product extra_price#
stock.warehouse name active view_location_id>stock.location company_id>res.company
stock.location complete_name active usage company_id>res.company
stock.quant location_id>stock.location product_id>product.product
stock.move picking_id>stock.picking product_id>product.product! product_uom>uom.uom!@-15 product_uom>uom.uom@16-
    product_uom_qty# quantity#@17- quantity_done#~@-15 quantity_done#@16-16 picked@17-
    location_id>stock.location!@-17 location_id>stock.location@18- location_dest_id>stock.location!@-17
    location_dest_id>stock.location@18- sale_line_id>sale.order.line group_id>procurement.group@-18 state
    origin_returned_move_id>stock.move name!@-18 to_refund
stock.move.line state product_id>product.product
stock.picking name state sale_id>sale.order picking_type_code^ carrier_id>delivery.carrier carrier_tracking_ref
    carrier_tracking_url~ date_done partner_id>res.partner location_id>stock.location
    location_dest_id>stock.location picking_type_id>stock.picking.type!@-16 picking_type_id>stock.picking.type@17-
    group_id>procurement.group@-18 origin return_id>stock.picking@17- move_ids<stock.move.picking_id@16-
    move_lines<stock.move.picking_id@-15 pos_order_id>pos.order
stock.picking.type warehouse_id>stock.warehouse return_picking_type_id>stock.picking.type
delivery.carrier name
sale.order name state locked@17- company_id>res.company partner_id>res.partner! partner_invoice_id>res.partner!@-15
    partner_invoice_id>res.partner@16- partner_shipping_id>res.partner!@-15 partner_shipping_id>res.partner@16-
    date_order commitment_date client_order_ref origin user_id>res.users warehouse_id>stock.warehouse
    currency_id>res.currency pricelist_id>product.pricelist!@-16 pricelist_id>product.pricelist@17- amount_untaxed#
    amount_tax# amount_total# invoice_status delivery_status@16- invoice_ids*account.move^
    transaction_ids*payment.transaction picking_ids<stock.picking.sale_id note website_id>website
    order_line<sale.order.line.order_id
sale.order.line order_id>sale.order! sequence# display_type product_id>product.product name!@-15 name@16-
    product_uom_qty# product_uom_id>uom.uom@19- product_uom>uom.uom@-18 price_unit# discount#
    tax_ids*account.tax@19- tax_id*account.tax@-18 price_subtotal# price_total# is_downpayment is_delivery
    is_reward_line@-15 is_reward_line~@16- reward_id>loyalty.reward@16- coupon_id>loyalty.card@16-
    gift_card_id>gift.card@15-15 generated_gift_card_ids<gift.card.buy_line_id@15-15
    combo_item_id>product.combo.item@18- linked_line_id>sale.order.line qty_delivered# qty_to_invoice#
loyalty.program@16- program_type trigger_product_ids*product.product^
loyalty.reward@16- program_id>loyalty.program program_type^ reward_type discount_line_product_id>product.product
loyalty.card@16- active@18- partner_id>res.partner points# program_id>loyalty.program program_type^ code
coupon.coupon@-15 code
gift.card@15-15 code buy_line_id>sale.order.line buy_pos_order_line_id>pos.order.line
pos.config name active currency_id>res.currency~@-18 currency_id>res.currency@19- picking_type_id>stock.picking.type
    company_id>res.company tip_product_id>product.product discount_product_id>product.product cash_rounding
    only_round_cash_method
pos.session config_id>pos.config
pos.order name state company_id>res.company config_id>pos.config^@-16 config_id>pos.config@17-
    session_id>pos.session partner_id>res.partner date_order pos_reference user_id>res.users cashier
    currency_id>res.currency^ amount_total# amount_tax# amount_paid# amount_return# account_move>account.move
    general_customer_note@19- general_note@18-18 note@-17 preset_id>pos.preset@19- takeaway@18-18 take_away@17-17
    preset_time@19- shipping_date@17- lines<pos.order.line.order_id payment_ids<pos.payment.pos_order_id
pos.order.line order_id>pos.order product_id>product.product full_product_name name qty# price_unit# discount#
    price_subtotal# price_subtotal_incl# tax_ids_after_fiscal_position*account.tax~ customer_note@15-
    refunded_orderline_id>pos.order.line@15- combo_parent_id>pos.order.line@17- combo_item_id>product.combo.item@18-
    is_reward_line@16- reward_id>loyalty.reward@16- coupon_id>coupon.coupon@15-15 coupon_id>loyalty.card@16-
    is_program_reward@15-15 gift_card_id>gift.card@15-15
    generated_gift_card_ids<gift.card.buy_pos_order_line_id@15-15 sale_order_origin_id>sale.order@15-
    sale_order_line_id>sale.order.line@15-
pos.payment pos_order_id>pos.order payment_method_id>pos.payment.method amount# payment_date is_change
    transaction_id payment_ref_no@18- currency_id>res.currency^
pos.payment.method name type~@15- is_cash_count
pos.preset@19- name
"""

# The arguments after the ids: of all models, then of those whose override names them otherwise. `**`: any other too.
ARGUMENTS = """
search_read@-14 domain fields offset limit order
search_read@15- domain fields offset limit order **
account.move.line.search_read@-16 domain fields offset limit order
search_count@-15 args
search_count@16- domain limit
read fields load
write vals
sale.order.write@-18 values
sale.order.line.write@-18 values
create vals_list
unlink
load fields data
fields_get allfields attributes
read_group domain fields groupby offset limit orderby lazy
formatted_read_group@19- domain groupby aggregates having offset limit order
res.users.context_get
sale.order.action_confirm
sale.order.action_cancel
sale.order.message_post **
stock.picking.message_post **
stock.picking.action_confirm
stock.picking.button_validate
account.move.action_post
account.payment.action_post
account.payment.register.action_create_payments
sale.advance.payment.inv.create_invoices
"""

# Fields of another model that are a model's own too, through a many2one.
DELEGATED = """
product.product product_tmpl_id>product.template
res.users partner_id>res.partner
account.payment@-17 move_id>account.move
"""

# On every model.
MAGIC = ("id", "display_name", "create_date", "write_date")
# Methods that are called without ids.
OF_MODEL = ("search_read", "search_count", "create", "load", "fields_get", "read_group", "formatted_read_group",
            "context_get")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    kind: str = ""
    relation: str = ""
    number: bool = False
    needed: bool = False
    stored: bool = True
    searched: bool = True

    @property
    def inverse(self) -> tuple[str, str]:
        """Model and field of the other side of a `<`."""
        model, _dot, name = self.relation.rpartition(".")
        return model, name


_NAME = re.compile(r"(?P<name>\w+)((?P<kind>[>*<])(?P<relation>[\w.]+))?(?P<marks>[#!~^]*)")


def _entries(text: str, version: int) -> Iterator[tuple[str, list[str]]]:
    """The lines of a table that hold for a version, with those of their words that do."""
    for line in re.sub(r"\n {4}", " ", text.strip()).splitlines():
        head, *words = line.split()
        if _holds(head, version):
            yield head.partition("@")[0], [word.partition("@")[0] for word in words if _holds(word, version)]


def _holds(word: str, version: int) -> bool:
    first, dash, last = word.partition("@")[2].partition("-")
    return not dash or int(first or OLDEST) <= version <= int(last or NEWEST)


def _field(word: str) -> Field:
    found = _NAME.fullmatch(word)
    assert found, word
    marks = found["marks"]
    return Field(
        name=found["name"],
        kind=found["kind"] or "",
        relation=found["relation"] or "",
        number="#" in marks,
        needed="!" in marks,
        stored="~" not in marks and "^" not in marks,
        searched="~" not in marks,
    )


@cache
def models(version: int) -> Mapping[str, Mapping[str, Field]]:
    """Fields by model and name, without those of MAGIC and of what is delegated."""
    return {model: {field.name: field for field in map(_field, words)} for model, words in _entries(FIELDS, version)}


@cache
def delegated(version: int) -> Mapping[str, tuple[str, str]]:
    """By model the field and the model whose fields it has too."""
    found = ((model, _field(words[0])) for model, words in _entries(DELEGATED, version))
    return {model: (field.name, field.relation) for model, field in found}


@cache
def arguments(version: int) -> Mapping[str, list[str]]:
    """By method, and by model and method where a model has its own."""
    return dict(_entries(ARGUMENTS, version))
