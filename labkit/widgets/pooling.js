// The pooling explorer of labkit.widgets: image, output and matrix, one output followed through all
// three. Pointer or arrow keys choose the output; sliders set window and stride; average pooling has
// a matrix of equal weights, max pooling one that is made for this image. All of it is computed here,
// so it goes on working when the kernel is busy. What takes arrow keys bears
// data-lm-suppress-shortcuts, or JupyterLab would move to another cell.

const SVG = "http://www.w3.org/2000/svg";
const CELL = 36;
const SMALL = 21;

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

function shades(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return (value) => {
    const level = Math.round(255 * (1 - (0.45 * (value - low)) / (high - low || 1))).toString(16);
    return `#${level}${level}${level}`;
  };
}

// The output, and for each of its cells the pixels of its window with their weights: equal for an
// average; for a maximum 1 at the first winner and 0 elsewhere. Exported for the tests.
export function pool(image, [a, b], stride, kind) {
  const [rows, columns] = [image.length - a, image[0].length - b].map((room) => Math.floor(room / stride) + 1);
  const window = (n, m) => {
    const pixels = Array.from({ length: a * b }, (_, tap) => {
      const [row, column] = [n * stride + Math.floor(tap / b), m * stride + (tap % b)];
      return { row, column, pixel: image[row][column] };
    });
    const values = pixels.map((p) => p.pixel);
    const winner = values.indexOf(Math.max(...values));
    return pixels.map((p, tap) => ({ ...p, weight: kind === "average" ? 1 / (a * b) : Number(tap === winner) }));
  };
  const output = Array.from({ length: rows }, (_, n) =>
    Array.from({ length: columns }, (_, m) => window(n, m).reduce((sum, p) => sum + p.weight * p.pixel, 0)),
  );
  return { output, window };
}

// A small array as a grid of cells; returns the group. `face` gives each cell's color and text.
function grid(parent, x, y, rows, columns, size, face) {
  const group = element("g", { transform: `translate(${x},${y})` }, parent);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) {
      const { color = "#ffffff", text = "" } = face(r, c);
      element(
        "rect",
        { x: c * size, y: r * size, width: size, height: size, fill: color, stroke: "#c8c8c8", "data-cell": `${r},${c}` },
        group,
      );
      if (text !== "")
        element(
          "text",
          { x: (c + 0.5) * size, y: (r + 0.5) * size, "text-anchor": "middle", "dominant-baseline": "central",
            "font-size": size > 30 ? 13 : text.length > 3 ? 7 : 9, fill: ink(color), "pointer-events": "none" },
          group, text,
        );
    }
  return group;
}

function outline(group, r, c, size, columns = 1, rows = 1) {
  element("rect", { x: c * size, y: r * size, width: size * columns, height: size * rows, fill: "none",
    stroke: "#000", "stroke-width": 3, "pointer-events": "none" }, group);
}

function where(event) {
  return `${event.clientX},${event.clientY}`;
}

function sizes(model) {
  const image = model.get("image");
  const room = [image.length, image[0].length];
  return model.get("pool_size").map((size, axis) => Math.floor((room[axis] - size) / model.get("stride")) + 1);
}

function draw(model, svg, sentence) {
  const image = model.get("image");
  const [a, b] = model.get("pool_size");
  const [kind, stride] = [model.get("kind"), model.get("stride")];
  const average = kind === "average";
  const { output, window } = pool(image, [a, b], stride, kind);
  const [height, width] = sizes(model);
  const at = [Math.min(model.get("at")[0], height - 1), Math.min(model.get("at")[1], width - 1)];
  const here = window(...at);
  const winner = here.find((p) => p.weight === 1);
  const [chosen, equal] = [model.get("colors")[1], model.get("colors")[0]];
  const shade = shades(image.flat());

  svg.replaceChildren();
  const title = (x, y, text) => element("text", { x, y, "font-size": 13, fill: "#222" }, svg, text);
  const top = 26;
  title(2, 16, `image ${image.length} × ${image[0].length}`);
  const imageGrid = grid(svg, 2, top, image.length, image[0].length, CELL, (r, c) => ({
    color: !average && winner.row === r && winner.column === c ? chosen : shade(image[r][c]),
    text: number(image[r][c]),
  }));
  outline(imageGrid, at[0] * stride, at[1] * stride, CELL, b, a);
  const x = image[0].length * CELL + 60;
  title(x, 16, `${kind} pooling, output ${height} × ${width}: point here`);
  const outputGrid = grid(svg, x, top, height, width, CELL, (r, c) => ({ text: number(output[r][c]) }));
  outline(outputGrid, at[0], at[1], CELL);
  outputGrid.style.cursor = "pointer";
  const choose = (event) => {
    const cell = event.target.getAttribute("data-cell");
    // after a redraw the cell under a resting pointer says "over" again: arrow keys moved, not it
    if (!cell || (event.type === "pointerover" && svg.dataset.pointer === where(event))) return;
    svg.dataset.pointer = where(event);
    model.set("at", cell.split(",").map(Number));
    model.save_changes();
  };
  outputGrid.addEventListener("pointerover", choose);
  outputGrid.addEventListener("pointerdown", choose);

  const below = top + image.length * CELL + 34;
  const [rows, columns] = [height * width, image.length * image[0].length];
  const what = average ? `equal weights 1/${a * b}, white is zero` : "for this image only, 1 at the winner";
  title(2, below - 10, `matrix ${rows} × ${columns}: ${what}`);
  const matrixGrid = grid(svg, 2, below, rows, columns, SMALL, (r, c) => {
    const p = window(Math.floor(r / width), r % width).find((q) => q.row * image[0].length + q.column === c);
    if (!p) return {};
    if (average) return { color: equal, text: a * b === 1 ? "1" : `1/${a * b}` };
    return p.weight ? { color: chosen, text: "1" } : { color: "#ededed", text: "0" };
  });
  for (let c = 0; c <= columns; c += image[0].length)
    element("line", { x1: c * SMALL, x2: c * SMALL, y1: 0, y2: rows * SMALL, stroke: "#222" }, matrixGrid);
  const row = at[0] * width + at[1];
  outline(matrixGrid, row, 0, SMALL, columns);

  const [w, h] = [Math.max(x + Math.max(width * CELL, 300), columns * SMALL + 4), below + rows * SMALL + 4];
  svg.setAttribute("viewBox", `0 0 ${w} ${h}`);
  svg.style.maxWidth = `${w}px`;
  const values = here.map((p) => number(p.pixel));
  const result = number(output[at[0]][at[1]]);
  const how = average
    ? `(${values.join(" + ")}) / ${a * b} = ${result}`
    : `max(${values.join(", ")}) = ${result}, pixel (${winner.row}, ${winner.column})`;
  sentence.textContent = `output(${at[0]}, ${at[1]}) = ${how}, row ${row} of the matrix`;
}

function slider(model, label, max, read, write) {
  const box = document.createElement("label");
  const input = document.createElement("input");
  const shown = document.createElement("span");
  input.dataset.lmSuppressShortcuts = "true";
  Object.assign(input, { type: "range", min: 1, max });
  const refresh = () => {
    input.value = read();
    shown.textContent = input.value;
  };
  input.addEventListener("input", () => {
    write(Number(input.value));
    model.save_changes();
  });
  for (const name of ["pool_size", "stride"]) model.on(`change:${name}`, refresh);
  refresh();
  box.append(`${label} `, input, " ", shown);
  box.style.cssText = "display:inline-block;white-space:nowrap;margin-right:1.5em";
  return box;
}

function choice(model, kind, group) {
  const box = document.createElement("label");
  const input = document.createElement("input");
  input.dataset.lmSuppressShortcuts = "true";
  Object.assign(input, { type: "radio", name: group, value: kind });
  const refresh = () => (input.checked = model.get("kind") === kind);
  input.addEventListener("change", () => {
    model.set("kind", kind);
    model.save_changes();
  });
  model.on("change:kind", refresh);
  refresh();
  box.append(input, ` ${kind}`);
  box.style.marginRight = "1em";
  return box;
}

function render({ model, el }) {
  const panel = document.createElement("div");
  panel.style.cssText = "background:#fff;color:#222;padding:8px;overflow-x:auto";
  const svg = element("svg", { width: "100%", tabindex: 0, role: "application",
    "aria-label": "Pooling explorer: arrow keys move over the output" });
  svg.style.display = "block";
  svg.dataset.lmSuppressShortcuts = "true";
  const sentence = document.createElement("p");
  sentence.setAttribute("aria-live", "polite");
  sentence.style.cssText = "margin:6px 2px;font-variant-numeric:tabular-nums";
  const room = [model.get("image").length, model.get("image")[0].length];
  const controls = document.createElement("div");
  const group = `labkit-pooling-${Math.random()}`; // radio buttons of two explorers are not one choice
  controls.append(choice(model, "average", group), choice(model, "max", group));
  const part = (axis) => [
    () => model.get("pool_size")[axis],
    (size) => model.set("pool_size", model.get("pool_size").map((old, i) => (i === axis ? size : old))),
  ];
  controls.append(
    slider(model, "window rows", room[0], ...part(0)),
    slider(model, "window columns", room[1], ...part(1)),
    slider(model, "stride", Math.min(...room), () => model.get("stride"), (s) => model.set("stride", s)),
  );
  panel.append(controls, svg, sentence);
  el.append(panel);

  svg.addEventListener("pointermove", (event) => (svg.dataset.pointer = where(event)));
  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  svg.addEventListener("keydown", (event) => {
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault(); // or the page would scroll
    const limits = sizes(model);
    model.set("at", model.get("at").map((i, axis) => Math.min(Math.max(i + step[axis], 0), limits[axis] - 1)));
    model.save_changes();
  });
  const redraw = () => draw(model, svg, sentence);
  for (const name of ["at", "pool_size", "stride", "kind"]) model.on(`change:${name}`, redraw);
  redraw();
}

export default { render };
