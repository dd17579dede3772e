// The select menu: a button with the choice, and a list to search in, fixed or asked of the app while typing.
import { fill, h, icon } from "./dom.js";
import { float } from "./menu.js";
import { plainText } from "./mrkdwn.js";

const TYPING_PAUSE = 150; // ms without a key before the app is asked

let lists = 0;

/**
 * `chosen`: options; `groups()`: the fixed option groups, or `ask(text)`: a promise of them, from `least` characters on.
 * `pick(option)` (with `multiple`: `pick(options)`) is called on every choice; when it answers false nothing changes.
 */
export function picker({ id, chosen, label, groups, ask, least = 0, multiple = false, most = Infinity, pick }) {
  let current = [...chosen];
  const anchor = h("button", { type: "button", class: "picker", id, "aria-haspopup": "listbox", "data-testid": "picker" });
  const draw = () => {
    const empty = current.length === 0;
    fill(anchor,
      empty ? h("span", { class: "picker-empty" }, label) : current.map((one) => h("span", { class: multiple ? "picker-chip" : "picker-chosen" }, plainText(one.text))),
      icon("down"));
  };
  const take = async (option) => {
    const without = current.filter((one) => one.value !== option.value);
    const next = !multiple ? [option] : without.length < current.length ? without : [...current, option].slice(0, most);
    const before = current;
    current = next;
    draw();
    if ((await pick(multiple ? next : option)) === false) {
      current = before;
      draw();
    }
  };
  draw();
  anchor.addEventListener("click", () => openList(anchor, { label, groups, ask, least, take }));
  return anchor;
}

function openList(anchor, { label, groups, ask, least, take }) {
  lists += 1;
  const listId = `list-${lists}`;
  const list = h("div", { class: "list", role: "listbox", id: listId });
  const search = h("input", {
    class: "list-search", type: "text", role: "combobox", "aria-controls": listId, "aria-expanded": "true", "aria-label": label, autocomplete: "off",
    placeholder: ask ? "Type to search" : "Search", "data-testid": "typeahead",
  });
  const layer = float(anchor, h("div", { class: "listbox" }, search, list), { wide: true });
  const state = { at: 0, options: [], asked: 0 };

  const choose = (option) => {
    layer.close();
    anchor.focus();
    take(option);
  };
  const show = (found) => {
    state.options = found.flatMap((group) => group.options);
    state.at = 0;
    let place = 0;
    fill(list, found.map((group) => [
      group.label && h("div", { class: "list-group" }, plainText(group.label)),
      group.options.map((option) => row(option, `${listId}-${place++}`, choose)),
    ]), state.options.length === 0 && h("div", { class: "list-none", role: "status" }, "No results"));
    mark(list, search, state.at);
    layer.place();
  };
  const say = (sentence) => {
    state.options = [];
    fill(list, h("div", { class: "list-none", role: "status" }, sentence));
  };
  const look = async () => {
    const text = search.value;
    state.asked += 1;
    const mine = state.asked;
    if (!ask) {
      show(filtered(groups(), text));
      return;
    }
    if ([...text].length < least) {
      say(`Type at least ${least} character${least === 1 ? "" : "s"}`);
      return;
    }
    const answer = await ask(text);
    if (mine !== state.asked) return;
    if (answer.ok) show(answer.groups);
    else say(answer.error ?? "The app did not answer with options");
  };
  let pause = 0;
  search.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(look, ask ? TYPING_PAUSE : 0);
  });
  search.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && state.options.length) {
      state.at = (state.at + step + state.options.length) % state.options.length;
      mark(list, search, state.at);
    } else if (event.key === "Enter" && state.options[state.at]) choose(state.options[state.at]);
    else if (event.key === "Escape") {
      layer.close();
      anchor.focus();
    } else if (event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
  });
  search.focus();
  if (ask && least === 0) say("Loading…");
  look();
}

function row(option, id, choose) {
  return h("div", { class: "list-option", role: "option", id, "aria-selected": "false", "data-testid": "option", dir: "auto", on: { click: () => choose(option) } },
    plainText(option.text), option.description && h("span", { class: "list-hint" }, plainText(option.description)));
}

function mark(list, search, at) {
  for (const [place, node] of list.querySelectorAll("[role=option]").entries()) {
    node.setAttribute("aria-selected", String(place === at));
    if (place === at) {
      search.setAttribute("aria-activedescendant", node.id);
      node.scrollIntoView({ block: "nearest" });
    }
  }
}

function filtered(groups, text) {
  const words = text.toLowerCase();
  return groups
    .map((group) => ({ ...group, options: group.options.filter((option) => plainText(option.text).toLowerCase().includes(words)) }))
    .filter((group) => group.options.length);
}
