// Customers' phones: their lock screens.
import { act } from "./api.js";
import { clockTime, shortAge } from "./dates.js";
import { fill, h } from "./dom.js";

const LEAVING_MS = 450;
const cards = new Map();

/** Draws all phones; a notification that is taken back fades away under the eyes of its reader. */
export function drawPhones(box, snap) {
  for (const phone of snap.phones) {
    if (!cards.has(phone.id)) {
      cards.set(phone.id, phoneCard(phone));
      box.append(cards.get(phone.id).node);
    }
    drawPhone(cards.get(phone.id), phone, snap);
  }
}

function phoneCard(phone) {
  const time = h("div", { class: "phone-time" });
  const date = h("div", { class: "phone-date" });
  const list = h("div", { class: "phone-list" });
  const state = h("span", { class: "phone-state" });
  const toggle = h("button", { type: "button", class: "phone-toggle", "data-testid": `phone-${phone.id}-toggle` });
  const screen = h("div", { class: "phone-screen" }, h("div", { class: "phone-notch" }), time, date, list);
  const node = h("section", { class: "phone", "data-testid": `phone-${phone.id}`, "aria-label": `${phone.owner}’s phone` }, screen,
    h("div", { class: "phone-foot" }, h("strong", {}, phone.owner), state, toggle));
  const card = { node, time, date, list, state, toggle, screen, shown: new Map(), online: phone.online };
  toggle.addEventListener("click", () => act("phone", { phone: phone.id, online: !card.online }));
  return card;
}

function drawPhone(card, phone, snap) {
  const tz = snap.me.tz;
  const now = new Date(snap.now * 1000);
  card.online = phone.online;
  card.node.classList.toggle("offline", !phone.online);
  fill(card.time, clockTime(snap.now, tz).replace(/ [AP]M$/, ""));
  fill(card.date, new Intl.DateTimeFormat("en-US", { timeZone: tz, weekday: "long", month: "long", day: "numeric" }).format(now));
  fill(card.state, phone.online ? "online" : "offline");
  fill(card.toggle, phone.online ? "Go offline" : "Go online");
  card.toggle.setAttribute("aria-label", `${phone.online ? "Take" : "Bring"} ${phone.owner}’s phone ${phone.online ? "offline" : "online"}`);
  const wanted = new Map(phone.notifications.map((one) => [one.campaign, one]));
  for (const [campaign, node] of card.shown) {
    if (wanted.has(campaign)) continue;
    card.shown.delete(campaign);
    node.classList.add("leaving");
    setTimeout(() => node.remove(), LEAVING_MS);
  }
  for (const one of [...phone.notifications].reverse()) {
    if (card.shown.has(one.campaign)) continue;
    const node = notification(one);
    card.shown.set(one.campaign, node);
    card.list.prepend(node);
  }
  for (const one of phone.notifications) fill(card.shown.get(one.campaign).querySelector("time"), shortAge(Date.parse(one.at) / 1000, snap.now));
}

function notification(one) {
  return h("div", { class: "push", "data-testid": `notification-${one.campaign}` },
    h("div", { class: "push-head" }, h("span", { class: "push-app" }, "🌿"), h("span", { class: "push-name" }, one.app), h("time")),
    h("div", { class: "push-text", dir: "auto" }, one.text),
    one.image && h("img", { class: "push-image", src: one.image, alt: "" }));
}
