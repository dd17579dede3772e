// Menus that hang from a button, and the layer on which everything that floats is drawn.
import { h } from "./dom.js";

/** Puts a node below (or above) an anchor, within the window, until it is closed. Returns the closing function. */
export function float(anchor, node, { wide = false, closed = () => {} } = {}) {
  const room = anchor.closest("dialog") ?? document.body;
  room.append(node);
  const place = () => {
    const at = anchor.getBoundingClientRect();
    if (wide) node.style.minWidth = `${at.width}px`;
    const below = window.innerHeight - at.bottom;
    const height = node.offsetHeight;
    const top = below < height + 8 && at.top > below ? Math.max(8, at.top - height - 4) : at.bottom + 4;
    node.style.top = `${top}px`;
    node.style.left = `${Math.max(8, Math.min(at.left, window.innerWidth - node.offsetWidth - 8))}px`;
  };
  place();
  const outside = (event) => {
    if (!node.contains(event.target) && !anchor.contains(event.target)) close();
  };
  const close = () => {
    node.remove();
    document.removeEventListener("pointerdown", outside, true);
    closed();
  };
  document.addEventListener("pointerdown", outside, true);
  return { close, place };
}

/** A menu of {text, hint?, testid?, run}; arrow keys move, Enter runs, Esc closes. */
export function openMenu(anchor, items) {
  const entries = items.map((item) => h("button", {
    type: "button", class: "menu-item", role: "menuitem", "data-testid": item.testid,
    on: {
      click: () => {
        layer.close();
        item.run();
      },
    },
  }, h("span", {}, item.text), item.hint && h("span", { class: "menu-hint" }, item.hint)));
  const menu = h("div", {
    class: "menu", role: "menu",
    on: {
      keydown: (event) => {
        const at = entries.indexOf(document.activeElement);
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (step) entries[(at + step + entries.length) % entries.length].focus();
        else if (event.key === "Escape") layer.close();
        else return;
        event.preventDefault();
        event.stopPropagation();
      },
    },
  }, entries);
  anchor.setAttribute("aria-expanded", "true");
  const layer = float(anchor, menu, {
    closed: () => {
      anchor.removeAttribute("aria-expanded");
      anchor.focus();
    },
  });
  entries[0]?.focus();
}
