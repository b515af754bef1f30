import { registry } from "@web/core/registry";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { kanbanView } from "@web/views/kanban/kanban_view";

import { onMounted, onWillUnmount } from "@odoo/owl";

const LOOKS_EVERY_MS = 3000;
const IDLE_MS = 15000;

/** Cards that stay up to date: read again every few seconds while a flow works, and now and then otherwise. */
export class DashboardController extends KanbanController {
    setup() {
        super.setup();
        this.readAt = Date.now();
        onMounted(() => (this.timer = setInterval(() => this.refresh(), LOOKS_EVERY_MS)));
        onWillUnmount(() => clearInterval(this.timer));
    }

    get isWorking() {
        return (this.model.root.records || []).some(({ data }) => data.is_working);
    }

    /** Whether somebody is about to press something that reading again would take away. */
    get isInUse() {
        return Boolean(document.querySelector(".o-dropdown--menu, .o_popover, .modal")) || this.model.root.selection?.length;
    }

    async refresh() {
        const isEarly = !this.isWorking && Date.now() - this.readAt < IDLE_MS;
        if (document.hidden || this.isReading || isEarly || this.isInUse) {
            return;
        }
        this.isReading = true;
        try {
            await this.model.load();
        } finally {
            this.readAt = Date.now();
            this.isReading = false;
        }
    }
}

registry.category("views").add("pos_sync_dashboard", { ...kanbanView, Controller: DashboardController });
