import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { BooleanToggleField } from "@web/views/fields/boolean_toggle/boolean_toggle_field";
import { CharField } from "@web/views/fields/char/char_field";
import { Many2ManyTagsField } from "@web/views/fields/many2many_tags/many2many_tags_field";
import { Many2OneField } from "@web/views/fields/many2one/many2one_field";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { UrlField } from "@web/views/fields/url/url_field";
import { x2ManyField } from "@web/views/fields/x2many/x2many_field";

import { Component } from "@odoo/owl";

/** The settings of a connection, one a line, each with the input that fits its kind and what was wrong with it.
 * `stages`: only those that the guided set-up asks for there, with what most people leave as it is folded away. */
export class SettingList extends Component {
    static template = "pos_sync_connector.SettingList";
    static components = { BooleanToggleField, CharField, Many2ManyTagsField, Many2OneField, UrlField };
    static props = {
        ...standardFieldProps,
        stages: { type: Array, optional: true },
        "*": true,
    };

    get parts() {
        const records = this.props.record.data[this.props.name].records.filter(({ data }) => data.stage !== "none");
        const { stages } = this.props;
        if (!stages) {
            return [{ columns: this.columns(records) }];
        }
        const shown = records.filter(({ data }) => stages.includes(data.stage));
        const first = shown.filter(({ data }) => data.stage !== "more");
        const more = shown.filter(({ data }) => data.stage === "more");
        return [
            { columns: this.columns(first) },
            ...(more.length ? [{ isMore: true, isOpen: more.some(({ data }) => data.problem), columns: this.columns(more) }] : []),
        ];
    }

    columns(records) {
        const half = Math.ceil(records.length / 2);
        return [records.slice(0, half), records.slice(half)];
    }

    inputId(setting) {
        return `${this.props.id || this.props.name}_${setting.data.key}`;
    }

    isMissing(setting) {
        const { choice_id, choice_ids, has_secret, kind, required, secret_input, value } = setting.data;
        const filled = kind === "choices" ? choice_ids.records.length : value || choice_id;
        return required && kind !== "boolean" && !(filled || has_secret || secret_input);
    }

    fieldProps(setting, name) {
        return { id: this.inputId(setting), name, readonly: this.props.readonly, record: setting };
    }

    secretProps(setting) {
        return {
            ...this.fieldProps(setting, "secret_input"),
            isPassword: true,
            placeholder: setting.data.has_secret ? _t("Stored. Type to replace it.") : "",
        };
    }

    choicePlaceholder(setting) {
        if (setting.data.value) {
            return _t("Default. Save to choose another");
        }
        if (!this.props.record.data.tested_at) {
            return _t("Test the connection to see the choices");
        }
        return setting.data.required ? "" : _t("Default");
    }

    choiceDomain(setting) {
        return [
            ["connection_id", "=", this.props.record.resId || false],
            ["key", "=", setting.data.key],
        ];
    }

    choiceProps(setting) {
        return {
            ...this.fieldProps(setting, "choice_id"),
            canCreate: false,
            canOpen: false,
            domain: this.choiceDomain(setting),
            placeholder: this.choicePlaceholder(setting),
        };
    }

    choicesProps(setting) {
        return {
            ...this.fieldProps(setting, "choice_ids"),
            canCreate: false,
            canCreateEdit: false,
            canQuickCreate: false,
            domain: this.choiceDomain(setting),
            placeholder: this.choicePlaceholder(setting),
        };
    }
}

registry.category("fields").add("pos_sync_setting_list", {
    ...x2ManyField,
    component: SettingList,
    displayName: _t("Settings of a connection"),
    supportedTypes: ["one2many"],
    extractProps: (info, dynamicInfo) => ({
        ...x2ManyField.extractProps(info, dynamicInfo),
        stages: info.options.stages,
    }),
});
