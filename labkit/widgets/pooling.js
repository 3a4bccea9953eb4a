// The pooling explorer of labkit.widgets: image, output and matrix, one output followed through all
// three. Pointer or arrow keys choose the output; sliders set window and stride; average pooling has
// a matrix of equal weights, max pooling one that is made for this image. All of it is computed here,
// so it goes on working when the kernel is busy.

import { CELL, SMALL, arrowKeys, change, fit, grid, number, outline, panel, pointing, redrawOn, rules, shades, slider, title } from "./drawing.js";

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
  const top = 26;
  title(svg, 2, 16, `image ${image.length} × ${image[0].length}`);
  const imageGrid = grid(svg, 2, top, image.length, image[0].length, CELL, (r, c) => ({
    color: !average && winner.row === r && winner.column === c ? chosen : shade(image[r][c]),
    text: number(image[r][c]),
  }));
  outline(imageGrid, at[0] * stride, at[1] * stride, CELL, b, a);
  const x = image[0].length * CELL + 60;
  title(svg, x, 16, `${kind} pooling, output ${height} × ${width}: point here`);
  const outputGrid = grid(svg, x, top, height, width, CELL, (r, c) => ({ text: number(output[r][c]) }));
  outline(outputGrid, at[0], at[1], CELL);
  pointing(svg, outputGrid, (n, m) => change(model, "at", [n, m]));

  const below = top + image.length * CELL + 34;
  const [rows, columns] = [height * width, image.length * image[0].length];
  const what = average ? `equal weights 1/${a * b}, white is zero` : "for this image only, 1 at the winner";
  title(svg, 2, below - 10, `matrix ${rows} × ${columns}: ${what}`);
  const matrixGrid = grid(svg, 2, below, rows, columns, SMALL, (r, c) => {
    const p = window(Math.floor(r / width), r % width).find((q) => q.row * image[0].length + q.column === c);
    if (!p) return {};
    if (average) return { color: equal, text: a * b === 1 ? "1" : `1/${a * b}` };
    return p.weight ? { color: chosen, text: "1" } : { color: "#ededed", text: "0" };
  });
  rules(matrixGrid, rows, columns, image[0].length);
  const row = at[0] * width + at[1];
  outline(matrixGrid, row, 0, SMALL, columns);

  fit(svg, Math.max(x + Math.max(width * CELL, 300), columns * SMALL + 4), below + rows * SMALL + 4);
  const values = here.map((p) => number(p.pixel));
  const result = number(output[at[0]][at[1]]);
  const how = average
    ? `(${values.join(" + ")}) / ${a * b} = ${result}`
    : `max(${values.join(", ")}) = ${result}, pixel (${winner.row}, ${winner.column})`;
  sentence.textContent = `output(${at[0]}, ${at[1]}) = ${how}, row ${row} of the matrix`;
}

function choice(model, kind, group) {
  const box = document.createElement("label");
  const input = document.createElement("input");
  input.dataset.lmSuppressShortcuts = "true";
  Object.assign(input, { type: "radio", name: group, value: kind });
  input.addEventListener("change", () => change(model, "kind", kind));
  redrawOn(model, ["kind"], () => (input.checked = model.get("kind") === kind));
  box.append(input, ` ${kind}`);
  box.style.marginRight = "1em";
  return box;
}

function render({ model, el }) {
  const room = [model.get("image").length, model.get("image")[0].length];
  const group = `labkit-pooling-${Math.random()}`; // radio buttons of two explorers are not one choice
  const controls = [
    choice(model, "average", group),
    choice(model, "max", group),
    slider(model, "window rows", "pool_size", 1, room[0], 0),
    slider(model, "window columns", "pool_size", 1, room[1], 1),
    slider(model, "stride", "stride", 1, Math.min(...room)),
  ];
  const { svg, sentence } = panel(el, controls, "Pooling explorer: arrow keys move over the output");
  arrowKeys(model, svg, () => sizes(model));
  redrawOn(model, ["at", "pool_size", "stride", "kind"], () => draw(model, svg, sentence));
}

export default { render };
