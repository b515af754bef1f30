import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { Component, useState } from "@odoo/owl";

const COLORS = 11;

/** The systems as cards that say what each can do. Choosing one saves the connection and goes on to the next step. */
export class SystemGrid extends Component {
    static template = "pos_sync_connector.SystemGrid";
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ isBusy: false });
    }

    get cards() {
        return this.props.record.data.system_cards || [];
    }

    get chosen() {
        return this.props.record.data[this.props.name];
    }

    color(card) {
        const sum = [...card.code].reduce((total, letter) => total + letter.charCodeAt(0), 0);
        return `o_tag_color_${(sum % COLORS) + 1}`;
    }

    isOff(card) {
        return this.state.isBusy || (this.props.readonly && card.code !== this.chosen);
    }

    async choose(card) {
        const { record } = this.props;
        if (this.isOff(card)) {
            return;
        }
        this.state.isBusy = true;
        try {
            if (card.code !== this.chosen) {
                await record.update({ [this.props.name]: card.code });
            }
            if (await record.save()) {
                await this.orm.call(record.resModel, "action_setup_next", [[record.resId]]);
                await record.load();
            }
        } finally {
            this.state.isBusy = false;
        }
    }
}

registry.category("fields").add("pos_sync_system_grid", {
    component: SystemGrid,
    supportedTypes: ["selection"],
    fieldDependencies: [{ name: "system_cards", type: "json" }],
});
