// The list of conversations, and the line on top with the person that one plays.
import { fill, h, icon } from "./dom.js";

let printed = "";

/** `state`: {channel, unread: Set of channel ids}; `go(id)` opens a conversation. */
export function drawSidebar(box, snap, state, go) {
  const print = JSON.stringify([snap.channels, state.channel, [...state.unread], snap.me.id]);
  if (print === printed) return;
  printed = print;
  const bot = (one) => snap.people.find((person) => person.id === one.partner)?.is_bot;
  const link = (one, ...label) => h("button", {
    type: "button", class: `channel-link${one.id === state.channel ? " here" : ""}${state.unread.has(one.id) ? " unread" : ""}`,
    "data-testid": `channel-${one.id}`, "aria-current": one.id === state.channel ? "page" : null, on: { click: () => go(one.id) },
  }, label);
  const channels = snap.channels.filter((one) => one.kind !== "im");
  const direct = snap.channels.filter((one) => one.kind === "im");
  fill(box,
    h("h2", { class: "side-head" }, "Channels"),
    channels.map((one) => link(one, h("span", { class: "side-mark" }, one.kind === "private" ? icon("lock", 13) : "#"), one.name, one.shared_outside && h("span", { class: "side-note", title: "Shared with another organisation" }, "shared"))),
    h("h2", { class: "side-head" }, "Direct messages"),
    direct.filter((one) => !bot(one)).map((one) => link(one, h("span", { class: "side-mark" }, "●"), nameOf(snap, one))),
    h("h2", { class: "side-head" }, "Apps"),
    direct.filter(bot).map((one) => link(one, h("span", { class: "side-mark" }, icon("back", 14)), nameOf(snap, one))));
}

/** A conversation's name as its heading shows it. */
export function nameOf(snap, channel) {
  if (channel.kind !== "im") return channel.name;
  const person = snap.people.find((one) => one.id === channel.partner);
  return person?.real_name || person?.name || channel.name || "Direct message";
}

let topPrint = "";

/** The top line: whose screen this is, and whether the bot is there. */
export function drawTop(box, snap, become) {
  const print = JSON.stringify([snap.me.id, snap.people.length, snap.health]);
  if (print === topPrint) return;
  topPrint = print;
  const choice = h("select", { "data-testid": "act-as", "aria-label": "Act as", on: { change: () => become(choice.value) } },
    snap.people.filter((one) => !one.is_bot && !one.deleted).map((one) => h("option", { value: one.id, selected: one.id === snap.me.id },
      [one.real_name || one.name, one.title].filter(Boolean).join(", "))));
  const there = snap.health.connected;
  fill(box,
    h("strong", { class: "brand" }, "Practice world"),
    h("label", { class: "act-as" }, h("span", {}, "You are"), choice),
    h("button", { type: "button", class: "to-customers", "data-testid": "to-customers", "aria-pressed": "false", on: { click: (event) => event.target.setAttribute("aria-pressed", String(document.body.classList.toggle("at-customers"))) } }, "Customers"),
    h("span", { class: `health ${there ? "well" : "ill"}`, "data-testid": "health" }, there ? "Recall is connected" : "Recall is not connected"));
}
