// The page: one person's Slack on the left, the customers on the right, redrawn from snapshots.
import { act, watch } from "./api.js";
import { drawChats } from "./chats.js";
import { composer } from "./composer.js";
import { fill, h, icon } from "./dom.js";
import { drawMessages, forgetDrawn } from "./messages.js";
import { drawHome, drawModal } from "./modal.js";
import { drawInboxes } from "./inboxes.js";
import { drawPhones } from "./phones.js";
import { drawPosters } from "./posters.js";
import { drawSidebar, drawTop, nameOf } from "./sidebar.js";
import { forgetFilled } from "./surface.js";
import { forgetToasts, freshToasts } from "./toasts.js";
import { drawTrouble } from "./trouble.js";

const find = (id) => document.getElementById(id);
const asked = new URLSearchParams(location.search);
const state = {
  snap: null, me: asked.get("as") ?? "U0ANN", channel: asked.get("channel") ?? "C0CAMPAIGNS", thread: asked.get("thread"),
  home: false, unread: new Set(), seen: new Map(), stop: () => {},
};

const lines = {
  channelHead: h("header", { class: "channel-head" }), messages: h("section", { class: "messages", "aria-label": "Messages", tabindex: "0" }),
  box: composer(() => ({ snap: state.snap, channel: { id: state.channel } })),
  home: h("section", { class: "messages home-box", "aria-label": "Home tab", hidden: true }), lost: h("div", { class: "lost", role: "alert", hidden: true }, "Reconnecting to the practice world…"),
  threadHead: h("header", { class: "channel-head" }), replies: h("section", { class: "messages", "data-testid": "thread", "aria-label": "Thread messages", tabindex: "0" }),
  threadBox: composer(() => ({ snap: state.snap, channel: { id: state.channel }, thread: state.thread }), { thread: true }),
  phones: h("div", { class: "phones", role: "tabpanel", "data-testid": "phones" }), chats: h("div", { class: "chats", role: "tabpanel", "data-testid": "chats", hidden: true }),
  inboxes: h("div", { class: "inboxes", role: "tabpanel", "data-testid": "inboxes", hidden: true }),
  windows: h("div", { class: "posters", role: "tabpanel", "data-testid": "windows", hidden: true }),
  customerTabs: h("div", { class: "tabs customer-tabs", role: "tablist" }), trouble: h("div", { class: "trouble-body" }),
};
lines.threadBox.label("Reply…");
find("channel").append(lines.lost, lines.channelHead, lines.messages, lines.home, lines.box.node);
find("thread").append(lines.threadHead, lines.replies, lines.threadBox.node);
find("customers").append(h("h2", { class: "customers-head" }, "What customers see"), lines.customerTabs, lines.phones, lines.chats, lines.inboxes, lines.windows,
  h("details", { class: "trouble", "data-testid": "trouble", on: { toggle: (event) => event.target.open && event.target.scrollIntoView({ block: "nearest" }) } }, h("summary", {}, "Make trouble"), lines.trouble));

const customers = { phones: "Phones", chats: "Chats", inboxes: "Inboxes", windows: "Windows" };
for (const [panel, label] of Object.entries(customers)) {
  lines.customerTabs.append(h("button", { type: "button", class: "tab", role: "tab", "data-testid": `customers-${panel}`, on: { click: () => showCustomers(panel) } }, label));
}
showCustomers(asked.get("customers") in customers ? asked.get("customers") : "phones");

function showCustomers(shown) {
  Object.keys(customers).forEach((panel, place) => {
    lines[panel].hidden = panel !== shown;
    lines.customerTabs.children[place].classList.toggle("here", panel === shown);
    lines.customerTabs.children[place].setAttribute("aria-selected", String(panel === shown));
  });
}

function become(person) {
  state.stop();
  Object.assign(state, { me: person, snap: null, thread: null, home: false, unread: new Set(), seen: new Map() });
  forgetDrawn();
  forgetFilled();
  forgetToasts();
  remember();
  state.stop = watch(person, {
    seen: (snap) => {
      lines.lost.hidden = true;
      state.snap = snap;
      draw();
    },
    lost: () => {
      lines.lost.hidden = false;
    },
  });
}

function go(channel) {
  Object.assign(state, { channel, thread: null, home: false });
  state.unread.delete(channel);
  remember();
  draw();
}

function openThread(ts) {
  state.thread = ts;
  remember();
  draw();
}

/** Keeps the place in the address, so that a reload comes back to it. */
function remember() {
  const place = new URLSearchParams({ as: state.me, channel: state.channel });
  if (state.thread) place.set("thread", state.thread);
  history.replaceState(null, "", `?${place}`);
}

function draw() {
  const { snap } = state;
  if (!snap) return;
  const channel = snap.channels.find((one) => one.id === state.channel) ?? snap.channels[0];
  state.channel = channel.id;
  const world = { snap, viewer: viewerOf(snap), channel, openThread };
  noteUnread(snap);
  drawTop(find("top"), snap, become);
  drawSidebar(find("sidebar"), snap, state, go);
  drawChannel(world);
  drawThread(world);
  drawModal(snap.views, world.viewer);
  drawPhones(lines.phones, snap);
  drawChats(lines.chats, snap);
  drawInboxes(lines.inboxes, snap);
  drawPosters(lines.windows, snap);
  drawTrouble(lines.trouble, snap);
  freshToasts(snap.toasts);
}

function viewerOf(snap) {
  const names = Object.fromEntries([...snap.people.map((one) => [one.id, one.real_name || one.name]), ...snap.channels.map((one) => [one.id, one.name]), ...snap.groups.map((one) => [one.id, one.handle])]);
  return {
    me: snap.me.id, tz: snap.me.tz || "UTC", now: snap.now, names,
    people: snap.people.filter((one) => !one.deleted).map((one) => ({ id: one.id, name: one.real_name || one.name })),
    channels: snap.channels.filter((one) => one.kind !== "im"),
  };
}

function noteUnread(snap) {
  for (const channel of snap.channels) {
    const count = (snap.messages[channel.id] ?? []).length;
    if (state.seen.has(channel.id) && count > state.seen.get(channel.id) && channel.id !== state.channel) state.unread.add(channel.id);
    state.seen.set(channel.id, count);
  }
}

function drawChannel(world) {
  const { snap, channel } = world;
  const isApp = snap.people.find((one) => one.id === channel.partner)?.is_bot ?? false;
  const name = nameOf(snap, channel);
  const mark = channel.kind === "im" ? "" : channel.kind === "private" ? icon("lock", 16) : "# ";
  const tab = (label, home) => h("button", {
    type: "button", class: `tab${state.home === home ? " here" : ""}`, role: "tab", "aria-selected": String(state.home === home), "data-testid": `tab-${label.toLowerCase()}`,
    on: {
      click: () => {
        state.home = home;
        if (home) act("home");
        draw();
      },
    },
  }, label);
  const print = JSON.stringify([channel, state.home]);
  if (lines.channelHead.dataset.print !== print) {
    lines.channelHead.dataset.print = print;
    fill(lines.channelHead, h("h1", {}, mark, name),
      channel.kind !== "im" && !channel.bot_member && h("span", { class: "channel-note" }, "Recall is not in this channel"),
      channel.shared_outside && h("span", { class: "channel-note" }, "Shared with another organisation"),
      isApp && h("div", { class: "tabs", role: "tablist" }, tab("Home", true), tab("Messages", false)));
  }
  const home = isApp && state.home;
  lines.home.hidden = !home;
  lines.messages.hidden = home;
  lines.box.node.hidden = home;
  if (home) drawHome(lines.home, snap.home, world.viewer);
  lines.box.label(`Message ${channel.kind === "im" ? name : `#${name}`}`);
  const here = (snap.messages[channel.id] ?? []).filter((one) => !one.thread_ts || one.thread_ts === one.ts || one.broadcast);
  drawMessages(lines.messages, inOrder(here), world);
}

function drawThread(world) {
  const { snap, channel } = world;
  const open = Boolean(state.thread);
  find("thread").hidden = !open;
  document.body.classList.toggle("with-thread", open);
  if (!open) return;
  const name = channel.kind === "im" ? nameOf(snap, channel) : `# ${channel.name}`;
  if (lines.threadHead.dataset.of !== name) fill(lines.threadHead, h("h1", {}, "Thread"), h("span", { class: "channel-note" }, name),
    h("button", { type: "button", class: "tool thread-close", "aria-label": "Close thread", "data-testid": "thread-close", on: { click: () => openThread(null) } }, icon("close", 20)));
  lines.threadHead.dataset.of = name;
  const inside = (snap.messages[channel.id] ?? []).filter((one) => one.ts === state.thread || one.thread_ts === state.thread);
  drawMessages(lines.replies, inOrder(inside), world, { inThread: true });
}

function inOrder(messages) {
  return [...messages].sort((a, b) => Number(a.ts) - Number(b.ts));
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && state.thread && !document.querySelector("dialog[open]")) openThread(null);
});

become(state.me);
