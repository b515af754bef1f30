import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

import { Component, onMounted, onWillUnmount, xml } from "@odoo/owl";

const EVERY_MS = 3000;

/** Shows the progress of a connection's flows: reads the form again while one of them works or answers wait for it. */
export class LiveReload extends Component {
    static template = xml`<t/>`;
    static props = { ...standardWidgetProps };

    setup() {
        onMounted(() => (this.timer = setInterval(() => this.reload(), EVERY_MS)));
        onWillUnmount(() => clearInterval(this.timer));
    }

    get isWorking() {
        const { stream_ids: streams, first_sync_queued: queued, first_sync_is_reading: isReading } = this.props.record.data;
        const isRunning = ({ data }) => data.state === "running" || (data.requested && data.state === "scheduled");
        return Boolean(queued || isReading || streams?.records.some(isRunning));
    }

    async reload() {
        const { record } = this.props;
        const isTyping = record.dirty || record.data.stream_ids?.editedRecord;
        if (document.hidden || this.isLoading || record.isNew || isTyping || !this.isWorking) {
            return;
        }
        this.isLoading = true;
        try {
            if (!(await record.isDirty())) {
                await record.load();
            }
        } finally {
            this.isLoading = false;
        }
    }
}

registry.category("view_widgets").add("pos_sync_live_reload", { component: LiveReload });
