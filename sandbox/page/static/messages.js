// Messages: their look, their menu, and lists of them that are redrawn only where something changed.
import { act } from "./api.js";
import { renderBlocks } from "./blockkit.js";
import { clockTime, dayDivider } from "./dates.js";
import { arrange, h, icon } from "./dom.js";
import { openMenu } from "./menu.js";
import { mrkdwn } from "./mrkdwn.js";
import { surfaceOf } from "./surface.js";

const TOGETHER_SECONDS = 300; // posts of one author within this time share one head
const COLOURS = ["#2f7d6d", "#8a4fb0", "#b5562b", "#2d6cb3", "#a33b62", "#5f7a1f"];
const drawn = new Map();

/** Draws messages into a box, oldest first. `world`: {snap, viewer, channel, openThread}; `inThread` leaves out the summaries. */
export function drawMessages(box, messages, world, { inThread = false } = {}) {
  keepAtEnd(box);
  const nodes = [];
  let before = null;
  for (const message of messages) {
    const seconds = Number(message.ts);
    const day = dayDivider(seconds, world.viewer);
    if (!inThread && (!before || dayDivider(Number(before.ts), world.viewer) !== day)) {
      nodes.push(divider(world, "day", day));
      before = null;
    }
    const together = before && author(before) === author(message) && !message.ephemeral && !before.ephemeral
      && seconds - Number(before.ts) < TOGETHER_SECONDS && !message.broadcast;
    nodes.push(remembered(message, world, { inThread, together }));
    before = message;
    if (inThread && nodes.length === 1) {
      before = null;
      const count = messages.length - 1;
      if (count) nodes.push(divider(world, "day day-replies", `${count} ${count === 1 ? "reply" : "replies"}`));
    }
  }
  arrange(box, nodes);
  const of = world.channel.id + (inThread ? messages[0]?.ts : "");
  if (box.dataset.of !== of) box.dataset.end = "yes";
  box.dataset.of = of;
  toEnd(box);
}

/** Stays at the newest message until the reader scrolls up. What grows, or a pane that opens beside it, is no scrolling. */
function keepAtEnd(box) {
  if (box.dataset.end) return;
  box.dataset.end = "yes";
  let before = 0;
  box.addEventListener("scroll", () => {
    const near = box.scrollHeight - box.scrollTop - box.clientHeight < 60;
    if (near) box.dataset.end = "yes";
    else if (box.scrollTop < before) box.dataset.end = "no";
    before = box.scrollTop;
  });
  box.addEventListener("load", () => toEnd(box), true);
  new ResizeObserver(() => toEnd(box)).observe(box);
}

function toEnd(box) {
  if (box.dataset.end === "yes") box.scrollTop = box.scrollHeight;
}

export function forgetDrawn() {
  drawn.clear();
}

function divider(world, cssClass, text) {
  const id = `${world.channel.id}/${cssClass}/${text}`;
  if (!drawn.has(id)) drawn.set(id, { node: h("div", { class: cssClass }, h("span", {}, text)) });
  return drawn.get(id).node;
}

function author(message) {
  return `${message.user ?? ""}/${message.username ?? ""}/${message.bot ?? ""}`;
}

/** The node of a message, made anew only when what it shows has changed: a menu or a half-typed answer in it survives. */
function remembered(message, world, options) {
  const id = `${world.channel.id}/${message.ts}/${options.inThread}`;
  const print = JSON.stringify([message, options, world.viewer.me]);
  const known = drawn.get(id);
  if (known?.print === print) return known.node;
  const node = messageNode(message, world, options);
  drawn.set(id, { print, node });
  return node;
}

function messageNode(message, world, { inThread, together }) {
  const { viewer, snap } = world;
  const time = clockTime(Number(message.ts), viewer.tz);
  const who = snap.people.find((one) => one.id === message.user);
  const isBot = Boolean(message.bot || who?.is_bot);
  const name = message.username || who?.real_name || who?.name || "App";
  return h("article", { class: `message${together ? " together" : ""}${message.ephemeral ? " ephemeral" : ""}`, "data-testid": `message-${message.ts}`, "aria-label": `${name}, ${time}` },
    message.ephemeral && h("div", { class: "only-you" }, icon("eye", 14), "Only visible to you"),
    message.broadcast && !inThread && h("div", { class: "only-you" }, icon("thread", 14), "replied to a thread"),
    together ? h("span", { class: "gutter-time" }, time.replace(/ [AP]M$/, "")) : avatar(message, name, isBot),
    h("div", { class: "message-main" },
      !together && h("div", { class: "message-head" }, h("span", { class: "author", dir: "auto" }, name), isBot && h("span", { class: "badge" }, "APP"), h("time", { class: "when" }, time)),
      body(message, world),
      !inThread && message.reply_count > 0 && replies(message, world)),
    !message.ephemeral && !message.deleted && toolbar(message, world, inThread));
}

function avatar(message, name, isBot) {
  if (message.user === "U0RECALL") return h("span", { class: "avatar avatar-recall", "aria-hidden": "true" }, icon("back", 22));
  const sum = [...author(message)].reduce((total, char) => total + char.charCodeAt(0), 0);
  const initials = name.split(/\s+/).map((word) => [...word][0]).slice(0, 2).join("").toUpperCase();
  return h("span", { class: `avatar${isBot ? " avatar-bot" : ""}`, style: `background:${COLOURS[sum % COLOURS.length]}`, "aria-hidden": "true" }, initials);
}

function body(message, world) {
  if (message.deleted) return h("p", { class: "gone" }, "This message was deleted.");
  const surface = surfaceOf({ message: [world.channel.id, message.ts] }, world.viewer, { initial: message.values });
  const edited = message.edited && h("span", { class: "edited" }, " (edited)");
  return [
    message.blocks?.length ? renderBlocks(message.blocks, surface) : message.text && h("div", { class: "message-text", dir: "auto" }, mrkdwn(message.text, world.viewer), edited),
    (message.attachments ?? []).map((one) => attachment(one, surface)),
  ];
}

function attachment(one, surface) {
  const colour = /^#?[0-9a-f]{6}$/i.test(one.color ?? "") ? `#${one.color.replace("#", "")}` : "#dddddd";
  return h("div", { class: "attachment", style: `border-left-color:${colour}` },
    one.pretext && h("div", { dir: "auto" }, mrkdwn(one.pretext, surface.viewer)),
    one.title && h("div", { class: "attachment-title", dir: "auto" }, one.title),
    one.text && h("div", { dir: "auto" }, mrkdwn(one.text, surface.viewer)),
    one.blocks && renderBlocks(one.blocks, surface),
    one.image_url && h("img", { class: "bk-picture", src: one.image_url, alt: one.fallback ?? "" }),
    !one.pretext && !one.title && !one.text && !one.blocks && one.fallback);
}

function replies(message, world) {
  return h("button", { type: "button", class: "replies", "data-testid": "replies", on: { click: () => world.openThread(message.ts) } },
    `${message.reply_count} ${message.reply_count === 1 ? "reply" : "replies"}`, h("span", { class: "replies-hint" }, "View thread"));
}

function toolbar(message, world, inThread) {
  const shortcuts = world.snap.shortcuts.filter((one) => one.type === "message");
  const more = h("button", { type: "button", class: "tool", "aria-label": "More actions", "aria-haspopup": "menu", "data-testid": "message-menu" }, icon("more", 18));
  more.addEventListener("click", () => openMenu(more, [
    ...shortcuts.map((one) => ({ text: one.name, hint: "Recall app", testid: `shortcut-${one.name}`, run: () => act("shortcut", { callback_id: one.callback_id, channel: world.channel.id, ts: message.ts }) })),
    ...(inThread ? [] : [{ text: "Reply in thread", testid: "menu-reply", run: () => world.openThread(message.thread_ts ?? message.ts) }]),
  ]));
  return h("div", { class: "toolbar" },
    !inThread && h("button", { type: "button", class: "tool", "aria-label": "Reply in thread", "data-testid": "reply-in-thread", on: { click: () => world.openThread(message.thread_ts ?? message.ts) } }, icon("thread", 18)), more);
}
