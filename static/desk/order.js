// Puts the lines of a slot in order, by dragging or with the two buttons of each line.
// What is sent is the order typed in each line, as it is without this script.
"use strict";

for (const list of document.querySelectorAll(".lines > fieldset")) order(list);

function order(list) {
  const lines = () => [...list.querySelectorAll(":scope > .line:not(.empty-form)")];

  function isEmpty(line) {
    const typed = line.querySelectorAll("input[type=text], textarea, select");
    return (
      !line.classList.contains("has_original") &&
      [...typed].every((input) => !input.value || input.matches("[name$=-status], [name$=-mode]"))
    );
  }

  function renumber() {
    lines()
      .filter((line) => !isEmpty(line))
      .forEach((line, place) => {
        line.querySelector("input[name$=-position]").value = 10 * (place + 1);
      });
    list.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function move(button, step) {
    const line = button.closest(".line");
    const all = lines();
    const other = all[all.indexOf(line) + step];
    if (!other) return;
    if (step < 0) other.before(line);
    else other.after(line);
    renumber();
    button.focus();
  }

  function equip(line) {
    line.querySelector(".line-tools")?.removeAttribute("hidden");
    line.querySelector(".line-handle")?.removeAttribute("hidden");
  }

  list.querySelectorAll(":scope > .line").forEach(equip);
  document.addEventListener("formset:added", (event) => equip(event.target));
  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (button) move(button, Number(button.dataset.move));
  });
  Sortable.create(list, {
    draggable: ".line:not(.empty-form)",
    handle: ".line-handle",
    onEnd: renumber,
  });
}
