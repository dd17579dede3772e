// Slack's own mark-up, read as Slack reads it, into DOM nodes.
import { dateToken } from "./dates.js";
import { h } from "./dom.js";
import { emoji, withEmoji } from "./emoji.js";

const STYLES = { "*": "strong", _: "em", "~": "s" };
const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };
const LINK = /^(https?:\/\/|mailto:|tel:)/i;
const BARE_URL = /^https?:\/\/[^\s<>|*~`]*[^\s<>|*~`.,;:!?)\]'"]/;
const EMOJI = /^:([a-z0-9_+-]+):(?::skin-tone-[2-6]:)?/;
const QUOTE = /^(?:&gt;|>) ?/;
const LONG_QUOTE = /^(?:&gt;|>){3} ?/;

/** A mrkdwn text as nodes. `viewer`: {tz, now (s), me, names (id -> name)}. */
export function mrkdwn(text, viewer, { verbatim = false } = {}) {
  const nodes = [];
  for (const [place, part] of text.split("```").entries()) {
    const fenced = place % 2 === 1;
    if (fenced) nodes.push(h("pre", { class: "mk-pre" }, decode(part.replace(/^\n|\n$/g, ""))));
    else nodes.push(...paragraphs(place ? part.replace(/^\n/, "") : part, viewer, verbatim));
  }
  return nodes;
}

/** A text object of Block Kit: plain text literally (but for emoji names), mrkdwn as mark-up. */
export function textObject(object, viewer) {
  if (!object) return [];
  if (object.type === "mrkdwn") return mrkdwn(object.text ?? "", viewer, object);
  return [plainText(object)];
}

/** The text of a plain_text object. */
export function plainText(object) {
  const text = object?.text ?? "";
  return object?.emoji === false ? text : withEmoji(text);
}

/** Only what is safely a link: anything else is text. */
export function safeHref(url) {
  return LINK.test(url) ? url : null;
}

export function linkNode(url, children) {
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer", class: "mk-link" }, children);
}

export function userNode(id, viewer, label) {
  const name = viewer.names[id] ?? label ?? id;
  return h("span", { class: `mk-mention${id === viewer.me ? " me" : ""}` }, `@${name}`);
}

export function channelNode(id, viewer, label) {
  const name = viewer.names[id] ?? label;
  return h("span", { class: "mk-mention" }, name ? `#${name}` : "🔒 private channel");
}

export function broadcastNode(range) {
  return h("span", { class: "mk-mention me", "data-broadcast": range }, `@${range}`);
}

function decode(text) {
  return text.replace(/&(?:amp|lt|gt);/g, (entity) => ENTITIES[entity]);
}

/** Lines, of which those that begin with ">" are quotes. */
function paragraphs(text, viewer, verbatim) {
  const nodes = [];
  let quote = [];
  let plain = [];
  const inlineOf = (lines) => inline(lines.join("\n"), viewer, verbatim);
  const endQuote = () => {
    if (quote.length) nodes.push(h("blockquote", { class: "mk-quote" }, inlineOf(quote)));
    quote = [];
  };
  const endPlain = () => {
    if (plain.length) nodes.push(...inlineOf(plain));
    plain = [];
  };
  const lines = text.split("\n");
  for (const [place, line] of lines.entries()) {
    if (LONG_QUOTE.test(line)) {
      quote.push(line.replace(LONG_QUOTE, ""), ...lines.slice(place + 1));
      endPlain();
      break;
    }
    if (QUOTE.test(line)) {
      endPlain();
      quote.push(line.replace(QUOTE, ""));
    } else {
      endQuote();
      plain.push(line);
    }
  }
  endQuote();
  endPlain();
  return nodes;
}

function inline(text, viewer, verbatim) {
  const nodes = [];
  let literal = "";
  const flush = () => {
    if (literal) nodes.push(decode(literal));
    literal = "";
  };
  for (let i = 0; i < text.length; ) {
    const found = piece(text, i, viewer, verbatim);
    if (found) {
      flush();
      nodes.push(found.node);
      i = found.end;
    } else {
      literal += text[i];
      i += 1;
    }
  }
  flush();
  return nodes;
}

/** What begins at this place, if anything does but a plain character. */
function piece(text, i, viewer, verbatim) {
  const char = text[i];
  if (char === "\n") return { node: h("br"), end: i + 1 };
  if (char === "`") return codeSpan(text, i);
  if (char === "<") return token(text, i, viewer);
  if (char === ":") return named(text, i);
  if (STYLES[char]) return styled(text, i, viewer, verbatim);
  if (char === "h" && !verbatim && boundary(text[i - 1])) {
    const url = BARE_URL.exec(text.slice(i))?.[0];
    if (url) return { node: linkNode(decode(url), decode(url)), end: i + url.length };
  }
  return null;
}

function codeSpan(text, i) {
  const end = text.indexOf("`", i + 1);
  if (end <= i + 1 || text.slice(i, end).includes("\n")) return null;
  return { node: h("code", { class: "mk-code" }, decode(text.slice(i + 1, end))), end: end + 1 };
}

function named(text, i) {
  const found = EMOJI.exec(text.slice(i));
  const character = found && emoji(found[1]);
  if (!character) return null;
  return { node: h("span", { class: "emoji", role: "img", "aria-label": found[1] }, character), end: i + found[0].length };
}

function boundary(char) {
  return char === undefined || /[\s\p{P}\p{S}]/u.test(char);
}

/** *bold*, _italic_ and ~struck~ only at the edges of words, within one line. */
function styled(text, i, viewer, verbatim) {
  const mark = text[i];
  const next = text[i + 1];
  if (!boundary(text[i - 1]) || text[i - 1] === mark || next === undefined || /\s/.test(next) || next === mark) return null;
  for (let j = i + 1; j < text.length && text[j] !== "\n"; j += 1) {
    if (text[j] === "<") j = skip(text, j, ">");
    else if (text[j] === "`") j = skip(text, j, "`");
    else if (text[j] === mark && j > i + 1 && !/\s/.test(text[j - 1]) && boundary(text[j + 1]) && text[j + 1] !== mark) {
      return { node: h(STYLES[mark], {}, inline(text.slice(i + 1, j), viewer, verbatim)), end: j + 1 };
    }
  }
  return null;
}

function skip(text, from, to) {
  const end = text.indexOf(to, from + 1);
  return end < 0 ? from : end;
}

/** <url|text>, <@U…>, <#C…>, <!…>: the things that act. */
function token(text, i, viewer) {
  const end = text.indexOf(">", i);
  if (end < 0 || text.slice(i, end).includes("\n")) return null;
  const bar = text.indexOf("|", i);
  const target = text.slice(i + 1, bar > 0 && bar < end ? bar : end);
  const label = bar > 0 && bar < end ? decode(text.slice(bar + 1, end)) : undefined;
  const node = acting(target, label, viewer);
  return node && { node, end: end + 1 };
}

function acting(target, label, viewer) {
  if (/^@[UW]/.test(target)) return userNode(target.slice(1), viewer, label);
  if (/^#[CG]/.test(target)) return channelNode(target.slice(1), viewer, label);
  if (/^!(here|channel|everyone)$/.test(target)) return broadcastNode(target.slice(1));
  if (target.startsWith("!subteam^")) {
    const id = target.slice(9);
    return h("span", { class: "mk-mention" }, label ?? `@${viewer.names[id] ?? id}`);
  }
  if (target.startsWith("!date^")) return date(target, label ?? "", viewer);
  const url = decode(target);
  return safeHref(url) ? linkNode(url, label ?? url.replace(/^mailto:/, "")) : null;
}

function date(target, fallback, viewer) {
  const [, seconds, format = "", link] = target.split("^");
  const text = dateToken(Number(seconds), decode(format), fallback, viewer);
  const node = h("time", { class: "mk-date", datetime: seconds, title: fallback }, text);
  return link && safeHref(link) ? linkNode(link, node) : node;
}
