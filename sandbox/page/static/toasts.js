// Short complaints in the corner, as Slack's client makes them.
import { h } from "./dom.js";

const SHOWN_MS = 8000;

export function toast(text) {
  const layer = document.getElementById("toasts");
  const node = h("div", { class: "toast", "data-testid": "toast" }, text);
  layer.append(node);
  if (layer.matches(":popover-open")) layer.hidePopover();
  layer.showPopover(); // shown anew, so that it stands above a modal
  setTimeout(() => node.remove(), SHOWN_MS);
}

let known = null;

/** Shows the toasts that came since the last snapshot; those from before the page was opened are old news. */
export function freshToasts(toasts) {
  const ids = toasts.map((one) => one.id);
  for (const one of toasts) if (known && !known.has(one.id)) toast(one.text);
  known = new Set(ids);
}

export function forgetToasts() {
  known = null;
}
