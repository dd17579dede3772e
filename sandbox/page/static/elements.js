// Interactive elements. Each keeps its state in `surface.values` and tells the surface when Slack would tell the app.
import { confirmDialog } from "./confirm.js";
import { fromWallTime, wallTime } from "./dates.js";
import { h, icon } from "./dom.js";
import { plainText, textObject } from "./mrkdwn.js";
import { openMenu } from "./menu.js";
import { picker } from "./picker.js";

const BUTTON_SHOWN = 30; // Slack's client cuts a button's text at about this many characters

/** One element of a block. `quiet`: its changes are only sent when a form is submitted. `id`: for its label. */
export function element(one, block, surface, { id = null, quiet = false } = {}) {
  const build = ELEMENTS[one.type];
  if (!build) return h("span", { class: "bk-problem", role: "note", "data-testid": "block-problem" }, `This page cannot show a “${one.type}” element`);
  return build(one, new Wire(one, block, surface, quiet), id);
}

/** What ties an element to its surface: its state, and how a change of it is told. */
class Wire {
  constructor(one, block, surface, quiet) {
    Object.assign(this, { one, block, surface, quiet });
  }

  get state() {
    return this.surface.values[this.block.block_id]?.[this.one.action_id];
  }

  keep(state) {
    const block = (this.surface.values[this.block.block_id] ??= {});
    block[this.one.action_id] = { type: this.one.type, ...state };
  }

  /** Keeps the state; and after the confirmation dialog, if there is one, tells the app. False when it was denied. */
  async tell(state, { keep = true } = {}) {
    if (!this.quiet && this.one.confirm && !(await confirmDialog(this.one.confirm, this.surface.viewer))) return false;
    if (keep) this.keep(state);
    if (!this.quiet) {
      await this.surface.dispatch({ type: this.one.type, action_id: this.one.action_id, block_id: this.block.block_id, ...state });
    }
    return true;
  }
}

const ELEMENTS = {
  button,
  static_select: (one, wire, id) => select(one, wire, id),
  external_select: (one, wire, id) => select(one, wire, id),
  users_select: (one, wire, id) => select(one, wire, id),
  conversations_select: (one, wire, id) => select(one, wire, id),
  channels_select: (one, wire, id) => select(one, wire, id),
  multi_static_select: (one, wire, id) => multiSelect(one, wire, id),
  multi_external_select: (one, wire, id) => multiSelect(one, wire, id),
  multi_users_select: (one, wire, id) => multiSelect(one, wire, id),
  overflow,
  radio_buttons: (one, wire, id) => choices(one, wire, id, "radio"),
  checkboxes: (one, wire, id) => choices(one, wire, id, "checkbox"),
  plain_text_input: textInput,
  email_text_input: (one, wire, id) => textInput(one, wire, id, "email"),
  url_text_input: (one, wire, id) => textInput(one, wire, id, "url"),
  number_input: (one, wire, id) => textInput(one, wire, id, "number"),
  datepicker: (one, wire, id) => moment(one, wire, id, "date"),
  timepicker: (one, wire, id) => moment(one, wire, id, "time"),
  datetimepicker: dateAndTime,
};

/** A text as long as Slack shows it on a button. */
export function cutOff(text) {
  const characters = [...text];
  return characters.length > BUTTON_SHOWN ? `${characters.slice(0, BUTTON_SHOWN - 1).join("").trimEnd()}…` : text;
}

function button(one, wire) {
  const text = plainText(one.text);
  const shown = cutOff(text);
  const label = one.accessibility_label ?? (shown === text ? null : text);
  const node = h("button", {
    type: "button", class: `bk-button ${one.style ?? ""}`, "data-action": one.action_id, "aria-label": label, title: shown === text ? null : text,
    on: {
      click: async () => {
        node.setAttribute("aria-busy", "true");
        if ((await wire.tell(one.value === undefined ? {} : { value: one.value }, { keep: false })) && one.url) window.open(one.url, "_blank", "noopener");
        node.removeAttribute("aria-busy");
      },
    },
  }, shown);
  return node;
}

/** The state's key of each kind of select, and whether its options are people or channels instead of option objects. */
const SELECTED = {
  users_select: ["selected_user", "people"],
  conversations_select: ["selected_conversation", "channels"],
  channels_select: ["selected_channel", "channels"],
  multi_users_select: ["selected_users", "people"],
};

/** How the options of a select are found: asked of the app, people or channels we know, or given. */
function source(one, wire) {
  const known = SELECTED[one.type]?.[1];
  if (known) return { groups: () => [{ options: wire.surface.viewer[known].map(({ id, name }) => ({ text: { type: "plain_text", text: name }, value: id })) }] };
  if (one.type.endsWith("external_select")) {
    return {
      least: one.min_query_length ?? 3,
      ask: (text) => wire.surface.suggest(one.action_id, wire.block.block_id, text),
    };
  }
  return { groups: () => one.option_groups ?? [{ options: one.options ?? [] }] };
}

function asOption(one, wire, id) {
  const known = SELECTED[one.type]?.[1];
  const found = known && wire.surface.viewer[known].find((some) => some.id === id);
  return id ? { text: { type: "plain_text", text: found?.name ?? id }, value: id } : null;
}

function select(one, wire, id) {
  const key = SELECTED[one.type]?.[0];
  const initial = key ? asOption(one, wire, one[key.replace("selected", "initial")]) : one.initial_option;
  const stored = key ? asOption(one, wire, wire.state?.[key]) : wire.state?.selected_option;
  const chosen = wire.state ? stored : initial;
  const stateOf = (option) => (key ? { [key]: option?.value ?? null } : { selected_option: option });
  if (!wire.state) wire.keep(stateOf(initial ?? null));
  return picker({
    id, chosen: chosen ? [chosen] : [], label: plainText(one.placeholder) || "Select an item", ...source(one, wire),
    pick: (option) => wire.tell(stateOf(option)),
  });
}

function multiSelect(one, wire, id) {
  const key = SELECTED[one.type]?.[0];
  const ids = (list) => (list ?? []).map((some) => asOption(one, wire, some));
  const initial = key ? ids(one.initial_users) : one.initial_options ?? [];
  const stored = key ? ids(wire.state?.[key]) : wire.state?.selected_options;
  const stateOf = (options) => (key ? { [key]: options.map((option) => option.value) } : { selected_options: options });
  if (!wire.state) wire.keep(stateOf(initial));
  return picker({
    id, chosen: stored ?? initial, multiple: true, most: one.max_selected_items, label: plainText(one.placeholder) || "Select items", ...source(one, wire),
    pick: (options) => wire.tell(stateOf(options)),
  });
}

function overflow(one, wire) {
  const node = h("button", {
    type: "button", class: "bk-button bk-overflow", "aria-label": one.accessibility_label ?? "More options", "aria-haspopup": "menu",
    on: {
      click: () => openMenu(node, one.options.map((option) => ({
        text: plainText(option.text), hint: option.description && plainText(option.description), testid: "option",
        run: () => wire.tell({ selected_option: option }, { keep: false }),
      }))),
    },
  }, icon("more"));
  return node;
}

function choices(one, wire, id, type) {
  const several = type === "checkbox";
  const initial = several ? one.initial_options ?? [] : one.initial_option ?? null;
  if (!wire.state) wire.keep(several ? { selected_options: initial } : { selected_option: initial });
  const name = `${wire.surface.id ?? ""}-${wire.block.block_id}-${one.action_id}`;
  const chosen = several ? wire.state.selected_options : [wire.state.selected_option];
  const values = new Set(chosen.filter(Boolean).map((option) => option.value));
  const box = h("div", { class: "bk-choices", role: several ? "group" : "radiogroup", "aria-labelledby": id && `${id}-label` });
  const changed = () => {
    const picked = one.options.filter((_, place) => box.querySelectorAll("input")[place].checked);
    wire.tell(several ? { selected_options: picked } : { selected_option: picked[0] ?? null });
  };
  box.append(...one.options.map((option) => h("label", { class: "bk-choice", "data-testid": "option" },
    h("input", { type, name, checked: values.has(option.value), on: { change: changed } }),
    h("span", {}, textObject(option.text, wire.surface.viewer),
      option.description && h("span", { class: "bk-choice-hint" }, textObject(option.description, wire.surface.viewer))))));
  return box;
}

function textInput(one, wire, id, type = "text") {
  if (!wire.state) wire.keep({ value: one.initial_value ?? null });
  const node = h(one.multiline ? "textarea" : "input", {
    id, class: "bk-textinput", type: one.multiline ? null : type, rows: one.multiline ? 4 : null, placeholder: plainText(one.placeholder) || null,
    maxlength: one.max_length, value: wire.state.value ?? "", autofocus: one.focus_on_load, "data-action": one.action_id, dir: "auto",
    on: {
      input: () => wire.keep({ value: node.value || null }),
      keydown: (event) => {
        if (event.key === "Enter" && !one.multiline && !wire.quiet) wire.tell({ value: node.value || null });
      },
    },
  });
  return node;
}

function moment(one, wire, id, type) {
  const key = `selected_${type}`;
  if (!wire.state) wire.keep({ [key]: one[`initial_${type}`] ?? null });
  const node = h("input", {
    id, type, class: "bk-textinput bk-moment", value: wire.state[key] ?? "", "aria-label": id ? null : plainText(one.placeholder) || `Select a ${type}`, "data-action": one.action_id,
    on: { change: () => wire.tell({ [key]: node.value || null }) },
  });
  return node;
}

/** A date with a time, in the zone of the person who looks; the app gets seconds since 1970. */
function dateAndTime(one, wire, id) {
  const { tz } = wire.surface.viewer;
  if (!wire.state) wire.keep({ selected_date_time: one.initial_date_time ?? null });
  const chosen = wire.state.selected_date_time;
  const node = h("input", {
    id, type: "datetime-local", class: "bk-textinput bk-moment", value: chosen ? wallTime(chosen, tz) : "", "aria-label": id ? null : "Select a date and a time", "data-action": one.action_id,
    on: { change: () => wire.tell({ selected_date_time: node.value ? fromWallTime(node.value, tz) : null }) },
  });
  return node;
}
