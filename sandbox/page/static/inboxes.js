// Recipients' inboxes: a mail that is really recalled leaves them under the eyes of their owners.
import { shortAge } from "./dates.js";
import { fill, h } from "./dom.js";

const LEAVING_MS = 450;
const cards = new Map();

/** Draws all inboxes. */
export function drawInboxes(box, snap) {
  for (const inbox of snap.mail.inboxes) {
    if (!cards.has(inbox.address)) {
      cards.set(inbox.address, inboxCard(inbox));
      box.append(cards.get(inbox.address).node);
    }
    drawInbox(cards.get(inbox.address), inbox, snap);
  }
}

function inboxCard(inbox) {
  const list = h("ul", { class: "inbox-list" });
  const where = inbox.inside ? "" : h("span", { class: "inbox-outside" }, "outside the organisation");
  const node = h("section", { class: "inbox", "data-testid": `inbox-${inbox.address.split("@")[0]}`, "aria-label": `${inbox.owner}’s inbox` },
    h("header", { class: "inbox-head" }, h("strong", {}, inbox.owner), where), list);
  return { node, list, shown: new Map() };
}

function drawInbox(card, inbox, snap) {
  const wanted = new Map(inbox.mails.map((one) => [one.id, one]));
  for (const [id, node] of card.shown) {
    if (wanted.has(id)) continue;
    card.shown.delete(id);
    node.classList.add("leaving");
    setTimeout(() => node.remove(), LEAVING_MS);
  }
  for (const one of [...inbox.mails].reverse()) {
    if (card.shown.has(one.id)) continue;
    const node = mailRow(one);
    card.shown.set(one.id, node);
    card.list.prepend(node);
  }
  for (const one of inbox.mails) fill(card.shown.get(one.id).querySelector("time"), shortAge(Date.parse(one.at) / 1000, snap.now));
}

function mailRow(one) {
  return h("li", { class: one.read ? "mail read" : "mail" },
    h("div", { class: "mail-head" }, h("span", { class: "mail-from" }, one.from.split("@")[0]), h("time")),
    h("div", { class: "mail-subject", dir: "auto" }, one.subject),
    h("div", { class: "mail-text", dir: "auto" }, one.text));
}
