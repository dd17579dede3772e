// The drawer in which trouble is made: for each vendor, for Slack, and for the bot itself; in words what is in store.
import { act } from "./api.js";
import { fill, h } from "./dom.js";

let drawn = "";
let here = null;

/** Draws the drawer: one group's buttons at a time, and below them how everything stands. */
export function drawTrouble(box, snap) {
  const print = JSON.stringify([snap.trouble, snap.vendors, snap.health, here]);
  if (print === drawn) return;
  drawn = print;
  const groups = Map.groupBy(snap.trouble, (one) => one.group);
  const ill = new Set(snap.vendors.filter((one) => !one.up || one.coming.length).map((one) => one.group));
  here = groups.has(here) ? here : [...groups.keys()][0];
  const tab = (group) => h("button", {
    type: "button", class: `trouble-tab${group === here ? " here" : ""}${ill.has(group) ? " ill" : ""}`, "aria-pressed": String(group === here), "data-testid": `trouble-of-${group}`,
    on: {
      click: () => {
        here = group;
        drawTrouble(box, snap);
        box.scrollIntoView({ block: "nearest" });
      },
    },
  }, group);
  const row = (one) => h("div", { class: "trouble-row" },
    h("button", { type: "button", class: "trouble-button", "data-testid": `trouble-${one.name}`, "aria-describedby": `why-${one.name}`, on: { click: () => act("trouble", { name: one.name }) } }, one.label),
    h("span", { class: "trouble-hint", id: `why-${one.name}` }, one.hint));
  fill(box,
    h("div", { class: "trouble-tabs" }, [...groups.keys()].map(tab)),
    h("div", { class: "trouble-rows" }, groups.get(here).map(row)),
    h("ul", { class: "trouble-state", "data-testid": "trouble-state" }, stateWords(snap).map((words) => h("li", {}, words))));
}

function stateWords({ vendors, health }) {
  const of = (one) => `${one.group} is ${one.up ? "up" : "down"}${one.coming.length ? `; next: ${one.coming.join(", ")}` : ""}.`;
  const told = vendors.filter((one) => !one.up || one.coming.length).map(of);
  if (!health.connected) told.unshift("Recall is not connected.");
  return told.length ? told : ["Everything is well."];
}
