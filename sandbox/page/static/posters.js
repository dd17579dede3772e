// Shop windows, whose vendor has no API: each screen, and below it what a person would press in the vendor's own panel.
import { act } from "./api.js";
import { fill, h } from "./dom.js";

const cards = new Map();

/** Draws all screens; one that was taken down goes dark. */
export function drawPosters(box, snap) {
  for (const poster of snap.posters) {
    if (!cards.has(poster.id)) {
      cards.set(poster.id, card(poster));
      box.append(cards.get(poster.id).node);
    }
    const { node, screen, panel } = cards.get(poster.id);
    node.classList.toggle("dark", !poster.text);
    fill(screen, poster.text || "Nothing is shown");
    panel.hidden = !poster.text;
  }
}

function card(poster) {
  const screen = h("div", { class: "poster-screen", dir: "auto" });
  const panel = h("button", { type: "button", class: "phone-toggle", "data-testid": `poster-${poster.id}-down`, "aria-label": `Take down ${poster.shop}`, on: { click: () => act("poster", { poster: poster.id }) } }, "Take down");
  const node = h("section", { class: "poster", "data-testid": `poster-${poster.id}`, "aria-label": `The screen at ${poster.shop}` }, screen,
    h("div", { class: "poster-foot" }, h("strong", {}, poster.shop), h("span", { class: "phone-state" }, "Vitrine’s panel:"), panel));
  return { node, screen, panel };
}
