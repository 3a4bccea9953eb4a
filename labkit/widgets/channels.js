// The channel explorer of labkit.widgets: planes of image and kernel, one filter's output, and the
// block matrix, one output followed through all of it. Pointer or arrow keys choose the output, the
// fields above choose the filter and the order of the vectors. All of it is computed here, so it goes
// on working when the kernel (the other one) is busy.
// What takes arrow keys bears data-lm-suppress-shortcuts, or JupyterLab would move to another cell.

const SVG = "http://www.w3.org/2000/svg";
const CELL = 32;
const SMALL = 23;
const PLANES = "abcdefgh";

function element(name, attributes = {}, parent = null, text = null) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== null) node.textContent = text;
  if (parent) parent.append(node);
  return node;
}

function ink(color) {
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16) / 255);
  return 0.299 * r + 0.587 * g + 0.114 * b < 0.5 ? "#fff" : "#000";
}

function number(value) {
  return (Math.round(value * 100) / 100).toString().replace("-", "−");
}

function term(value) {
  return value < 0 ? `(${number(value)})` : number(value);
}

// Sizes, and for the output (n, m) of filter f the weights that make it; image[r][c][k] and
// kernels[i][j][k][f]. Exported for the tests.
export function convolve(image, kernels) {
  const [height, width, depth] = [image.length, image[0].length, image[0][0].length];
  const [a, b, filters] = [kernels.length, kernels[0].length, kernels[0][0][0].length];
  const [rows, columns] = [height - a + 1, width - b + 1];
  const taps = (n, m, f) => {
    const found = [];
    for (let k = 0; k < depth; k++)
      for (let i = 0; i < a; i++)
        for (let j = 0; j < b; j++)
          found.push({ i, j, k, row: n + i, column: m + j, pixel: image[n + i][m + j][k], weight: kernels[i][j][k][f] });
    return found;
  };
  const output = (n, m, f) => taps(n, m, f).reduce((sum, t) => sum + t.pixel * t.weight, 0);
  return { height, width, depth, a, b, filters, rows, columns, taps, output };
}

// Where an output and an input stand in their vectors. Exported for the tests.
export function places(sizes, order) {
  const { height, width, depth, rows, columns, filters } = sizes;
  const blocks = order === "blocks";
  return {
    row: (n, m, f) => (blocks ? f * rows * columns + n * columns + m : (n * columns + m) * filters + f),
    column: (r, c, k) => (blocks ? k * height * width + r * width + c : (r * width + c) * depth + k),
  };
}

// A small array as a grid of cells; returns the group. `face` gives each cell's color and text.
function grid(parent, x, y, rows, columns, size, face) {
  const group = element("g", { transform: `translate(${x},${y})` }, parent);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) {
      const { color = "#fff", text = "" } = face(r, c);
      element("rect", { x: c * size, y: r * size, width: size, height: size, fill: color, stroke: "#c8c8c8",
        "data-cell": `${r},${c}` }, group);
      if (text !== "")
        element("text", { x: (c + 0.5) * size, y: (r + 0.5) * size, "text-anchor": "middle",
          "dominant-baseline": "central", "font-size": size > 30 ? 13 : 9.5, fill: ink(color),
          "pointer-events": "none" }, group, text);
    }
  return group;
}

function frame(group, r, c, size, rows = 1, columns = 1, width = 3) {
  element("rect", { x: c * size, y: r * size, width: size * columns, height: size * rows, fill: "none",
    stroke: "#000", "stroke-width": width, "pointer-events": "none" }, group);
}

function where(event) {
  return `${event.clientX},${event.clientY}`;
}

function draw(model, svg, sentence) {
  const [image, kernels] = [model.get("image"), model.get("kernels")];
  const colors = model.get("colors");
  const net = convolve(image, kernels);
  const [n, m, f] = model.get("at");
  const order = model.get("order");
  const place = places(net, order);
  const color = (i, j) => colors[(i * net.b + j) % colors.length];
  const field = net.taps(n, m, f);

  svg.replaceChildren();
  const title = (x, y, text) => element("text", { x, y, "font-size": 13, fill: "#222" }, svg, text);
  const top = 26;
  let x = 2;
  for (let k = 0; k < net.depth; k++) {
    title(x, 16, `image, ${PLANES[k]}`);
    const plane = grid(svg, x, top, net.height, net.width, CELL, (r, c) => ({
      color: "#f2f2f2", text: number(image[r][c][k]),
    }));
    for (const t of field) if (t.k === k) frame(plane, t.row, t.column, CELL);
    x += net.width * CELL + 24;
  }
  for (let k = 0; k < net.depth; k++) {
    title(x, 16, `filter ${f}, ${PLANES[k]}`);
    grid(svg, x, top, net.a, net.b, CELL, (i, j) => ({ color: color(i, j), text: number(kernels[i][j][k][f]) }));
    x += Math.max(net.b * CELL, 68) + 16;
  }
  title(x, 16, `output ${f}: point here`);
  const map = grid(svg, x, top, net.rows, net.columns, CELL, (r, c) => ({ text: number(net.output(r, c, f)) }));
  frame(map, n, m, CELL);
  map.style.cursor = "pointer";
  const choose = (event) => {
    const cell = event.target.getAttribute("data-cell");
    // after a redraw the cell under a resting pointer says "over" again: arrow keys moved, not it
    if (!cell || (event.type === "pointerover" && svg.dataset.pointer === where(event))) return;
    svg.dataset.pointer = where(event);
    model.set("at", [...cell.split(",").map(Number), f]);
    model.save_changes();
  };
  map.addEventListener("pointerover", choose);
  map.addEventListener("pointerdown", choose);
  const right = x + Math.max(net.columns * CELL, 140);

  const below = top + net.height * CELL + 36;
  const [rows, columns] = [net.rows * net.columns * net.filters, net.height * net.width * net.depth];
  title(2, below - 10, `matrix ${rows} × ${columns}, ${order}: a01 is row 0, column 1 of plane a; white is zero`);
  const cells = new Map();
  for (let p = 0; p < net.rows; p++)
    for (let q = 0; q < net.columns; q++)
      for (let g = 0; g < net.filters; g++)
        for (const t of net.taps(p, q, g))
          cells.set(`${place.row(p, q, g)},${place.column(t.row, t.column, t.k)}`, {
            color: color(t.i, t.j), text: `${PLANES[t.k]}${t.i}${t.j}`,
          });
  const matrix = grid(svg, 2, below, rows, columns, SMALL, (r, c) => cells.get(`${r},${c}`) ?? {});
  const down = order === "blocks" ? net.rows * net.columns : net.filters;
  const across = order === "blocks" ? net.height * net.width : net.width * net.depth;
  for (let r = 0; r < rows; r += down) for (let c = 0; c < columns; c += across) frame(matrix, r, c, SMALL, down, across, 1.2);
  const row = place.row(n, m, f);
  frame(matrix, row, 0, SMALL, 1, columns);

  const [w, h] = [Math.max(right, columns * SMALL + 4), below + rows * SMALL + 4];
  svg.setAttribute("viewBox", `0 0 ${w} ${h}`);
  svg.style.maxWidth = `${w}px`;
  const sums = Array.from({ length: net.depth }, (_, k) =>
    `${PLANES[k]}: ${field.filter((t) => t.k === k).map((t) => `${term(t.pixel)}·${term(t.weight)}`).join(" + ")}`);
  sentence.textContent =
    `output(${n}, ${m}) of filter ${f} = ${number(net.output(n, m, f))}, row ${row} of the matrix. ${sums.join("; ")}`;
}

function chooser(label, options, value, change) {
  const box = document.createElement("label");
  const input = document.createElement("select");
  input.dataset.lmSuppressShortcuts = "true";
  for (const option of options) input.append(new Option(option, option, false, option === value()));
  input.addEventListener("change", () => change(input.value));
  box.append(`${label} `, input);
  box.style.cssText = "display:inline-block;white-space:nowrap;margin-right:2em";
  return { box, refresh: () => (input.value = value()) };
}

function render({ model, el }) {
  const panel = document.createElement("div");
  panel.style.cssText = "background:#fff;color:#222;padding:8px;overflow-x:auto";
  const svg = element("svg", { width: "100%", tabindex: 0, role: "application",
    "aria-label": "Channel explorer: arrow keys move over the output" });
  svg.style.display = "block";
  svg.dataset.lmSuppressShortcuts = "true";
  const sentence = document.createElement("p");
  sentence.setAttribute("aria-live", "polite");
  sentence.style.cssText = "margin:6px 2px;font-variant-numeric:tabular-nums";
  const net = convolve(model.get("image"), model.get("kernels"));
  const filter = chooser("filter", [...Array(net.filters).keys()].map(String), () => String(model.get("at")[2]),
    (value) => { model.set("at", [...model.get("at").slice(0, 2), Number(value)]); model.save_changes(); });
  const order = chooser("order of the vectors", ["blocks", "channels last"], () => model.get("order"),
    (value) => { model.set("order", value); model.save_changes(); });
  panel.append(filter.box, order.box, svg, sentence);
  el.append(panel);

  svg.addEventListener("pointermove", (event) => (svg.dataset.pointer = where(event)));
  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  svg.addEventListener("keydown", (event) => {
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault(); // or the page would scroll
    const [n, m, f] = model.get("at");
    const within = (i, size) => Math.min(Math.max(i, 0), size - 1);
    model.set("at", [within(n + step[0], net.rows), within(m + step[1], net.columns), f]);
    model.save_changes();
  });
  const redraw = () => { filter.refresh(); order.refresh(); draw(model, svg, sentence); };
  for (const name of ["at", "order"]) model.on(`change:${name}`, redraw);
  redraw();
}

export default { render };
