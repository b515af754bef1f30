"""A working day in the browser: cards that fill by themselves, a failure that is mended where it stands, an order that
is sent from where it was sold."""
from __future__ import annotations

from tools.chromium import require_chromium

from .browser import DESKTOP, PHONE, Browser
from .hub import Hub, Shop, wait_until
from .slow_door import SlowDoor

_WITHIN = 120
_CARD = ".o_pos_sync_dashboard .o_kanban_record"


def test_cards_health_and_sending(hub: Hub, demo_shop: Shop) -> None:
    require_chromium()
    sell_today(demo_shop)
    with Browser() as browser, SlowDoor(demo_shop.server.url) as door:
        browser.log_in(hub.server.url, "admin", "admin")
        see_how_to_begin(browser, hub)
        connection = hub.connect({**demo_shop.settings, "url": door.url}, name="Shop in Main Street")
        watch_a_pull(browser, hub, door, connection)
        mend_a_tax(browser, hub, connection)
        see_the_sales(browser, hub, connection)
        send_an_order(browser, hub, demo_shop, connection)
        look_on_a_phone(browser, hub)
        assert browser.problems == []


def sell_today(shop: Shop) -> None:
    """Three products with a tax that the hub does not have, and two orders of them."""
    country = shop.value("SELECT id FROM res_country WHERE code = 'US'")
    company = shop.value("SELECT company_id FROM res_users WHERE login = 'admin'")
    group, = shop.call("account.tax.group", "create", vals_list=[
        {"name": "City", "country_id": country, "company_id": company}])
    tax, = shop.call("account.tax", "create", vals_list=[{
        "name": "City Tax 8.25%", "amount": 8.25, "type_tax_use": "sale", "country_id": country,
        "company_id": company, "tax_group_id": group}])
    products = shop.call("product.product", "create", vals_list=[
        {"name": name, "type": "consu", "list_price": price, "taxes_id": [[6, 0, [tax]]]}
        for name, price in (("Green Tea", 6.5), ("Tea Pot", 38.0), ("Tea Cup", 9.0))])
    partner, = shop.call("res.partner", "create", vals_list=[{"name": "Grace Hopper", "email": "grace@example.com"}])
    orders = shop.call("sale.order", "create", vals_list=[
        {"partner_id": partner, "order_line": [[0, 0, {"product_id": product}] for product in products[:count]]}
        for count in (2, 3)])
    shop.call("sale.order", "action_confirm", orders)


def open_app(browser: Browser, hub: Hub) -> None:
    browser.open(f"{hub.server.url}/odoo/action-pos_sync_connector.pos_sync_connection_action")


def see_how_to_begin(browser: Browser, hub: Hub) -> None:
    open_app(browser, hub)
    browser.wait_for(".o_view_nocontent", "Connect your first system")
    browser.wait_for(".o_control_panel button", "New Connection")
    browser.keep("cards_empty")


def watch_a_pull(browser: Browser, hub: Hub, door: SlowDoor, connection: int) -> None:
    """The card says by itself that it runs, and what came."""
    open_app(browser, hub)
    browser.wait_for(_CARD, "Shop in Main Street")
    browser.run("window.neverReloaded = true")
    door.delay = 1.0
    hub.start(connection, "products_pull", "customers_pull")
    browser.wait_for(f"{_CARD} [data-flow=Products] .progress", within=_WITHIN)
    browser.keep("cards_running")
    door.delay = 0.0
    browser.wait_for(f"{_CARD} [data-flow=Products]", "3 failed", within=_WITHIN)
    browser.wait_for(f"{_CARD} [data-flow=Customers]", "created", within=_WITHIN)
    browser.wait_for(f"{_CARD} a[name=action_view_failures]", "open failures")
    assert browser.run("window.neverReloaded")


def mend_a_tax(browser: Browser, hub: Hub, connection: int) -> None:
    """From the card to the row of the cause, its button, and nothing left."""
    wait_until(lambda: waiting_for_a_tax(hub, connection) == 3, "the three products", within=_WITHIN)
    browser.click(f"{_CARD} a[name=action_view_failures]")
    browser.wait_for(".o_data_row button[name=action_make_tax]")
    browser.wait_for(".o_data_row td[name=problem]", "City Tax 8.25%")
    browser.wait_for(".o_data_row td[name=siblings]", "then come in automatically")
    browser.wait_for(".o_menu_sections", "Health (1)")
    browser.keep("health")
    browser.click(".o_data_row td[name=problem]")
    browser.wait_for(".o_data_row td[name=sentence]", "Tea Pot")
    browser.click(".o_breadcrumb a, .breadcrumb-item a", "Health")
    browser.wait_for(".o_data_row button[name=action_make_tax]")
    look_narrow(browser, "health_phone", "button[name=action_make_tax]")
    browser.click("button[name=action_make_tax]")
    browser.wait_for(".o_notification", "What waited for it will follow")
    browser.wait_until_gone("button[name=action_make_tax]")
    wait_until(lambda: not waiting_for_a_tax(hub, connection), "what waited has come", within=_WITHIN)
    assert hub.value("SELECT count(*) FROM product_template WHERE name->>'en_US' = 'Tea Pot'") == 1


def waiting_for_a_tax(hub: Hub, connection: int) -> int:
    return hub.value(
        "SELECT count(*) FROM pos_sync_message WHERE connection_id = %s AND code = 'missing-tax' "
        "AND state IN ('waiting', 'held', 'failed')", connection)


def see_the_sales(browser: Browser, hub: Hub, connection: int) -> None:
    """The shop sells today: the card has it, with a graph."""
    hub.call("pos.sync.connection", "write", [connection], vals={"entries_from": False})
    hub.start(connection, "orders_pull")
    hub.wait_for_flow(connection, "orders_pull", within=_WITHIN)
    open_app(browser, hub)
    browser.wait_for(f"{_CARD} tr[name=orders]")
    browser.wait_for(f"{_CARD} .o_dashboard_graph canvas")
    shown = int(browser.text(f"{_CARD} tr[name=orders] td:last-child"))
    (card,) = hub.call("pos.sync.connection", "read", [connection], fields=["orders_week", "takings_week"])
    assert shown == card["orders_week"] >= 2
    browser.keep("cards")


def send_an_order(browser: Browser, hub: Hub, shop: Shop, connection: int) -> None:
    """From the sales order by its own menu; there it stands where it went and what became of it."""
    hub.start(connection, "customers_push", "orders_push")
    product, = hub.database.query(
        "SELECT product_id FROM pos_sync_mapping mapping JOIN product_product product ON product.id = product_id "
        "JOIN product_template template ON template.id = product.product_tmpl_id "
        "WHERE mapping.connection_id = %s AND entity = 'variant' AND template.type = 'service' AND product.active "
        "ORDER BY mapping.id LIMIT 1", connection)[0]
    partner, = hub.call("res.partner", "create", vals_list=[{"name": "Ida Tarbell", "email": "ida@example.com"}])
    line = [0, 0, {"product_id": product, "product_uom_qty": 2, "price_unit": 7.5, "tax_ids": [[5]]}]
    order, = hub.call("sale.order", "create", vals_list=[{"partner_id": partner, "order_line": [line]}])
    hub.call("sale.order", "action_confirm", [order])
    browser.open(f"{hub.server.url}/odoo/action-sale.action_orders/{order}")
    browser.wait_for(".o_form_view .o_field_widget[name=partner_id]")
    browser.click(".o_cp_action_menus button:has(.fa-cog)")
    browser.click(".o-dropdown--menu .o_menu_item", "Send to a System")
    browser.wait_for(".o_notification", "on the way to")
    wait_until(lambda: shop.value("SELECT count(*) FROM res_partner WHERE name = 'Ida Tarbell'"), "the customer there")
    wait_until(lambda: hub.value(
        "SELECT count(*) FROM pos_sync_mapping WHERE sale_order_id = %s AND pushed", order), "the order there")
    browser.reload()
    browser.wait_for("button[name=action_pos_sync_messages]", "Sent")
    browser.click(".o_notebook_headers .nav-link", "Sent to Systems")
    browser.wait_for(".o_field_widget[name=pos_sync_sent_ids] .o_data_row", "Shop in Main Street")
    browser.keep("order_sent")
    look_narrow(browser, "order_sent_phone", ".o_form_view .o_field_widget[name=partner_id]")


def look_narrow(browser: Browser, name: str, selector: str) -> None:
    browser.resize(PHONE)
    browser.reload()
    browser.wait_for(selector)
    too_wide = browser.run("document.documentElement.scrollWidth > window.innerWidth")
    browser.keep(name)
    browser.resize(DESKTOP)
    browser.reload()
    browser.wait_for(selector)
    assert not too_wide, f"{name} is wider than a phone"


def look_on_a_phone(browser: Browser, hub: Hub) -> None:
    open_app(browser, hub)
    browser.wait_for(f"{_CARD} .o_dashboard_graph canvas")
    look_narrow(browser, "cards_phone", f"{_CARD} .o_dashboard_graph canvas")
