// Building the page out of nodes only: foreign text never passes through an HTML parser.

/**
 * Makes one element. `props`: `class`, `on` ({event: listener}), `style`, any other name is set as an attribute;
 * null, undefined and false leave the attribute away. Children: nodes, texts, arrays of them; null is left away.
 */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  dress(node, props);
  append(node, children);
  return node;
}

/** The same for SVG. */
export function svg(tag, props = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  dress(node, props);
  append(node, children);
  return node;
}

function dress(node, props) {
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    } else if (name === "value") node.value = value;
    else node.setAttribute(name === "class" ? "class" : name, value === true ? "" : String(value));
  }
}

function append(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) node.append(child);
  }
}

/** Replaces what is in a node. */
export function fill(node, ...children) {
  node.replaceChildren();
  append(node, children);
}

/** Makes a node hold exactly these children, moving none that is in its place: focus and selection in them survive. */
export function arrange(node, children) {
  const wanted = new Set(children);
  for (const child of [...node.childNodes]) if (!wanted.has(child)) child.remove();
  let at = node.firstChild;
  for (const child of children) {
    if (child === at) at = at.nextSibling;
    else node.insertBefore(child, at);
  }
}

const PATHS = {
  more: "M5 10a1.5 1.5 0 1 1-3 0 1.5 1.5 0 0 1 3 0m6.5 0a1.5 1.5 0 1 1-3 0 1.5 1.5 0 0 1 3 0m6.5 0a1.5 1.5 0 1 1-3 0 1.5 1.5 0 0 1 3 0",
  thread: "M3 3.5h14a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H9l-4 3.5v-3.5H3a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1m.5 1.5v8h3v1.8L8.5 13h8V5z",
  close: "m5.3 4.2 4.7 4.7 4.7-4.7 1.1 1.1-4.7 4.7 4.7 4.7-1.1 1.1-4.7-4.7-4.7 4.7-1.1-1.1L8.9 10 4.2 5.3z",
  send: "M2.5 3.200 18 10 2.500 16.800 4.300 11 12 10 4.300 9z",
  eye: "M10 4.500c4 0 7 3.300 8 5.500-1 2.200-4 5.500-8 5.500S3 12.200 2 10c1-2.200 4-5.500 8-5.500m0 1.500C7 6 4.700 8.300 3.700 10 4.700 11.700 7 14 10 14s5.300-2.300 6.300-4C15.300 8.300 13 6 10 6m0 1.500a2.500 2.500 0 1 1 0 5 2.500 2.500 0 0 1 0-5",
  lock: "M6 8V6a4 4 0 1 1 8 0v2h1a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V9a1 1 0 0 1 1-1zm1.500 0h5V6a2.500 2.500 0 0 0-5 0zM5.500 9.500v6h9v-6z",
  down: "m5 7.500 5 5 5-5-1-1-4 4-4-4z",
  back: "M8.500 4 3 9.500 8.500 15V11.500c4 0 6.500 1.200 8.500 4-.6-4.500-3-8-8.500-8.500z",
};

/** A small drawing; decorative, so the button around it carries the label. */
export function icon(name, size = 16) {
  return svg("svg", { viewBox: "0 0 20 20", width: size, height: size, "aria-hidden": "true", class: "icon" },
    svg("path", { d: PATHS[name], fill: "currentColor", "fill-rule": "evenodd" }));
}
