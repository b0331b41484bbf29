// In the grid of a day the arrow keys go from a field to the same field of the slot
// above or below, as in a spreadsheet.
"use strict";

document.getElementById("grid_form")?.addEventListener("keydown", (event) => {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const box = event.target;
  if (!step || !box.matches(".grid-slot input[type=text]")) return;
  const field = box.name.split("-").pop();
  const same = [...event.currentTarget.querySelectorAll(`.grid-slot input[name$="-${field}"]`)]
    .filter((input) => input.type === "text");
  const next = same[same.indexOf(box) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
  next.select();
});
