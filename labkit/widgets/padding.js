// The padding viewer of labkit.widgets: one signal, padded by TensorFlow's "same" and by as many zeros on
// both sides. Sliders change its length, the kernel's size and the stride.

import { CELL, element, fit, ink, number, panel, redrawOn, slider, title } from "./drawing.js";

const TITLES = ['"same" as TensorFlow pads it', "as many zeros on both sides"];

// Zeros before and after by both conventions, and the outputs. Exported for the tests.
export function pads(n, a, stride) {
  const total = Math.max((Math.ceil(n / stride) - 1) * stride + a - n, 0);
  const half = Math.floor((a - 1) / 2);
  return [[Math.floor(total / 2), total - Math.floor(total / 2)], [half, half]];
}

export function outputs(signal, kernel, [before, after], stride) {
  const padded = [...Array(before).fill(0), ...signal, ...Array(after).fill(0)];
  const found = [];
  for (let start = 0; start + kernel.length <= padded.length; start += stride)
    found.push(kernel.reduce((sum, weight, i) => sum + weight * padded[start + i], 0));
  return found;
}

function draw(model, svg, sentence) {
  const signal = model.get("signal").slice(0, model.get("n"));
  const kernel = model.get("kernel").slice(0, model.get("a"));
  const stride = model.get("stride");
  const both = pads(signal.length, kernel.length, stride);
  const values = both.map((amounts) => outputs(signal, kernel, amounts, stride));
  const differs = values.map((list, i) => list.map((value, k) => value !== values[1 - i][k]));
  svg.replaceChildren();
  const left = 3 * CELL;
  const cell = (x, y, text, fill, outlined = false) => {
    element("rect", { x, y, width: CELL, height: CELL, fill, stroke: outlined ? "#000" : "#c8c8c8", "stroke-width": outlined ? 3 : 1 }, svg);
    element("text", { x: x + CELL / 2, y: y + CELL / 2, "text-anchor": "middle", "dominant-baseline": "central", "font-size": 13, fill: ink(fill) }, svg, text);
  };
  title(svg, 2, 16, `kernel, stride ${stride}`);
  const colors = model.get("colors");
  kernel.forEach((weight, tap) => cell(left + tap * CELL, 24, number(weight), colors[tap % colors.length]));
  both.forEach(([before, after], which) => {
    const y = (2 + which * 4) * CELL + 24;
    title(svg, 2, y - 8, `${TITLES[which]}: ${before} before, ${after} after, ${values[which].length} outputs`);
    for (let place = -before; place < signal.length + after; place++) {
      const inside = place >= 0 && place < signal.length;
      cell(left + place * CELL, y, inside ? number(signal[place]) : "0", inside ? "#ffffff" : "#fdf6e3");
    }
    values[which].forEach((value, index) => {
      const first = left + (index * stride - before) * CELL;
      const middle = first + ((kernel.length - 1) / 2) * CELL;
      for (const end of [first, first + kernel.length * CELL])
        element("line", { x1: end, y1: y + CELL, x2: middle + CELL / 2, y2: y + 2 * CELL, stroke: "#8a8a8a" }, svg);
      cell(middle, y + 2 * CELL, number(value), differs[which][index] ? "#dddddd" : "#ffffff", differs[which][index]);
    });
  });
  fit(svg, left + (signal.length + 3) * CELL, 10 * CELL);
  const wrong = differs[0].filter(Boolean).length;
  sentence.textContent = wrong
    ? `${wrong} of TensorFlow's ${values[0].length} outputs differ from the symmetric ones (outlined).`
    : "Here both conventions give the same outputs.";
}

function render({ model, el }) {
  const controls = [
    slider(model, "length", "n", 4, model.get("signal").length),
    slider(model, "kernel size", "a", 1, model.get("kernel").length),
    slider(model, "stride", "stride", 1, 3),
  ];
  const { svg, sentence } = panel(el, controls, "Two conventions of same padding");
  svg.setAttribute("role", "img");
  redrawOn(model, ["n", "a", "stride"], () => draw(model, svg, sentence));
}

export default { render };
