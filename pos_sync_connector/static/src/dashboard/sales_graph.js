import { getColor, getCustomColor } from "@web/core/colors/colors";
import { cookie } from "@web/core/browser/cookie";
import { registry } from "@web/core/registry";
import {
    JournalDashboardGraphField,
    journalDashboardGraphField,
} from "@web/views/fields/journal_dashboard_graph/journal_dashboard_graph_field";

/** Takings by day: a bar a day, those of last week lighter; the tooltip also says how many orders that were. */
export class SalesGraph extends JournalDashboardGraphField {
    getBarChartConfig() {
        const config = super.getBarChartConfig();
        const scheme = cookie.get("color_scheme");
        const [{ values }] = this.data;
        config.data.datasets[0].backgroundColor = values.map(({ type }) =>
            type === "past" ? getColor(1, scheme, "odoo") : getCustomColor(scheme, "#d8dadd", "#3C3E4B")
        );
        // A quiet day beside a busy one is still to be seen, a day without sales is not.
        config.data.datasets[0].data = values.map(({ value }) => value || null);
        config.data.datasets[0].minBarLength = 3;
        config.options.plugins.tooltip.callbacks = { label: ({ dataIndex }) => values[dataIndex].text };
        // The cards are drawn anew while something runs: bars that grow each time would flicker.
        config.options.animation = false;
        config.options.scales.x.grid.display = false;
        return config;
    }
}

registry.category("fields").add("pos_sync_sales_graph", { ...journalDashboardGraphField, component: SalesGraph });
