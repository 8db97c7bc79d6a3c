// Elements made of data. Text goes in as text nodes only: what a file calls its tensors is never markup.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) {
      node.addEventListener(name.slice(2), value);
    } else {
      node.setAttribute(name, value === true ? "" : String(value));
    }
  }
  for (const child of children.flat()) {
    if (child === undefined || child === null || child === false) continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return node;
}

// element("td", {class: "number"}, "12"); attributes that begin with "on" are listeners.
function element(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

function shape(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

// Control characters, and those that turn the direction of text round, as escapes.
function shown(text) {
  return String(text).replace(
      /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
      (c) => "\\u" + c.codePointAt(0).toString(16).padStart(4, "0"));
}

// The middle goes first where a name is too long.
function shortened(text, most) {
  const characters = [...shown(text)];
  if (characters.length <= most) return characters.join("");
  const half = Math.max(1, Math.floor((most - 1) / 2));
  return characters.slice(0, half).join("") + "…" + characters.slice(-half).join("");
}

const isNumber = (value) => typeof value === "number" && Number.isFinite(value);
const count = (value) => (isNumber(value) ? value.toLocaleString("en-US") : "");
const signed = (value) => (value > 0 ? "+" : value < 0 ? "−" : "") + count(Math.abs(value));
const fixed = (value, digits) => (isNumber(value) ? value.toFixed(digits).replace("-", "−") : "");
const share = (part, whole) => (whole > 0 ? fixed((100 * part) / whole, 1) + "%" : "");

const integer = (value) => String(value).replace("-", "−");

function shortNumber(value) {
  for (const [size, unit] of [[1e12, "T"], [1e9, "B"], [1e6, "M"], [1e3, "k"]]) {
    if (Math.abs(value) >= size) return Number((value / size).toPrecision(4)) + unit;
  }
  return String(Number(value.toPrecision(6))).replace("-", "−");
}

let ids = 0;
const freshId = (stem) => `${stem}-${++ids}`;

// A part of the page with a heading of its own.
function section(title, note, ...children) {
  const id = freshId("heading");
  return element(
      "section", {"aria-labelledby": id}, element("h2", {id}, title),
      note ? element("p", {class: "note"}, note) : null, ...children);
}

// A choice: select("color by", [["group", "group"], …], "group", (value) => …).
function select(label, choices, value, changed) {
  const options =
      choices.map(([key, text]) => element("option", {value: key, selected: key === value}, text));
  return element(
      "label", {class: "control"}, label + " ",
      element("select", {onchange: (event) => changed(event.target.value)}, ...options));
}

function checkbox(label, checked, changed) {
  const box =
      element("input", {type: "checkbox", checked, onchange: (event) => changed(event.target.checked)});
  return element("label", {class: "control"}, box, " " + label);
}

// A box that draw(width) fills anew whenever its width changes.
function responsive(className, draw) {
  const box = element("div", {class: className});
  let width = 0;
  const redraw = () => box.replaceChildren(...[draw(width)].flat());
  new ResizeObserver(() => {
    const now = Math.floor(box.clientWidth);
    if (now === width || now === 0) return;
    width = now;
    redraw();
  }).observe(box);
  box.redraw = () => width > 0 && redraw();
  return box;
}
