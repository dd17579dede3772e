// The box in which people type: posts, and slash commands.
import { act } from "./api.js";
import { fill, h, icon } from "./dom.js";
import { openMenu } from "./menu.js";

/** A composer for a channel, or for a thread of it. `world()` gives {snap, channel, thread} at the time of sending. */
export function composer(world, { thread = false } = {}) {
  const hint = h("div", { class: "slash-hint", hidden: true });
  const box = h("textarea", { rows: 1, class: "composer-text", "data-testid": thread ? "thread-composer" : "composer", dir: "auto", "aria-label": thread ? "Reply" : "Message" });
  const grow = () => {
    box.style.height = "auto";
    box.style.height = `${Math.min(box.scrollHeight, 160)}px`;
  };
  const send = () => {
    const text = box.value;
    if (!text.trim()) return;
    box.value = "";
    changed();
    act("types", { channel: world().channel.id, text, thread_ts: thread ? world().thread : null });
  };
  const changed = () => {
    grow();
    const commands = (world().snap?.commands ?? []).map((one) => (typeof one === "string" ? { command: one } : one));
    const typed = box.value.split(" ")[0];
    const fitting = box.value.startsWith("/") && !box.value.includes("\n") ? commands.filter((one) => one.command.startsWith(typed)) : [];
    hint.hidden = fitting.length === 0;
    fill(hint, fitting.map((one) => h("button", {
      type: "button", class: "slash-row",
      on: {
        click: () => {
          box.value = `${one.command} `;
          changed();
          box.focus();
        },
      },
    }, h("strong", {}, one.command), one.usage_hint && h("span", { class: "slash-usage" }, one.usage_hint), h("span", { class: "menu-hint" }, one.description ?? "Recall"))));
  };
  box.addEventListener("input", changed);
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send();
  });
  const shortcuts = h("button", { type: "button", class: "composer-shortcuts", "aria-label": "Shortcuts", "aria-haspopup": "menu", "data-testid": thread ? null : "shortcuts" }, "+");
  shortcuts.addEventListener("click", () => openMenu(shortcuts, (world().snap?.shortcuts ?? []).filter((one) => one.type === "global").map((one) => ({
    text: one.name, hint: "Recall app", testid: `shortcut-${one.name}`, run: () => act("global", { callback_id: one.callback_id }),
  }))));
  const node = h("div", { class: "composer" }, hint, h("div", { class: "composer-box" }, box,
    h("div", { class: "composer-row" }, thread ? h("span") : shortcuts,
      h("button", { type: "button", class: "composer-send", "aria-label": "Send", "data-testid": thread ? "thread-send" : "send", on: { click: send } }, icon("send", 18)))));
  return {
    node,
    /** What the empty box says. */
    label: (text) => {
      box.placeholder = text;
    },
  };
}
