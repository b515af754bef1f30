import { registry } from "@web/core/registry";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";

const DECISIONS = ["action_same", "action_different"];

/** Goes on with the next question that is still open once one is decided, and back to the list after the last. */
export class MatchFormController extends FormController {
    async afterExecuteActionButton(clickParams) {
        await super.afterExecuteActionButton(clickParams);
        if (!DECISIONS.includes(clickParams.name)) {
            return;
        }
        const { resId, resIds } = this.model.root;
        const open = await this.orm.search(this.props.resModel, [
            ["id", "in", resIds],
            ["state", "=", "open"],
        ]);
        if (open.includes(resId)) {
            return;
        }
        const place = resIds.indexOf(resId);
        const next = [...resIds.slice(place + 1), ...resIds.slice(0, place)].find((id) => open.includes(id));
        if (next) {
            await this.model.load({ resId: next });
        } else if (resIds.length > 1) {
            this.env.config.historyBack();
        }
    }
}

registry.category("views").add("pos_sync_match_form", { ...formView, Controller: MatchFormController });
