// What the widgets share: SVG elements, grids of cells, sliders, and how pointer and arrow keys choose
// an output. `labkit.widgets.showing` puts this file in front of each widget's own script.
// Whatever takes arrow keys carries data-lm-suppress-shortcuts, or JupyterLab would move to another cell.

export const CELL = 36;
export const SMALL = 21;

export function element(name, attributes = {}, parent = null, text = null) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== null) node.textContent = text;
  if (parent) parent.append(node);
  return node;
}

// Black or white, whichever can be read on `color` (#rrggbb).
export function ink(color) {
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16) / 255);
  return 0.299 * r + 0.587 * g + 0.114 * b < 0.5 ? "#fff" : "#000";
}

export function number(value) {
  return (Math.round(value * 100) / 100).toString().replace("-", "−");
}

// A number as a factor or summand: negative ones in parentheses.
export function term(value) {
  return value < 0 ? `(${number(value)})` : number(value);
}

// A function from a value to a gray: white for the smallest of `values`, darker for larger ones.
export function shades(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return (value) => {
    const level = Math.round(255 * (1 - (0.45 * (value - low)) / (high - low || 1))).toString(16);
    return `#${level}${level}${level}`;
  };
}

export function title(svg, x, y, text) {
  element("text", { x, y, "font-size": 13, fill: "#222" }, svg, text);
}

// A small array as a grid of cells; returns the group. `face` gives each cell's color and text.
export function grid(parent, x, y, rows, columns, size, face) {
  const group = element("g", { transform: `translate(${x},${y})` }, parent);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) {
      const { color = "#ffffff", text = "" } = face(r, c);
      element("rect", { x: c * size, y: r * size, width: size, height: size, fill: color, stroke: "#c8c8c8",
        "data-cell": `${r},${c}` }, group);
      if (text !== "")
        element("text", { x: (c + 0.5) * size, y: (r + 0.5) * size, "text-anchor": "middle",
          "dominant-baseline": "central", "font-size": size > 30 ? 13 : text.length > 3 ? 7 : 10, fill: ink(color),
          "pointer-events": "none" }, group, text);
    }
  return group;
}

// A frame around `rows` × `columns` cells of a grid, from cell (r, c) on.
export function outline(group, r, c, size, columns = 1, rows = 1, width = 3) {
  element("rect", { x: c * size, y: r * size, width: size * columns, height: size * rows, fill: "none",
    stroke: "#000", "stroke-width": width, "pointer-events": "none" }, group);
}

// Lines between the columns of a matrix that belong to different rows of the image.
export function rules(group, rows, columns, every) {
  for (let c = 0; c <= columns; c += every)
    element("line", { x1: c * SMALL, x2: c * SMALL, y1: 0, y2: rows * SMALL, stroke: "#222" }, group);
}

export function fit(svg, width, height) {
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.style.maxWidth = `${width}px`;
}

function where(event) {
  return `${event.clientX},${event.clientY}`;
}

// Pointing at a cell of `group` calls `choose(row, column)`.
export function pointing(svg, group, choose) {
  const point = (event) => {
    const cell = event.target.getAttribute("data-cell");
    // after a redraw the cell under a resting pointer says "over" again, though an arrow key moved
    if (!cell || (event.type === "pointerover" && svg.dataset.pointer === where(event))) return;
    svg.dataset.pointer = where(event);
    choose(...cell.split(",").map(Number));
  };
  group.style.cursor = "pointer";
  group.addEventListener("pointerover", point);
  group.addEventListener("pointerdown", point);
}

// The panel of a widget: its controls, the drawing, and a sentence that screen readers hear.
export function panel(el, controls, label) {
  const box = document.createElement("div");
  box.style.cssText = "background:#fff;color:#222;padding:8px;overflow-x:auto";
  const svg = element("svg", { width: "100%", "aria-label": label });
  svg.style.display = "block";
  const sentence = document.createElement("p");
  sentence.setAttribute("aria-live", "polite");
  sentence.style.cssText = "margin:6px 2px;font-variant-numeric:tabular-nums";
  box.append(...controls, svg, sentence);
  el.append(box);
  return { svg, sentence };
}

// Arrow keys move `at` (row and column, then whatever else it holds) within `sizes()`.
export function arrowKeys(model, svg, sizes) {
  svg.setAttribute("tabindex", 0);
  svg.setAttribute("role", "application");
  svg.dataset.lmSuppressShortcuts = "true";
  svg.addEventListener("pointermove", (event) => (svg.dataset.pointer = where(event)));
  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  svg.addEventListener("keydown", (event) => {
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault(); // or the page would scroll
    const limits = sizes();
    if (Math.min(...limits) < 1) return;
    const moved = (i, axis) => Math.min(Math.max(i + step[axis], 0), limits[axis] - 1);
    change(model, "at", model.get("at").map((i, axis) => (axis < 2 ? moved(i, axis) : i)));
  });
}

export function change(model, trait, value) {
  model.set(trait, value);
  model.save_changes();
}

export function redrawOn(model, traits, redraw) {
  for (const trait of traits) model.on(`change:${trait}`, redraw);
  redraw();
}

function labeled(text, input, ...after) {
  const box = document.createElement("label");
  input.dataset.lmSuppressShortcuts = "true";
  box.append(`${text} `, input, ...after);
  box.style.cssText = "display:inline-block;white-space:nowrap;margin-right:2em";
  return box;
}

// A range for one trait, or for `part`, an index into it.
export function slider(model, label, trait, min, max, part = null) {
  const input = document.createElement("input");
  const shown = document.createElement("span");
  Object.assign(input, { type: "range", min, max });
  const refresh = () => {
    input.value = part === null ? model.get(trait) : model.get(trait)[part];
    shown.textContent = input.value;
  };
  input.addEventListener("input", () => {
    const value = Number(input.value);
    change(model, trait, part === null ? value : model.get(trait).map((old, i) => (i === part ? value : old)));
  });
  redrawOn(model, [trait], refresh);
  return labeled(label, input, " ", shown);
}

// A list to choose from: `options` is [value, text] pairs.
export function chooser(model, label, trait, options, read = () => model.get(trait), write = (value) => value) {
  const select = document.createElement("select");
  for (const [value, text] of options) select.append(new Option(text, value));
  select.addEventListener("change", () => change(model, trait, write(select.value)));
  redrawOn(model, [trait], () => (select.value = read()));
  return labeled(label, select);
}
