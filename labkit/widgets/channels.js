// The channel explorer of labkit.widgets: planes of image and kernel, one filter's output, and the
// block matrix, one output followed through all of it. Pointer or arrow keys choose the output, the
// fields above choose the filter and the order of the vectors. All of it is computed here, so it goes
// on working when the kernel (the other one) is busy.

import { arrowKeys, change, chooser, fit, grid, number, outline, panel, pointing, redrawOn, term, title } from "./drawing.js";

const SIZE = 32;
const TINY = 23;
const PLANES = "abcdefgh";

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
  const top = 26;
  let x = 2;
  for (let k = 0; k < net.depth; k++) {
    title(svg, x, 16, `image, ${PLANES[k]}`);
    const plane = grid(svg, x, top, net.height, net.width, SIZE, (r, c) => ({
      color: "#f2f2f2", text: number(image[r][c][k]),
    }));
    for (const t of field) if (t.k === k) outline(plane, t.row, t.column, SIZE);
    x += net.width * SIZE + 24;
  }
  for (let k = 0; k < net.depth; k++) {
    title(svg, x, 16, `filter ${f}, ${PLANES[k]}`);
    grid(svg, x, top, net.a, net.b, SIZE, (i, j) => ({ color: color(i, j), text: number(kernels[i][j][k][f]) }));
    x += Math.max(net.b * SIZE, 68) + 16;
  }
  title(svg, x, 16, `output ${f}: point here`);
  const map = grid(svg, x, top, net.rows, net.columns, SIZE, (r, c) => ({ text: number(net.output(r, c, f)) }));
  outline(map, n, m, SIZE);
  pointing(svg, map, (row, column) => change(model, "at", [row, column, f]));
  const right = x + Math.max(net.columns * SIZE, 140);

  const below = top + net.height * SIZE + 36;
  const [rows, columns] = [net.rows * net.columns * net.filters, net.height * net.width * net.depth];
  title(svg, 2, below - 10, `matrix ${rows} × ${columns}, ${order}: a01 is row 0, column 1 of plane a; white is zero`);
  const cells = new Map();
  for (let p = 0; p < net.rows; p++)
    for (let q = 0; q < net.columns; q++)
      for (let g = 0; g < net.filters; g++)
        for (const t of net.taps(p, q, g))
          cells.set(`${place.row(p, q, g)},${place.column(t.row, t.column, t.k)}`, {
            color: color(t.i, t.j), text: `${PLANES[t.k]}${t.i}${t.j}`,
          });
  const matrix = grid(svg, 2, below, rows, columns, TINY, (r, c) => cells.get(`${r},${c}`) ?? {});
  const down = order === "blocks" ? net.rows * net.columns : net.filters;
  const across = order === "blocks" ? net.height * net.width : net.width * net.depth;
  for (let r = 0; r < rows; r += down) for (let c = 0; c < columns; c += across) outline(matrix, r, c, TINY, across, down, 1.2);
  const row = place.row(n, m, f);
  outline(matrix, row, 0, TINY, columns);

  fit(svg, Math.max(right, columns * TINY + 4), below + rows * TINY + 4);
  const sums = Array.from({ length: net.depth }, (_, k) =>
    `${PLANES[k]}: ${field.filter((t) => t.k === k).map((t) => `${term(t.pixel)}·${term(t.weight)}`).join(" + ")}`);
  sentence.textContent =
    `output(${n}, ${m}) of filter ${f} = ${number(net.output(n, m, f))}, row ${row} of the matrix. ${sums.join("; ")}`;
}

function render({ model, el }) {
  const net = convolve(model.get("image"), model.get("kernels"));
  const filters = [...Array(net.filters).keys()].map((f) => [String(f), String(f)]);
  const controls = [
    chooser(model, "filter", "at", filters, () => String(model.get("at")[2]),
      (value) => [...model.get("at").slice(0, 2), Number(value)]),
    chooser(model, "order of the vectors", "order", [["blocks", "blocks"], ["channels last", "channels last"]]),
  ];
  const { svg, sentence } = panel(el, controls, "Channel explorer: arrow keys move over the output");
  arrowKeys(model, svg, () => [net.rows, net.columns]);
  redrawOn(model, ["at", "order"], () => draw(model, svg, sentence));
}

export default { render };
