"""What is imported as done reaches nobody, whatever apps a company has: in a real server, whose mails, texts and calls
go to an outside world that is listening."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tools.templates import hub_with_addon
from tools.workspace import Workspace

from .hub import Hub, wait_until
from .keys import make_key
from .outside_world import OutsideWorld
from .web_shops import ShopifyShop

pytestmark = [pytest.mark.thorough, pytest.mark.timeout(1200)]

# Those that install themselves in a usual house, and those that have something to say of a sale.
_APPS = ("base_automation", "mrp", "snailmail_account", "stock_delivery", "stock_sms", "website_sale_loyalty",
         "website_sale_stock")  # fmt: skip


@pytest.fixture(scope="module")
def world() -> Iterator[OutsideWorld]:
    with OutsideWorld().open() as opened:
        yield opened


@pytest.fixture(scope="module")
def talkative(workspace: Workspace, world: OutsideWorld) -> Iterator[Hub]:
    """A hub with all those apps, whose company mails and texts whoever gets a delivery."""
    with hub_with_addon(_APPS, web_client=False).copy(workspace, "talkative") as database:
        hub = Hub(database, make_key(database))
        with hub.server:
            for key in ("sms.endpoint", "iap.endpoint", "snailmail.endpoint"):
                hub.call("ir.config_parameter", "set_param", key=key, value=world.url)
            hub.call("ir.mail_server", "create", vals_list=[
                {"name": "Outside", "smtp_host": "127.0.0.1", "smtp_port": world.mail_port}])
            company = hub.value("SELECT min(id) FROM res_company")
            template = hub.value(
                "SELECT res_id FROM ir_model_data WHERE name = 'sms_template_data_stock_delivery'")
            hub.call("res.company", "write", [company], vals={
                "email": "house@example.com", "stock_move_email_validation": True, "stock_text_confirmation": True,
                "stock_confirmation_type": "sms", "has_received_warning_stock_sms": True,
                "stock_sms_confirmation_template_id": template})  # fmt: skip
            call_outside_on(hub, "sale.order", world)
            call_outside_on(hub, "stock.picking", world)
            yield hub


def call_outside_on(hub: Hub, model: str, world: OutsideWorld) -> None:
    """An automation rule that calls somebody whenever a record is saved."""
    (model_id,) = hub.call("ir.model", "search", domain=[["model", "=", model]])
    (rule,) = hub.call("base.automation", "create", vals_list=[
        {"name": f"Tell of {model}", "model_id": model_id, "trigger": "on_create_or_write"}])
    hub.call("ir.actions.server", "create", vals_list=[
        {"name": "Call", "model_id": model_id, "state": "webhook", "webhook_url": f"{world.url}/rule",
         "base_automation_id": rule, "usage": "base_automation"}])  # fmt: skip


def test_what_is_imported_reaches_nobody(talkative: Hub, world: OutsideWorld) -> None:
    hub, shop = talkative, ShopifyShop(orders=40, currency="USD")
    try:
        connection = hub.connect(shop.account.settings(), name="Web", system=shop.system)
        hub.map_all(connection)
        hub.call("pos.sync.connection", "write", [connection], vals={
            "stock_policy": "odoo", "entries_from": "2000-01-01", "orders_from": False})
        world.heard.clear()
        flows = ("products_pull", "customers_pull", "orders_pull", "refunds_pull")
        hub.start(connection, *flows)
        for flow in flows:
            hub.wait_for_flow(connection, flow, within=240)
        delivered = hub.value(
            "SELECT count(*) FROM stock_picking picking JOIN sale_order ON sale_order.id = picking.sale_id"
            " WHERE picking.state = 'done' AND pos_sync_connection_id = %s", connection)  # fmt: skip
        assert delivered >= 10
        send_what_waits(hub)
        assert world.heard == []
        assert hub.database.query("SELECT email_to, subject FROM mail_mail") == []
        assert hub.value("SELECT count(*) FROM sms_sms") == 0
        assert hub.value("SELECT count(*) FROM snailmail_letter") == 0

        # Whoever delivers by hand is heard: the world outside was listening all the time.
        deliver_by_hand(hub)
        send_what_waits(hub)
        wait_until(
            lambda: {kind for kind, _what in world.heard} == {"mail", "call"}, "mails, texts and calls", within=60)
        called = {what for kind, what in world.heard if kind == "call"}
        assert "/rule" in called
        assert any("sms" in what for what in called), called
    finally:
        shop.close()


def send_what_waits(hub: Hub) -> None:
    """Runs Odoo's own jobs that send."""
    for name in ("mail.ir_cron_mail_scheduler_action", "sms.ir_cron_sms_scheduler_action"):
        module, _dot, key = name.partition(".")
        cron = hub.value(
            "SELECT res_id FROM ir_model_data WHERE module = %s AND name = %s AND model = 'ir.cron'", module, key)
        hub.call("ir.cron", "method_direct_trigger", [cron])


def deliver_by_hand(hub: Hub) -> None:
    (partner,) = hub.call("res.partner", "create", vals_list=[
        {"name": "Ada", "email": "ada@example.com", "phone": "+1 212 555 0143"}])
    (product,) = hub.call("product.product", "create", vals_list=[{"name": "Tea", "type": "consu"}])
    (order,) = hub.call("sale.order", "create", vals_list=[
        {"partner_id": partner, "order_line": [[0, 0, {"product_id": product, "price_unit": 5}]]}])
    hub.call("sale.order", "action_confirm", [order])
    pickings = hub.call("stock.picking", "search", domain=[["sale_id", "=", order]])
    hub.call("stock.picking", "button_validate", pickings)


def test_a_kit_is_sent_as_what_its_parts_allow(talkative: Hub, workspace: Workspace) -> None:
    """Odoo counts kits only where its app for manufacturing is."""
    hub = talkative
    found = hub.database.call("tests.processes.kits_inside_hub:count")
    assert found == {"box": 2, "crate": 0, "sold": 1, "kits of a cup": ["Box", "Crate"]}
