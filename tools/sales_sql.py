"""What a company of the shop has sold, and what of it is in the hub: the same questions in SQL, written for each on
its own. All amounts are exact; a customer is told by the shop's own id.
"""
from __future__ import annotations

from decimal import Decimal
from typing import Any

from .database import Database

Sums = dict[tuple[Any, ...], tuple[Any, ...]]

_SOLD = "('paid', 'done', 'invoiced')"
# An order of a till that only takes lines back is a refund; one that only settles sale orders is their payment, and
# what another one settles besides what it sells counts there: the cent by which the till rounds the tax of both is
# tax of neither.
_TILL_KINDS = """
    till_kinds AS (
        SELECT o.id, coalesce(bool_and(l.refunded_orderline_id IS NOT NULL), false) AS is_refund,
               coalesce(bool_and(l.sale_order_origin_id IS NOT NULL), false) AS is_settlement,
               coalesce(sum(l.price_subtotal_incl) FILTER (WHERE l.sale_order_origin_id IS NOT NULL
                   AND l.refunded_orderline_id IS NULL), 0) AS settled,
               sum(l.price_subtotal_incl - l.price_subtotal) FILTER (WHERE l.sale_order_origin_id IS NULL) AS own_tax
          FROM pos_order o LEFT JOIN pos_order_line l ON l.order_id = o.id GROUP BY o.id
    )
"""
_ORDERS = """
    credited AS (
        SELECT DISTINCT l.order_id FROM sale_order_line l
          JOIN sale_order_line_invoice_rel r ON r.order_line_id = l.id
          JOIN account_move_line i ON i.id = r.invoice_line_id
          JOIN account_move m ON m.id = i.move_id AND m.move_type = 'out_refund' AND m.state = 'posted'
    ),
    orders AS (
        SELECT 'sale-' || o.id AS id, o.partner_id, o.date_order, c.name AS currency, o.amount_total AS gross,
               o.amount_untaxed AS net, o.amount_tax AS tax,
               CASE WHEN o.state = 'draft' THEN 'draft' WHEN o.state = 'sent' THEN 'open'
                    WHEN o.state = 'cancel' THEN 'cancelled' WHEN o.delivery_status = 'full' THEN 'completed'
                    WHEN (o.delivery_status IS NULL OR o.locked) AND (o.invoice_status IN ('invoiced', 'upselling')
                         OR o.id IN (SELECT order_id FROM credited)) THEN 'completed'
                    ELSE 'paid' END AS status
          FROM sale_order o JOIN res_currency c ON c.id = o.currency_id WHERE o.company_id = %(company)s
        UNION ALL
        SELECT 'pos-' || o.id, o.partner_id, o.date_order, c.name, round(o.amount_total - k.settled, 2),
               round(o.amount_total - k.settled - CASE WHEN k.settled = 0 THEN o.amount_tax ELSE k.own_tax END, 2),
               round(CASE WHEN k.settled = 0 THEN o.amount_tax ELSE k.own_tax END, 2),
               CASE WHEN o.state = 'draft' THEN 'open' WHEN o.state = 'cancel' THEN 'cancelled' ELSE 'completed' END
          FROM pos_order o JOIN till_kinds k ON k.id = o.id AND NOT k.is_refund AND NOT k.is_settlement
          JOIN pos_config p ON p.id = o.config_id JOIN account_journal j ON j.id = p.journal_id
          JOIN res_company w ON w.id = o.company_id
          JOIN res_currency c ON c.id = coalesce(j.currency_id, w.currency_id) WHERE o.company_id = %(company)s
    )
"""
# What lines of a till's order take back belongs to the order whose lines they name, or to the sale order it settled.
_REFUNDS = f"""
    taken_back AS (
        SELECT r.id, r.date_order, r.amount_total, r.amount_tax, l.price_subtotal_incl, l.price_subtotal,
               coalesce('sale-' || o.sale_order_origin_id, 'pos-' || o.order_id) AS order_id
          FROM pos_order r JOIN till_kinds ON till_kinds.id = r.id AND till_kinds.is_refund
          JOIN pos_order_line l ON l.order_id = r.id JOIN pos_order_line o ON o.id = l.refunded_orderline_id
         WHERE r.company_id = %(company)s AND r.state IN {_SOLD}
    ),
    single AS (SELECT id FROM taken_back GROUP BY id HAVING count(DISTINCT order_id) = 1),
    refunds AS (
        SELECT order_id, date_order AS refunded_at, round(-amount_total, 2) AS gross,
               round(amount_tax - amount_total, 2) AS net
          FROM taken_back WHERE id IN (SELECT id FROM single)
         GROUP BY order_id, id, date_order, amount_total, amount_tax
        UNION ALL
        SELECT order_id, date_order, round(-sum(price_subtotal_incl), 2), round(-sum(price_subtotal), 2) FROM taken_back
         WHERE id NOT IN (SELECT id FROM single) GROUP BY order_id, id, date_order
        UNION ALL
        SELECT 'sale-' || s.order_id, m.invoice_date, m.amount_total, m.amount_untaxed
          FROM account_move m JOIN account_move_line l ON l.move_id = m.id
          JOIN sale_order_line_invoice_rel r ON r.invoice_line_id = l.id
          JOIN sale_order_line s ON s.id = r.order_line_id
         WHERE m.company_id = %(company)s AND m.move_type = 'out_refund' AND m.state = 'posted'
         GROUP BY s.order_id, m.id
    )
"""
_SUMS_IN_SHOP = f"""
    WITH {_TILL_KINDS}, {_ORDERS}
    SELECT to_char(date_order, 'YYYY-MM'), currency, status, count(*), sum(gross), sum(net), sum(tax)
      FROM orders GROUP BY 1, 2, 3
"""
_SUMS_IN_HUB = """
    SELECT to_char(o.date_order, 'YYYY-MM'), c.name, o.pos_sync_status, count(*), sum(o.amount_total),
           sum(o.pos_sync_net), sum(o.pos_sync_tax)
      FROM sale_order o JOIN res_currency c ON c.id = o.currency_id
     WHERE o.pos_sync_connection_id = %(connection)s GROUP BY 1, 2, 3
"""
# Odoo counts the tax of an order from its lines; a till may have rounded it otherwise, by a cent.
_DIFFERING = """
    SELECT o.pos_sync_external_id, o.amount_total, o.pos_sync_gross, o.amount_tax, o.pos_sync_tax
      FROM sale_order o
     WHERE o.pos_sync_connection_id = %(connection)s
       AND (o.amount_total != o.pos_sync_gross
            OR abs(o.amount_tax - o.pos_sync_tax) > 0.01)
"""
_REFUNDS_IN_SHOP = f"""
    WITH {_TILL_KINDS}, {_ORDERS}, {_REFUNDS}
    SELECT to_char(refunds.refunded_at, 'YYYY-MM'), orders.currency, count(*), sum(refunds.gross), sum(refunds.net)
      FROM refunds JOIN orders ON orders.id = refunds.order_id GROUP BY 1, 2
"""
_REFUNDS_IN_HUB = """
    SELECT to_char(r.refunded_at, 'YYYY-MM'), c.name, count(*), sum(r.gross), sum(r.net)
      FROM pos_sync_refund r JOIN res_currency c ON c.id = r.currency_id
     WHERE r.connection_id = %(connection)s GROUP BY 1, 2
"""
# One point a unit of the program's currency, of what is left of the order; cut to the hundredth.
_POINTS_IN_SHOP = f"""
    WITH RECURSIVE {_TILL_KINDS}, {_ORDERS}, {_REFUNDS},
    owners AS (
        SELECT id AS partner_id, id AS owner_id FROM res_partner WHERE parent_id IS NULL OR type = 'contact'
        UNION ALL
        SELECT p.id, owners.owner_id FROM res_partner p JOIN owners ON owners.partner_id = p.parent_id
         WHERE p.type != 'contact'
    ),
    back AS (SELECT order_id, sum(gross) AS gross FROM refunds GROUP BY order_id),
    tips AS (
        SELECT 'pos-' || l.order_id AS order_id, sum(l.price_subtotal_incl) AS gross FROM pos_order_line l
          JOIN pos_order o ON o.id = l.order_id JOIN pos_config p ON p.id = o.config_id
         WHERE l.product_id = p.tip_product_id GROUP BY l.order_id
    ),
    points AS (
        SELECT 'partner-' || owners.owner_id AS customer, greatest(0, trunc(round(
                   (orders.gross - coalesce(tips.gross, 0) - coalesce(back.gross, 0))
                   * (CASE orders.currency WHEN %(euro)s THEN %(rate)s::numeric ELSE 1 END), 2), 2)) AS points
          FROM orders JOIN owners ON owners.partner_id = orders.partner_id LEFT JOIN back ON back.order_id = orders.id
          LEFT JOIN tips ON tips.order_id = orders.id
         WHERE orders.status = 'completed'
    )
    SELECT customer, sum(points) FROM points GROUP BY customer HAVING sum(points) > 0
"""
_BALANCES_IN_SHOP = """
    SELECT 'partner-' || c.partner_id, sum(c.points)::numeric(16, 2)
      FROM loyalty_card c JOIN loyalty_program p ON p.id = c.program_id JOIN res_partner o ON o.id = c.partner_id
     WHERE p.program_type = 'loyalty' AND c.active AND (p.company_id IS NULL OR p.company_id = %(company)s)
       AND (o.company_id IS NULL OR o.company_id = %(company)s)
     GROUP BY c.partner_id
"""
_LEDGER = """
    SELECT partner_id, sum(points) FROM pos_sync_points WHERE connection_id = %(connection)s AND kind != 'opening'
     GROUP BY partner_id HAVING sum(points) > 0
"""
_CARDS = """
    SELECT c.partner_id, sum(c.points)::numeric(16, 2), count(*) FROM loyalty_card c
     WHERE c.program_id = (SELECT program_id FROM pos_sync_connection WHERE id = %(connection)s)
     GROUP BY c.partner_id HAVING sum(c.points) > 0
"""
_CUSTOMERS = """
    SELECT external_id, partner_id FROM pos_sync_mapping WHERE connection_id = %(connection)s AND entity = 'customer'
"""
# Contacts, and the people of companies, but for those who work in the shop.
_CUSTOMERS_IN_SHOP = """
    SELECT 'partner-' || p.id, coalesce(p.email_normalized, ''),
           regexp_replace(coalesce(p.phone, ''), '[^0-9]', '', 'g')
      FROM res_partner p
     WHERE (p.parent_id IS NULL OR p.type = 'contact') AND p.partner_share
       AND (p.company_id IS NULL OR p.company_id = %(company)s)
       AND p.id NOT IN (SELECT partner_id FROM res_company)
       AND p.id NOT IN (
           SELECT partner_id FROM res_users WHERE login IN ('public', 'portaltemplate', '__system__', 'default'))
"""
# Two customers of the shop who are one person here have the details of one of them.
_CUSTOMERS_IN_HUB = """
    SELECT m.external_id, coalesce(p.email_normalized, ''), regexp_replace(coalesce(p.phone, ''), '[^0-9]', '', 'g'),
           (SELECT count(*) FROM pos_sync_mapping other WHERE other.partner_id = p.id) = 1
      FROM pos_sync_mapping m JOIN res_partner p ON p.id = m.partner_id
     WHERE m.connection_id = %(connection)s AND m.entity = 'customer'
"""


def rows(database: Database, statement: str, **values: object) -> list[tuple[Any, ...]]:
    """The rows of a statement with named values."""
    connection = database.workspace.postgres.connect(database.name)
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall()
    finally:
        connection.close()


def orders_in_shop(shop: Database, company: int) -> Sums:
    """{(month, currency, status): (count, gross, net, tax)}"""
    return {row[:3]: row[3:] for row in rows(shop, _SUMS_IN_SHOP, company=company)}


def orders_in_hub(hub: Database, connection: int) -> Sums:
    return {row[:3]: row[3:] for row in rows(hub, _SUMS_IN_HUB, connection=connection)}


def differing_in_hub(hub: Database, connection: int) -> list[tuple[Any, ...]]:
    """Orders whose lines make another total than the shop states, or a tax that is more than a cent off: id, total and
    stated total, tax and stated tax."""
    return rows(hub, _DIFFERING, connection=connection)


def refunds_in_shop(shop: Database, company: int) -> Sums:
    """{(month, currency): (count, gross, net)}"""
    return {row[:2]: row[2:] for row in rows(shop, _REFUNDS_IN_SHOP, company=company)}


def refunds_in_hub(hub: Database, connection: int) -> Sums:
    return {row[:2]: row[2:] for row in rows(hub, _REFUNDS_IN_HUB, connection=connection)}


def points_in_shop(shop: Database, company: int, foreign: str, rate: Decimal) -> dict[str, Decimal]:
    """{customer: points}; an amount in `foreign` times `rate` is one in the program's currency."""
    return dict(rows(shop, _POINTS_IN_SHOP, company=company, euro=foreign, rate=rate))


def balances_in_shop(shop: Database, company: int) -> dict[str, Decimal]:
    """{customer: points on the shop's own loyalty cards}"""
    return dict(rows(shop, _BALANCES_IN_SHOP, company=company))


def partners_by_customer(hub: Database, connection: int) -> dict[str, int]:
    return dict(rows(hub, _CUSTOMERS, connection=connection))


def customers_in_shop(shop: Database, company: int) -> dict[str, tuple[str, str]]:
    """{customer: (e-mail, digits of the phone)}"""
    return {row[0]: row[1:] for row in rows(shop, _CUSTOMERS_IN_SHOP, company=company)}


def customers_in_hub(hub: Database, connection: int) -> dict[str, tuple[str, str, bool]]:
    """{customer: (e-mail, digits of the phone, whether nobody else is the same partner)}"""
    return {row[0]: row[1:] for row in rows(hub, _CUSTOMERS_IN_HUB, connection=connection)}


def ledger(hub: Database, connection: int) -> dict[int, Decimal]:
    """{partner: points}"""
    return dict(rows(hub, _LEDGER, connection=connection))


def cards(hub: Database, connection: int) -> dict[int, tuple[Decimal, int]]:
    """{partner: (points, number of cards)}"""
    return {row[0]: row[1:] for row in rows(hub, _CARDS, connection=connection)}
