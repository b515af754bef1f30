import { rpcBus } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { debounce } from "@web/core/utils/timing";

const APP = "pos_sync_connector.menu_root";
const MODELS = "pos.sync.";
const QUIET_MS = 300;

/** Shows in the app's own menu how much waits for a person. */
export const menuCounts = {
    dependencies: ["menu", "orm"],
    start(env, { menu, orm }) {
        const names = new WeakMap();

        async function refresh() {
            if (menu.getCurrentApp()?.xmlid !== APP) {
                return;
            }
            const counts = await orm.silent.call("pos.sync.connection", "menu_counts", []);
            let isOther = false;
            for (const item of menu.getAll().filter(({ xmlid }) => xmlid in counts)) {
                names.set(item, names.get(item) ?? item.name);
                const name = counts[item.xmlid] ? `${names.get(item)} (${counts[item.xmlid]})` : names.get(item);
                isOther ||= name !== item.name;
                item.name = name;
            }
            if (isOther) {
                env.bus.trigger("MENUS:APP-CHANGED");
            }
        }

        const soon = debounce(refresh, QUIET_MS);
        env.bus.addEventListener("MENUS:APP-CHANGED", soon);
        env.bus.addEventListener("ACTION_MANAGER:UI-UPDATED", soon);
        rpcBus.addEventListener("RPC:RESPONSE", ({ detail }) => {
            const { model, method } = detail.data.params;
            if (model?.startsWith(MODELS) && method?.startsWith("action_")) {
                soon();
            }
        });
    },
};

registry.category("services").add("pos_sync_menu_counts", menuCounts);
