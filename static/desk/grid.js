// In the grid of a day the arrow keys go from a field to the same field of the slot
// above or below in its room, as in a spreadsheet; the Enter key does what the button
// beside the field does; and nobody leaves typed changes behind without a question.
"use strict";

const slots = document.getElementById("grid_form");
if (slots) equip(slots);

function equip(grid) {
  // After a refusal, what was typed stands there and is not saved.
  let isTyped = document.querySelector(".grid-page > .errornote") !== null;

  function step(box, by) {
    const field = box.name.split("-").pop();
    const { room } = box.closest("td").dataset;
    const same = [
      ...grid.querySelectorAll(`td[data-room="${room}"] input[type=text][name$="-${field}"]`),
    ];
    const next = same[same.indexOf(box) + by];
    next?.focus();
    next?.select();
    return next;
  }

  grid.addEventListener("keydown", (event) => {
    const box = event.target;
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (by && box.matches(".grid-slot input[type=text]") && step(box, by)) {
      event.preventDefault();
    }
    if (event.key === "Enter" && box.matches(".grid-acts input")) {
      event.preventDefault();
      box.closest("fieldset").querySelector("button").click();
    }
  });
  grid.addEventListener("input", () => {
    isTyped = true;
  });
  grid.addEventListener("submit", () => {
    isTyped = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (isTyped) event.preventDefault();
  });
}
