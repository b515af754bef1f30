"""An accountant closes a day in a real browser."""

from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .posting_common import PostingCase, paid
from .sales_common import order

_CLOSE_THE_DAY = """
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
    await until(one(".o_list_view .o_data_row, .o_form_view .o_data_row", "Till"), "the entry");
    if (document.querySelector(".o_error_dialog")) {
        throw new Error(document.querySelector(".o_error_dialog").innerText.slice(0, 800));
    }
    console.log("test successful");
})().catch((error) => console.error(error.message));
"""


@tagged("post_install", "-at_install")
class TestPostingScreens(PostingCase, HttpCase):
    def test_an_accountant_closes_a_day(self):
        new_test_user(
            self.env,
            login="closes_days",
            groups="pos_sync_connector.group_user,account.group_account_invoice,sales_team.group_sale_salesman",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.sell(order("1", payments=(paid("a", 10),)))
        self.gather()
        self.browser_js("/odoo", _CLOSE_THE_DAY, ready="odoo.isReady === true", login="closes_days", timeout=180)
        self.env.invalidate_all()
        self.assertEntry(self.day().move_ids, ("101000", 10.00), ("400000", -10.00))
