// Gives the boxes in which a person is looked up the name of their label: without it a
// screen reader says what was chosen and not for what.
"use strict";

function nameLookUps(within) {
  for (const select of within.querySelectorAll("select.admin-autocomplete")) {
    const label = document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
    const box = select.parentElement.querySelector(".select2-selection");
    if (label && box) {
      const shown = box.querySelector(".select2-selection__rendered");
      label.id = `${select.id}_label`;
      box.setAttribute("aria-labelledby", `${label.id} ${shown.id}`);
      shown.setAttribute("aria-labelledby", label.id);
      django.jQuery(select).on("select2:open", () => nameSearch(box, label.id));
    }
  }
}

// The field for typing and the list below it exist only while the box is open.
function nameSearch(box, labelId) {
  const opened = ".select2-container--open .select2-";
  const list = document.querySelector(`${opened}results__options`);
  const search = document.querySelector(`${opened}search__field`);
  box.setAttribute("aria-controls", list.id);
  list.setAttribute("aria-labelledby", labelId);
  search.setAttribute("aria-labelledby", labelId);
}

// Registered after the script that makes the boxes, and so called after it.
django.jQuery(() => nameLookUps(document));
document.addEventListener("formset:added", (event) => nameLookUps(event.target));
