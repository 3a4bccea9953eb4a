// Pictures on a slider (labkit.widgets.frames). A range input is keyboard-usable as it is.

function render({ model, el }) {
  const values = model.get("values");
  const panel = document.createElement("div");
  panel.style.cssText = "background:#fff;color:#222;padding:8px;display:inline-block;font:14px sans-serif;max-width:100%";
  const label = document.createElement("label");
  label.style.cssText = "display:flex;gap:10px;align-items:center;margin-bottom:6px";
  const slider = document.createElement("input");
  Object.assign(slider, { type: "range", min: 0, max: values.length - 1, step: 1, value: model.get("at") });
  slider.dataset.lmSuppressShortcuts = "true"; // or its arrow keys move through cells, too
  slider.style.width = "260px";
  const name = document.createElement("span");
  const picture = document.createElement("div");
  const draw = () => {
    const at = model.get("at");
    name.textContent = `${model.get("what")}: ${values[at]}`;
    slider.value = at;
    slider.setAttribute("aria-valuetext", name.textContent);
    picture.innerHTML = model.get("pictures")[at];
  };
  slider.addEventListener("input", () => {
    model.set("at", Number(slider.value));
    model.save_changes();
  });
  model.on("change:at", draw);
  label.append(slider, name);
  panel.append(label, picture);
  el.append(panel);
  draw();
}

export default { render };
