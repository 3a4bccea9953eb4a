// The explorer of labkit.widgets: image, kernel, output and constrained matrix, one output followed
// through all four. Pointer or arrow keys choose the output; sliders change the kernel's size, padding,
// strides and dilation. All of it is computed here, so it answers at once and goes on working when the
// kernel (the other one) is busy.
// What takes arrow keys bears data-lm-suppress-shortcuts, or JupyterLab would move to another cell.

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

function term(value) {
  return value < 0 ? `(${number(value)})` : number(value);
}

// Along one axis: zeros before and after, and the number of outputs. labkit.geometry's rules.
function axis(size, taps, { stride, padding, dilation }) {
  const extent = (taps - 1) * dilation + 1;
  let [before, after] = [0, 0];
  if (padding === "same") {
    const total = Math.max((Math.ceil(size / stride) - 1) * stride + extent - size, 0);
    before = Math.floor(total / 2);
    after = total - before;
  } else if (padding === "full") before = after = extent - 1;
  else if (padding !== "valid") before = after = Number(padding);
  return { before, after, count: Math.floor((size + before + after - extent) / stride) + 1 };
}

// The output, for each of its cells (n, m) the taps that make it, and the zeros around the image.
// Empty where the kernel does not fit. Exported for the tests.
export function correlate(image, kernel, options = { stride: 1, padding: "valid", dilation: 1 }) {
  const [down, across] = [axis(image.length, kernel.length, options), axis(image[0].length, kernel[0].length, options)];
  const { stride, dilation } = options;
  const taps = (n, m) =>
    kernel.flatMap((line, i) =>
      line.map((weight, j) => {
        const [row, column] = [n * stride - down.before + i * dilation, m * stride - across.before + j * dilation];
        const inside = row >= 0 && row < image.length && column >= 0 && column < image[0].length;
        return { i, j, weight, row, column, inside, pixel: inside ? image[row][column] : 0 };
      }),
    );
  const output = Array.from({ length: Math.max(down.count, 0) }, (_, n) =>
    Array.from({ length: Math.max(across.count, 0) }, (_, m) => taps(n, m).reduce((sum, t) => sum + t.weight * t.pixel, 0)),
  );
  return { output, taps, down, across };
}

// A small array as a grid of cells; returns the group. `face` gives each cell's color and text.
function grid(parent, x, y, rows, columns, size, face) {
  const group = element("g", { transform: `translate(${x},${y})` }, parent);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) {
      const { color = "#fff", text = "" } = face(r, c);
      element(
        "rect",
        { x: c * size, y: r * size, width: size, height: size, fill: color, stroke: "#c8c8c8", "data-cell": `${r},${c}` },
        group,
      );
      if (text !== "")
        element(
          "text",
          { x: (c + 0.5) * size, y: (r + 0.5) * size, "text-anchor": "middle", "dominant-baseline": "central",
            "font-size": size > 30 ? 13 : 10, fill: ink(color), "pointer-events": "none" },
          group, text,
        );
    }
  return group;
}

function outline(group, r, c, size, columns = 1) {
  element("rect", { x: c * size, y: r * size, width: size * columns, height: size, fill: "none", stroke: "#000",
    "stroke-width": 3, "pointer-events": "none" }, group);
}

function read(model) {
  const [a, b] = model.get("kernel_size");
  const kernel = model.get("kernel").slice(0, a).map((line) => line.slice(0, b));
  const options = { stride: model.get("stride"), padding: model.get("padding"), dilation: model.get("dilation") };
  return { a, b, kernel, image: model.get("image"), options, ...correlate(model.get("image"), kernel, options) };
}

function where(event) {
  return `${event.clientX},${event.clientY}`;
}

function draw(model, svg, sentence) {
  const { a, b, kernel, image, options, output, taps, down, across } = read(model);
  const colors = model.get("colors");
  // the color belongs to the kernel cell, whatever the sliders say: 12 keeps the color of 12
  const color = (i, j) => colors[(i * model.get("kernel")[0].length + j) % colors.length];
  const [height, width] = [output.length, output.length ? output[0].length : 0];
  svg.replaceChildren();
  if (!height || !width) {
    svg.setAttribute("viewBox", "0 0 600 4");
    sentence.textContent = "With dilation, the kernel has become larger than the image: there is no output. Make one of them smaller.";
    return;
  }
  const at = [Math.min(model.get("at")[0], height - 1), Math.min(model.get("at")[1], width - 1)];
  const field = taps(...at);
  const values = image.flat();
  const [low, spread] = [Math.min(...values), Math.max(...values) - Math.min(...values) || 1];
  const shade = (value) => {
    const level = Math.round(255 * (1 - (0.45 * (value - low)) / spread)).toString(16);
    return `#${level}${level}${level}`;
  };

  const title = (x, y, text) => element("text", { x, y, "font-size": 13, fill: "#222" }, svg, text);
  const top = 26;
  let x = 2;
  const around = down.before + down.after + across.before + across.after;
  title(x, 16, `image ${image.length} × ${image[0].length}${around ? ", zeros around it" : ""}`);
  const [tall, wide] = [image.length + down.before + down.after, image[0].length + across.before + across.after];
  const imageGrid = grid(svg, x, top, tall, wide, CELL, (r, c) => {
    const [row, column] = [r - down.before, c - across.before];
    const inside = row >= 0 && row < image.length && column >= 0 && column < image[0].length;
    return inside ? { color: shade(image[row][column]), text: number(image[row][column]) } : { color: "#fdf6e3", text: "0" };
  });
  if (around)
    element("rect", { x: across.before * CELL, y: down.before * CELL, width: image[0].length * CELL, height: image.length * CELL,
      fill: "none", stroke: "#222", "stroke-width": 1.5, "stroke-dasharray": "5 3", "pointer-events": "none" }, imageGrid);
  for (const tap of field) outline(imageGrid, tap.row + down.before, tap.column + across.before, CELL);
  x += wide * CELL + 40;
  title(x, 16, `kernel ${a} × ${b}`);
  grid(svg, x, top, a, b, CELL, (r, c) => ({ color: color(r, c), text: number(kernel[r][c]) }));
  x += Math.max(b, 3) * CELL + 40;
  title(x, 16, `output ${height} × ${width}: point here`);
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
  const right = x + Math.max(width * CELL, 200);

  const below = top + Math.max(tall, height, a) * CELL + 34;
  const [rows, columns] = [height * width, image.length * image[0].length];
  title(2, below - 10, `matrix ${rows} × ${columns}: ${a * b} different weights, white is zero`);
  const row = at[0] * width + at[1];
  const matrixGrid = grid(svg, 2, below, rows, columns, SMALL, (r, c) => {
    const tap = taps(Math.floor(r / width), r % width).find((t) => t.inside && t.row * image[0].length + t.column === c);
    return tap ? { color: color(tap.i, tap.j), text: `${tap.i}${tap.j}` } : {};
  });
  for (let c = 0; c <= columns; c += image[0].length)
    element("line", { x1: c * SMALL, x2: c * SMALL, y1: 0, y2: rows * SMALL, stroke: "#222" }, matrixGrid);
  outline(matrixGrid, row, 0, SMALL, columns);

  const [w, h] = [Math.max(right, columns * SMALL + 4), below + rows * SMALL + 4];
  svg.setAttribute("viewBox", `0 0 ${w} ${h}`);
  svg.style.maxWidth = `${w}px`;
  const terms = field.filter((t) => t.inside).map((t) => `${term(t.pixel)}·${term(t.weight)}`).join(" + ") || "0";
  const zeros = field.filter((t) => !t.inside).length;
  sentence.textContent =
    `output(${at[0]}, ${at[1]}) = ${terms} = ${number(output[at[0]][at[1]])}, row ${row} of the matrix` +
    (zeros ? `; ${zeros} of its weights meet zeros, and are not in the matrix` : "");
}

// A labeled range: what it shows is read from the model, what it is moved to is written there.
function slider(model, label, trait, max, get, set) {
  const box = document.createElement("label");
  const input = document.createElement("input");
  const shown = document.createElement("span");
  input.dataset.lmSuppressShortcuts = "true";
  Object.assign(input, { type: "range", min: 1, max });
  const refresh = () => {
    input.value = get();
    shown.textContent = input.value;
  };
  input.addEventListener("input", () => {
    model.set(trait, set(Number(input.value)));
    model.save_changes();
  });
  model.on(`change:${trait}`, refresh);
  refresh();
  box.append(`${label} `, input, " ", shown);
  box.style.cssText = "display:inline-block;white-space:nowrap;margin-right:2em";
  return box;
}

function kernelSlider(model, label, which) {
  const full = model.get("kernel");
  const size = () => model.get("kernel_size");
  return slider(model, label, "kernel_size", which ? full[0].length : full.length, () => size()[which],
    (value) => size().map((old, i) => (i === which ? value : old)));
}

const PADDINGS = { valid: "valid: none", same: "same", full: "full", 1: "1 on each side", 2: "2 on each side" };

function chooser(model) {
  const box = document.createElement("label");
  const select = document.createElement("select");
  select.dataset.lmSuppressShortcuts = "true";
  for (const [value, text] of Object.entries(PADDINGS)) select.append(new Option(text, value));
  const refresh = () => (select.value = model.get("padding"));
  select.addEventListener("change", () => {
    model.set("padding", select.value);
    model.save_changes();
  });
  model.on("change:padding", refresh);
  // Object.entries puts the numbers first
  for (const value of ["full", "same", "valid"]) select.prepend([...select.options].find((o) => o.value === value));
  refresh();
  box.append("padding ", select);
  box.style.cssText = "display:inline-block;white-space:nowrap;margin-right:2em";
  return box;
}

const CONTROLS = {
  kernel: (model) => [kernelSlider(model, "kernel rows", 0), kernelSlider(model, "kernel columns", 1)],
  padding: (model) => [chooser(model)],
  strides: (model) => [slider(model, "stride", "stride", 3, () => model.get("stride"), (value) => value)],
  dilation_rate: (model) => [slider(model, "dilation", "dilation", 3, () => model.get("dilation"), (value) => value)],
};

function render({ model, el }) {
  const panel = document.createElement("div");
  panel.style.cssText = "background:#fff;color:#222;padding:8px;overflow-x:auto";
  const svg = element("svg", { width: "100%", tabindex: 0, role: "application",
    "aria-label": "Convolution explorer: arrow keys move over the output" });
  svg.style.display = "block";
  svg.dataset.lmSuppressShortcuts = "true";
  const sentence = document.createElement("p");
  sentence.setAttribute("aria-live", "polite");
  sentence.style.cssText = "margin:6px 2px;font-variant-numeric:tabular-nums";
  panel.append(...model.get("controls").flatMap((name) => CONTROLS[name](model)), svg, sentence);
  el.append(panel);

  svg.addEventListener("pointermove", (event) => (svg.dataset.pointer = where(event)));
  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  svg.addEventListener("keydown", (event) => {
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault(); // or the page would scroll
    const { output } = read(model);
    if (!output.length || !output[0].length) return;
    const sizes = [output.length, output[0].length];
    model.set("at", model.get("at").map((i, axis) => Math.min(Math.max(i + step[axis], 0), sizes[axis] - 1)));
    model.save_changes();
  });
  const redraw = () => draw(model, svg, sentence);
  for (const name of ["at", "kernel_size", "padding", "stride", "dilation"]) model.on(`change:${name}`, redraw);
  redraw();
}

export default { render };
