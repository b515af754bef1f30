import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

import { Component, onWillUnmount, useEffect, useState } from "@odoo/owl";

const FLOWS = ["products_pull", "customers_pull", "orders_pull"];
const SAMPLES = 5;

/** What the first pull would do, flow by flow as the answers come; each reads the system's first records only. */
export class FirstLook extends Component {
    static template = "pos_sync_connector.FirstLook";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ looks: [] });
        this.turn = 0;
        onWillUnmount(() => this.turn++);
        useEffect(
            (step, _review, resId) => {
                if (step === "look" && resId) {
                    this.look();
                }
            },
            () => {
                const { data, resId } = this.props.record;
                return [data.setup_step, data.review_new, resId];
            }
        );
    }

    /** Looks at each flow that is on, one after the other. */
    async look() {
        const turn = ++this.turn;
        const streams = this.props.record.data.stream_ids.records.map(({ data }) => data);
        const flows = FLOWS.filter((flow) => streams.some((stream) => stream.flow === flow && stream.enabled));
        this.state.looks = flows.map((flow) => ({ flow, isBusy: true, read: 0, groups: [] }));
        for (const look of this.state.looks) {
            await this.read(look, "");
            if (turn !== this.turn) {
                return;
            }
        }
    }

    /** Adds what one answer says to what is shown of its flow. */
    async read(look, cursor) {
        look.isBusy = true;
        const answer = await this.orm.call("pos.sync.connection", "look_ahead", [
            [this.props.record.resId],
            look.flow,
            cursor,
        ]);
        const groups = look.groups.map((group) => ({ ...group }));
        for (const group of answer.groups) {
            const known = groups.find(({ code }) => code === group.code);
            if (known) {
                known.count += group.count;
                known.samples = [...known.samples, ...group.samples].slice(0, SAMPLES);
            } else {
                groups.push(group);
            }
        }
        Object.assign(look, answer, { groups, read: look.read + answer.read, isBusy: false });
    }

    further(look) {
        return this.read(look, look.cursor);
    }

    extent(look) {
        if (!look.cursor) {
            return _t("all %s", look.read);
        }
        return look.total ? _t("the first %s of %s", look.read, look.total) : _t("the first %s", look.read);
    }
}

registry.category("view_widgets").add("pos_sync_first_look", { component: FirstLook });
