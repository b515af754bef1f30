"""Every screen of the addon opens in a real browser, wide and on a phone, for both groups and without an error."""

import json

from odoo.tests import HttpCase, new_test_user, tagged

from .sample_rows import SampleRows, own_models

_OPEN_SCREENS = """
const action = odoo.__WOWL_DEBUG__.root.env.services.action;
const screens = %s;

async function until(isTrue, what) {
    for (const started = Date.now(); !isTrue(); ) {
        if (Date.now() - started > 30000) {
            throw new Error(`${what}: ${document.body.innerText.slice(0, 500)}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 30));
    }
}

(async () => {
    for (const { request, view, title } of screens) {
        await action.doAction(request, { viewType: view, clearBreadcrumbs: true });
        await until(() => document.querySelector(`.o_action_manager > .o_${view}_view`), `${title} did not open`);
        if (document.querySelector(".o_error_dialog, .o_notification .bg-danger")) {
            throw new Error(`${title}: ${document.body.innerText.slice(0, 500)}`);
        }
        for (const tab of document.querySelectorAll(".o_notebook_headers .nav-link")) {
            tab.click();
            await until(() => tab.classList.contains("active"), `${title}, tab ${tab.innerText}`);
        }
        if (document.documentElement.scrollWidth > window.innerWidth) {
            throw new Error(`${title} is wider than the screen`);
        }
    }
    console.log(`test successful`);
})().catch((error) => console.error(error.message));
"""


@tagged("post_install", "-at_install")
class TestScreens(HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rows = SampleRows(cls.env, cls.env.company)
        cls.samples = {model._name: rows.of(model._name) for model in own_models(cls.env)}
        new_test_user(cls.env, login="manager", groups="pos_sync_connector.group_manager")
        new_test_user(
            cls.env, login="accountant", groups="pos_sync_connector.group_user,account.group_account_invoice"
        )
        # Each browser would make them anew otherwise, which takes longer than all the screens.
        bundle = cls.env["ir.qweb"]._get_asset_bundle("web.assets_web", css=True, js=True)
        bundle.js()
        bundle.css()

    def _screens(self, login):
        """Each view of each window action of the addon that the user may open; a form shows the sample row of its
        model."""
        user = self.env["res.users"].search([("login", "=", login)])
        actions = self.env["ir.actions.act_window"].search([("res_model", "=like", "pos.sync.%")])
        actions = actions.filtered(lambda action: self.env[action.res_model].with_user(user).has_access("read"))
        ids = actions.get_external_id()
        for action in actions.filtered(lambda item: "active_id" not in (item.domain or "")):
            for view in action.view_mode.split(","):
                request = ids[action.id]
                if view == "form":
                    # What is no table shows the samples of others.
                    sample = self.samples.get(action.res_model) or self.env[action.res_model].search([], limit=1)
                    request = {
                        "type": "ir.actions.act_window",
                        "res_model": sample._name,
                        "res_id": sample.id,
                        "views": [[action.view_id.id, "form"]],
                    }
                yield {"request": request, "view": view, "title": f"{action.name}, {view}"}

    def _open_all(self, login, views=()):
        screens = [screen for screen in self._screens(login) if not views or screen["view"] in views]
        self.assertGreater(len(screens), 10)
        code = _OPEN_SCREENS % json.dumps(screens)
        self.browser_js("/odoo", code, ready="odoo.isReady === true", login=login, timeout=300)

    def test_a_manager_opens_all(self):
        self._open_all("manager")

    def test_an_accountant_opens_all(self):
        self._open_all("accountant")

    def test_a_manager_opens_all_on_a_phone(self):
        self.browser_size = "390x844"
        self.touch_enabled = True
        # Odoo shows cards instead of lists there.
        self._open_all("manager", views=("kanban", "form"))
