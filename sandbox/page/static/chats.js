// Visitors' chat windows: each shows a message until it is really taken back; one that is offline keeps it until it is back.
import { act } from "./api.js";
import { shortAge } from "./dates.js";
import { fill, h } from "./dom.js";

const cards = new Map();

/** Draws all windows, each with a line below it in which an agent of the shop writes. */
export function drawChats(box, snap) {
  for (const chat of snap.chats.windows) {
    if (!cards.has(chat.id)) {
      cards.set(chat.id, card(chat, snap.chats.agents));
      box.append(cards.get(chat.id).node);
    }
    drawChat(cards.get(chat.id), chat, snap);
  }
}

function card(chat, agents) {
  const lines = h("div", { class: "chat-lines", tabindex: "0", "aria-label": `${chat.owner}’s messages` });
  const state = h("span", { class: "phone-state" });
  const toggle = h("button", { type: "button", class: "phone-toggle", "data-testid": `chat-${chat.id}-toggle` });
  const agent = h("select", { "aria-label": "Agent" }, agents.map((one) => h("option", { value: one.id }, one.name)));
  const text = h("input", { type: "text", maxlength: "500", placeholder: `Write to ${chat.owner}…`, "aria-label": `Write to ${chat.owner}`, "data-testid": `chat-${chat.id}-text` });
  const form = h("form", { class: "chat-form" }, agent, text, h("button", { type: "submit", class: "phone-toggle" }, "Send"));
  const known = { online: chat.online, print: "", lines, state, toggle };
  toggle.addEventListener("click", () => act("visitor", { window: chat.id, online: !known.online }));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!text.value.trim()) return;
    act("chat", { window: chat.id, agent: Number(agent.value), text: text.value });
    text.value = "";
  });
  known.node = h("section", { class: "chat", "data-testid": `chat-${chat.id}`, "aria-label": `${chat.owner}’s chat window` },
    h("div", { class: "chat-head" }, h("strong", {}, chat.owner), h("span", { class: "chat-channel" }, chat.channel), state, toggle), lines, form);
  return known;
}

function drawChat(known, chat, snap) {
  known.online = chat.online;
  known.node.classList.toggle("offline", !chat.online);
  fill(known.state, chat.online ? "online" : "offline");
  fill(known.toggle, chat.online ? "Go offline" : "Go online");
  known.toggle.setAttribute("aria-label", `${chat.online ? "Take" : "Bring"} ${chat.owner} ${chat.online ? "offline" : "online"}`);
  const print = JSON.stringify(chat.lines);
  if (print !== known.print) {
    known.print = print;
    fill(known.lines, chat.lines.map((one) => line(one)));
    known.lines.scrollTop = known.lines.scrollHeight;
  }
  chat.lines.forEach((one, place) => fill(known.lines.children[place].querySelector("time"), shortAge(Date.parse(one.at) / 1000, snap.now)));
}

function line(one) {
  return h("div", { class: `chat-line${one.from_shop ? " shop" : ""}${one.deleted ? " gone" : ""}`, "data-testid": `chat-message-${one.message}` },
    h("div", { class: "chat-said", dir: "auto" }, one.text), h("div", { class: "chat-by" }, one.author, " ", h("time")));
}
