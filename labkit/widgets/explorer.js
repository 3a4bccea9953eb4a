// The explorer of labkit.widgets: image, kernel, output and constrained matrix, one output followed
// through all four. Pointer or arrow keys choose the output; sliders change the kernel's size, padding,
// strides and dilation. All of it is computed here, so it answers at once and goes on working when the
// kernel (the other one) is busy.

import { CELL, SMALL, arrowKeys, change, chooser, element, fit, grid, number, outline, panel, pointing, redrawOn, rules, shades, slider, term, title } from "./drawing.js";

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

function read(model) {
  const [a, b] = model.get("kernel_size");
  const kernel = model.get("kernel").slice(0, a).map((line) => line.slice(0, b));
  const options = { stride: model.get("stride"), padding: model.get("padding"), dilation: model.get("dilation") };
  return { a, b, kernel, image: model.get("image"), options, ...correlate(model.get("image"), kernel, options) };
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
  const shade = shades(image.flat());
  const top = 26;
  let x = 2;
  const around = down.before + down.after + across.before + across.after;
  title(svg, x, 16, `image ${image.length} × ${image[0].length}${around ? ", zeros around it" : ""}`);
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
  title(svg, x, 16, `kernel ${a} × ${b}`);
  grid(svg, x, top, a, b, CELL, (r, c) => ({ color: color(r, c), text: number(kernel[r][c]) }));
  x += Math.max(b, 3) * CELL + 40;
  title(svg, x, 16, `output ${height} × ${width}: point here`);
  const outputGrid = grid(svg, x, top, height, width, CELL, (r, c) => ({ text: number(output[r][c]) }));
  outline(outputGrid, at[0], at[1], CELL);
  pointing(svg, outputGrid, (n, m) => change(model, "at", [n, m]));
  const right = x + Math.max(width * CELL, 200);

  const below = top + Math.max(tall, height, a) * CELL + 34;
  const [rows, columns] = [height * width, image.length * image[0].length];
  title(svg, 2, below - 10, `matrix ${rows} × ${columns}: ${a * b} different weights, white is zero`);
  const row = at[0] * width + at[1];
  const matrixGrid = grid(svg, 2, below, rows, columns, SMALL, (r, c) => {
    const tap = taps(Math.floor(r / width), r % width).find((t) => t.inside && t.row * image[0].length + t.column === c);
    return tap ? { color: color(tap.i, tap.j), text: `${tap.i}${tap.j}` } : {};
  });
  rules(matrixGrid, rows, columns, image[0].length);
  outline(matrixGrid, row, 0, SMALL, columns);

  fit(svg, Math.max(right, columns * SMALL + 4), below + rows * SMALL + 4);
  const terms = field.filter((t) => t.inside).map((t) => `${term(t.pixel)}·${term(t.weight)}`).join(" + ") || "0";
  const zeros = field.filter((t) => !t.inside).length;
  sentence.textContent =
    `output(${at[0]}, ${at[1]}) = ${terms} = ${number(output[at[0]][at[1]])}, row ${row} of the matrix` +
    (zeros ? `; ${zeros} of its weights meet zeros, and are not in the matrix` : "");
}

const PADDINGS = [["valid", "valid: none"], ["same", "same"], ["full", "full"], ["1", "1 on each side"], ["2", "2 on each side"]];

const CONTROLS = {
  kernel: (model) => {
    const full = model.get("kernel");
    return [slider(model, "kernel rows", "kernel_size", 1, full.length, 0),
      slider(model, "kernel columns", "kernel_size", 1, full[0].length, 1)];
  },
  padding: (model) => [chooser(model, "padding", "padding", PADDINGS)],
  strides: (model) => [slider(model, "stride", "stride", 1, 3)],
  dilation_rate: (model) => [slider(model, "dilation", "dilation", 1, 3)],
};

function render({ model, el }) {
  const controls = model.get("controls").flatMap((name) => CONTROLS[name](model));
  const { svg, sentence } = panel(el, controls, "Convolution explorer: arrow keys move over the output");
  arrowKeys(model, svg, () => {
    const { output } = read(model);
    return [output.length, output.length ? output[0].length : 0];
  });
  redrawOn(model, ["at", "kernel_size", "padding", "stride", "dilation"], () => draw(model, svg, sentence));
}

export default { render };
