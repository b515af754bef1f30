import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { Component, useState } from "@odoo/owl";

const ICONS = { danger: "fa-exclamation-circle", warning: "fa-exclamation-triangle", note: "fa-info-circle" };
const COLORS = { danger: "text-danger", warning: "text-warning", note: "text-info" };

/** What is still to do for a connection, each line with the button that leads there. */
export class TodoList extends Component {
    static template = "pos_sync_connector.TodoList";
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.state = useState({ isBusy: false });
    }

    get items() {
        return this.props.record.data[this.props.name] || [];
    }

    icon(item) {
        return `${ICONS[item.level]} ${COLORS[item.level]}`;
    }

    press(item) {
        if (!item.confirm) {
            return this.go(item);
        }
        this.dialog.add(ConfirmationDialog, { body: item.confirm, confirm: () => this.go(item), cancel: () => {} });
    }

    async go(item) {
        const { record } = this.props;
        this.state.isBusy = true;
        try {
            if (!(await record.save())) {
                return;
            }
            const { resId, resIds, resModel, context } = record;
            await this.action.doActionButton({
                type: "object",
                name: item.action,
                resId,
                resIds,
                resModel,
                context,
                onClose: () => record.load(),
            });
        } finally {
            this.state.isBusy = false;
        }
    }
}

registry.category("fields").add("pos_sync_todo_list", {
    component: TodoList,
    supportedTypes: ["json"],
});
