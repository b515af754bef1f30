"""An accountant closes a day in a real browser."""

from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged

from ..connectors.records import PaymentKind
from .posting_common import PostingCase, paid
from .sales_common import order

_HELPERS = """
async function until(find, what) {
    for (const started = Date.now(); ; ) {
        const found = find();
        if (found) {
            return found;
        }
        if (Date.now() - started > 30000) {
            throw new Error(`${what}: ${document.body.innerText.slice(0, 800)}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 30));
    }
}
const one = (selector, text = "") => () =>
    [...document.querySelectorAll(selector)].find((item) => item.innerText.includes(text));
"""

_CLOSE_THE_DAY = """
(async () => {
    const action = odoo.__WOWL_DEBUG__.root.env.services.action;
    for (const name of ["payment_method", "charge_product", "posting_period"]) {
        await action.doAction(`pos_sync_connector.pos_sync_${name}_action`, { clearBreadcrumbs: true });
        await until(one(".o_list_view .o_data_row", "sales"), name);
    }
    await action.doAction("pos_sync_connector.pos_sync_day_action", { clearBreadcrumbs: true });
    (await until(one(".o_list_view .o_data_row .o_data_cell", "Mar 2"), "the list of days")).click();
    await until(one(".o_form_view .o_field_widget", "10.00"), "the day");
    (await until(one(".o_form_view button[name=action_post]"), "the button")).click();
    await until(one(".o_form_view .o_arrow_button_current", "Posted"), "the day is posted");
    (await until(one(".o_form_view button[name=action_view_moves]"), "the entries")).click();
    await until(one(".o_list_view .o_data_row, .o_form_view .o_data_row", "Sales of"), "the entry");
    if (document.querySelector(".o_error_dialog")) {
        throw new Error(document.querySelector(".o_error_dialog").innerText.slice(0, 800));
    }
    console.log("test successful");
})().catch((error) => console.error(error.message));
"""

_CHOOSE_IN_THE_DAY = """
(async () => {
    const action = odoo.__WOWL_DEBUG__.root.env.services.action;
    await action.doAction("pos_sync_connector.pos_sync_day_action", { clearBreadcrumbs: true });
    (await until(one(".o_list_view .o_data_row .o_data_cell", "Mar 2"), "the list of days")).click();
    await until(one("[name=choice_ids] .o_data_row", "Voucher"), "what is to be chosen");
    (await until(one("[name=choice_ids] .o_data_row [name=account_id]"), "its account")).click();
    const input = await until(one("[name=choice_ids] [name=account_id] input"), "the account's field");
    input.value = "Bank";
    input.dispatchEvent(new Event("input", { bubbles: true }));
    (await until(one(".o-autocomplete--dropdown-item a", "Bank"), "the account")).click();
    (await until(one(".o_form_button_save"), "the button that saves")).click();
    await until(one("[name=line_ids] .o_data_row", "Bank"), "the line with the account");
    (await until(one(".o_form_view button[name=action_post]"), "the button")).click();
    await until(one(".o_form_view .o_arrow_button_current", "Posted"), "the day is posted");
    console.log("test successful");
})().catch((error) => console.error(error.message));
"""


@tagged("post_install", "-at_install")
class TestPostingScreens(PostingCase, HttpCase):
    def setUp(self):
        super().setUp()
        new_test_user(
            self.env,
            login="closes_days",
            groups="pos_sync_connector.group_user,account.group_account_invoice,sales_team.group_sale_salesman",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )

    def walk(self, steps):
        self.browser_js(
            "/odoo", _HELPERS + steps, ready="odoo.isReady === true", login="closes_days", timeout=180
        )
        self.env.invalidate_all()

    def test_an_accountant_closes_a_day(self):
        self.sell(order("1", payments=(paid("a", 10),)))
        self.gather()
        self.walk(_CLOSE_THE_DAY)
        self.assertEntry(self.day().move_ids, ("101000", 10.00), ("400000", -10.00))

    def test_what_is_missing_is_chosen_where_the_day_is_read(self):
        self.sell(order("1", payments=(paid("a", 10, method="Voucher", kind=PaymentKind.OTHER),)))
        self.gather()
        self.walk(_CHOOSE_IN_THE_DAY)
        self.assertEntry(self.day().move_ids, ("103000", 10.00), ("400000", -10.00))
