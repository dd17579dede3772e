// The confirmation dialog that an element may ask for before it acts.
import { h } from "./dom.js";
import { plainText, textObject } from "./mrkdwn.js";

/** Resolves to whether the person confirmed. */
export function confirmDialog(confirm, viewer) {
  return new Promise((resolve) => {
    const done = (yes) => {
      dialog.close();
      dialog.remove();
      resolve(yes);
    };
    const dialog = h("dialog", { class: "sheet sheet-small", role: "alertdialog", "aria-labelledby": "confirm-title", "data-testid": "confirm-dialog" },
      h("header", { class: "sheet-head" }, h("h2", { id: "confirm-title" }, plainText(confirm.title))),
      h("div", { class: "sheet-body" }, textObject(confirm.text, viewer)),
      h("footer", { class: "sheet-foot" },
        h("button", { type: "button", class: "bk-button", "data-testid": "confirm-deny", on: { click: () => done(false) } }, plainText(confirm.deny) || "Cancel"),
        h("button", { type: "button", class: `bk-button ${confirm.style ?? "primary"}`, "data-testid": "confirm-yes", on: { click: () => done(true) } }, plainText(confirm.confirm) || "Yes")));
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      done(false);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
