// The modal on top of a person's stack of views, and the app's home tab.
import { act } from "./api.js";
import { renderBlocks } from "./blockkit.js";
import { fill, h, icon } from "./dom.js";
import { plainText } from "./mrkdwn.js";
import { surfaceOf, valuesOf } from "./surface.js";

let shown = null;

/** Draws the top view as a dialog, or closes it. Redrawn only when the app has changed it. */
export function drawModal(views, viewer) {
  const view = views.at(-1);
  const print = view ? JSON.stringify([view.id, view.hash, view.errors, views.length]) : "";
  if (print === (shown?.print ?? "")) return;
  const focus = document.activeElement?.id;
  const scroll = shown?.id === view?.id ? shown?.dialog.querySelector(".sheet-body")?.scrollTop : 0;
  shown?.dialog.close();
  shown?.dialog.remove();
  shown = null;
  if (!view) return;
  const dialog = sheet(view, viewer, views.length);
  document.getElementById("modal").append(dialog);
  dialog.showModal();
  dialog.querySelector(".sheet-body").scrollTop = scroll;
  const again = focus && document.getElementById(focus);
  (again || dialog.querySelector(".sheet-body input, .sheet-body textarea, .sheet-body .picker"))?.focus();
  shown = { print, dialog, id: view.id };
}

function sheet(view, viewer, depth) {
  const surface = surfaceOf({ view_id: view.id }, viewer, { initial: view.values, errors: view.errors ?? {} });
  const close = () => act("close", { view_id: view.id });
  const submit = h("button", { type: "button", class: "bk-button primary", "data-testid": "modal-submit" }, plainText(textOf(view.submit)));
  submit.addEventListener("click", async () => {
    submit.disabled = true;
    await act("submit", { view_id: view.id, values: valuesOf(view) });
    submit.disabled = false;
  });
  const title = plainText(textOf(view.title));
  const dialog = h("dialog", { class: "sheet", "data-testid": "modal", "aria-label": title },
    h("header", { class: "sheet-head" }, h("span", { class: "avatar avatar-recall avatar-small", "aria-hidden": "true" }, icon("back", 16)), h("h2", {}, title),
      h("button", { type: "button", class: "tool", "aria-label": depth > 1 ? "Back" : "Close", "data-testid": "modal-x", on: { click: close } }, icon("close", 20))),
    h("div", { class: "sheet-body" }, renderBlocks(view.blocks, surface)),
    h("footer", { class: "sheet-foot" },
      h("button", { type: "button", class: "bk-button", "data-testid": "modal-close", on: { click: close } }, plainText(textOf(view.close)) || "Cancel"),
      view.submit && submit));
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    close();
  });
  return dialog;
}

function textOf(text) {
  return typeof text === "string" ? { type: "plain_text", text } : text;
}

let home = "";

/** Draws the home tab into a box. */
export function drawHome(box, view, viewer) {
  const print = JSON.stringify([view?.id, view?.hash, viewer.me]);
  if (print === home && box.childElementCount) return;
  home = print;
  fill(box, view
    ? h("div", { class: "home", "data-testid": "home" }, renderBlocks(view.blocks, surfaceOf({ view_id: view.id }, viewer, { initial: view.values })))
    : h("div", { class: "home-empty", "data-testid": "home" }, "The app has not published its home tab yet."));
}
