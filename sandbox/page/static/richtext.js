// rich_text and markdown blocks: the two ways to write formatted text that are not mrkdwn.
import { dateToken } from "./dates.js";
import { h } from "./dom.js";
import { emoji } from "./emoji.js";
import { broadcastNode, channelNode, linkNode, safeHref, userNode } from "./mrkdwn.js";

/** A rich_text block (or a table's rich_text cell). */
export function richText(block, viewer) {
  return h("div", { class: "bk-rich" }, (block.elements ?? []).map((one) => part(one, viewer)));
}

function part(one, viewer) {
  const inside = () => (one.elements ?? []).map((leaf) => inlineLeaf(leaf, viewer));
  switch (one.type) {
    case "rich_text_section":
      return h("div", { class: "rt-section" }, inside());
    case "rich_text_preformatted":
      return h("pre", { class: "mk-pre" }, inside());
    case "rich_text_quote":
      return h("blockquote", { class: "mk-quote" }, inside());
    case "rich_text_list":
      return list(one, viewer);
    default:
      return null;
  }
}

function list(one, viewer) {
  const ordered = one.style === "ordered";
  const props = { class: "rt-list", style: `margin-left:${(one.indent ?? 0) * 24}px` };
  if (ordered && one.offset) props.start = one.offset + 1;
  return h(ordered ? "ol" : "ul", props, (one.elements ?? []).map((item) => h("li", {}, part(item, viewer))));
}

const LEAVES = {
  text: (leaf) => leaf.text ?? "",
  link: (leaf) => (safeHref(leaf.url ?? "") ? linkNode(leaf.url, leaf.text || leaf.url) : leaf.text || leaf.url),
  user: (leaf, viewer) => userNode(leaf.user_id, viewer),
  channel: (leaf, viewer) => channelNode(leaf.channel_id, viewer),
  usergroup: (leaf, viewer) => h("span", { class: "mk-mention" }, `@${viewer.names[leaf.usergroup_id] ?? leaf.usergroup_id}`),
  broadcast: (leaf) => broadcastNode(leaf.range),
  emoji: (leaf) => h("span", { class: "emoji", role: "img", "aria-label": leaf.name }, emoji(leaf.name) ?? `:${leaf.name}:`),
  date: (leaf, viewer) => h("time", { class: "mk-date" }, dateToken(leaf.timestamp, leaf.format ?? "", leaf.fallback ?? "", viewer)),
  color: (leaf) => leaf.value ?? "",
};

function inlineLeaf(leaf, viewer) {
  let node = LEAVES[leaf.type]?.(leaf, viewer) ?? "";
  const style = leaf.style ?? {};
  if (style.code) node = h("code", { class: "mk-code" }, node);
  if (style.bold) node = h("strong", {}, node);
  if (style.italic) node = h("em", {}, node);
  if (style.strike) node = h("s", {}, node);
  return node;
}

const INLINE = /(`[^`\n]+`)|(\*\*[^\n]+?\*\*)|(~~[^\n]+?~~)|(\[[^\]\n]+\]\([^)\s]+\))|(\*[^*\s][^*\n]*\*)|(\b_[^_\n]+_\b)/g;

/** A markdown block: the common part of Markdown. */
export function markdown(text) {
  const nodes = [];
  for (const [place, part] of text.split(/```\w*\n?/).entries()) {
    if (place % 2) nodes.push(h("pre", { class: "mk-pre" }, part.replace(/\n$/, "")));
    else for (const chunk of part.split(/\n{2,}/)) if (chunk.trim()) nodes.push(chunkNode(chunk.trim()));
  }
  return h("div", { class: "bk-markdown" }, nodes);
}

function chunkNode(chunk) {
  const lines = chunk.split("\n");
  const heading = /^#{1,6} (.*)$/.exec(lines[0]);
  if (heading) {
    const rest = lines.slice(1).join("\n").trim();
    return [h("p", { class: "md-heading" }, spans(heading[1])), rest ? chunkNode(rest) : null];
  }
  if (lines.every((line) => /^[-*+] /.test(line))) return h("ul", {}, lines.map((line) => h("li", {}, spans(line.slice(2)))));
  if (lines.every((line) => /^\d+[.)] /.test(line))) return h("ol", {}, lines.map((line) => h("li", {}, spans(line.replace(/^\d+[.)] /, "")))));
  if (lines.every((line) => line.startsWith(">"))) return h("blockquote", { class: "mk-quote" }, spans(lines.map((line) => line.replace(/^> ?/, "")).join("\n")));
  if (/^(-{3,}|\*{3,})$/.test(chunk)) return h("hr");
  return h("p", {}, spans(chunk));
}

function spans(text) {
  const nodes = [];
  let from = 0;
  for (const found of text.matchAll(INLINE)) {
    nodes.push(text.slice(from, found.index), span(found));
    from = found.index + found[0].length;
  }
  nodes.push(text.slice(from));
  return nodes;
}

function span([whole, code, bold, strike, link]) {
  if (code) return h("code", { class: "mk-code" }, code.slice(1, -1));
  if (bold) return h("strong", {}, spans(bold.slice(2, -2)));
  if (strike) return h("s", {}, spans(strike.slice(2, -2)));
  if (link) {
    const [, label, url] = /^\[(.+)\]\((.+)\)$/.exec(link);
    return safeHref(url) ? linkNode(url, spans(label)) : whole;
  }
  return h("em", {}, spans(whole.slice(1, -1)));
}
