// Block Kit blocks as Slack's client lays them out. Elements that people use are in elements.js.
import { h } from "./dom.js";
import { element } from "./elements.js";
import { plainText, textObject } from "./mrkdwn.js";
import { markdown, richText } from "./richtext.js";

/**
 * A list of blocks.
 *
 * `surface`: {viewer, dispatch(action), suggest(action_id, block_id, text), values, errors}. `values` is what has been filled in
 * so far, in the form in which Slack sends it (block id -> action id -> state); `errors` are sentences by block id.
 */
export function renderBlocks(blocks, surface) {
  return h("div", { class: "bk" }, blocks.map((block) => h("div", { class: `bk-block bk-${css(block.type)}`, "data-block": block.block_id }, safely(block, surface))));
}

function css(type) {
  return String(type).replace(/[^a-z_]/g, "");
}

function safely(block, surface) {
  try {
    const build = BLOCKS[block.type];
    return build ? build(block, surface) : problem(`This page cannot show a “${block.type}” block`, block);
  } catch (error) {
    return problem(`This “${block.type}” block is malformed: ${error.message}`, block);
  }
}

/** A box for developers: Slack would show nothing or refuse the message. */
export function problem(sentence, json) {
  return h("div", { class: "bk-problem", role: "note", "data-testid": "block-problem" },
    h("strong", {}, sentence), h("pre", {}, JSON.stringify(json, null, 1).slice(0, 600)));
}

const BLOCKS = {
  header: (block) => h("h3", { class: "bk-header-text", dir: "auto" }, plainText(block.text)),
  divider: () => h("hr", { class: "bk-rule" }),
  section,
  context,
  image,
  actions: (block, surface) => h("div", { class: "bk-row" }, block.elements.map((one) => element(one, block, surface))),
  context_actions: (block, surface) => h("div", { class: "bk-row" }, block.elements.map((one) => element(one, block, surface))),
  input,
  rich_text: (block, surface) => richText(block, surface.viewer),
  markdown: (block) => markdown(block.text ?? ""),
  table,
  data_table: (block, surface) => [h("p", { class: "bk-caption" }, block.caption), table(block, surface)],
};

function section(block, surface) {
  const main = h("div", { class: "bk-main" },
    block.text && h("div", { class: "bk-text", dir: "auto" }, textObject(block.text, surface.viewer)),
    block.fields && h("div", { class: "bk-fields" },
      block.fields.map((field) => h("div", { class: "bk-field", dir: "auto" }, textObject(field, surface.viewer)))));
  const side = block.accessory && h("div", { class: "bk-accessory" },
    block.accessory.type === "image" ? picture(block.accessory, "bk-thumb") : element(block.accessory, block, surface));
  return h("div", { class: "bk-split" }, main, side);
}

function context(block, surface) {
  return block.elements.map((one) => one.type === "image"
    ? picture(one, "bk-tiny")
    : h("span", { class: "bk-context-text", dir: "auto" }, textObject(one, surface.viewer)));
}

function image(block) {
  return h("figure", { class: "bk-figure" },
    block.title && h("figcaption", {}, plainText(block.title)), picture(block, "bk-picture"));
}

/** A picture; where it cannot be loaded its alternative text stands in a box, as in Slack. */
function picture(one, cssClass) {
  const node = h("img", { class: cssClass, src: one.image_url ?? one.slack_file?.url, alt: one.alt_text, loading: "eager" });
  node.addEventListener("error", () => {
    node.replaceWith(h("span", { class: `${cssClass} bk-noimage`, role: "img", "aria-label": one.alt_text }, one.alt_text));
  });
  return node;
}

function input(block, surface) {
  const error = surface.errors?.[block.block_id];
  const id = `in-${block.block_id}-${block.element.action_id}`;
  return h("div", { class: `bk-input${error ? " wrong" : ""}` },
    h("label", { class: "bk-label", for: id, id: `${id}-label` }, plainText(block.label),
      block.optional && h("span", { class: "bk-optional" }, " (optional)")),
    element(block.element, block, surface, { id, quiet: !block.dispatch_action }),
    error && h("div", { class: "bk-error", role: "alert" }, error),
    block.hint && h("div", { class: "bk-hint" }, plainText(block.hint)));
}

function table(block, surface) {
  const [head, ...body] = block.rows;
  const look = (column) => {
    const settings = block.column_settings?.[column] ?? {};
    return `text-align:${settings.align ?? "left"};white-space:${settings.is_wrapped ? "normal" : "nowrap"}`;
  };
  const row = (cells, tag) => h("tr", {}, cells.map((cell, column) => h(tag, { style: look(column) }, tableCell(cell, surface))));
  return h("div", { class: "bk-tablebox" },
    h("table", { class: "bk-table-grid" }, h("thead", {}, row(head, "th")), h("tbody", {}, body.map((cells) => row(cells, "td")))));
}

function tableCell(cell, surface) {
  return cell.type === "rich_text" ? richText(cell, surface.viewer) : String(cell.text ?? cell.value ?? "");
}
