// Finds from every page: Ctrl-K goes to the box, results show while one types, arrow
// keys go through them. Without this script the box leads to the page of results.
"use strict";

const form = document.querySelector("form.find");
if (form) find(form, form.querySelector("input"), form.querySelector(".find-results"));

// A language that is chosen needs no second click.
for (const select of document.querySelectorAll(".staff-language select")) {
  select.form.querySelector("button").hidden = true;
  select.addEventListener("change", () => select.form.submit());
}

function find(form, box, results) {
  let asked = null;

  async function ask() {
    asked?.abort();
    asked = new AbortController();
    const typed = box.value.trim();
    if (!typed) {
      results.hidden = true;
      return;
    }
    const address = new URL(form.action);
    address.search = new URLSearchParams({ q: typed, part: "1" });
    try {
      const answer = await fetch(address, { signal: asked.signal });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      results.replaceChildren(...page.body.childNodes);
      results.hidden = false;
    } catch (error) {
      if (error.name !== "AbortError") results.hidden = true;
    }
  }

  function step(by) {
    const stops = [box, ...results.querySelectorAll("a")];
    const place = stops.indexOf(document.activeElement) + by;
    stops[(place + stops.length) % stops.length].focus();
  }

  let waiting = 0;
  box.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 150);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      results.hidden = true;
      box.focus();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (results.hidden) return;
      event.preventDefault();
      step(event.key === "ArrowDown" ? 1 : -1);
    }
  });
  form.addEventListener("focusout", (event) => {
    if (!form.contains(event.relatedTarget)) results.hidden = true;
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      box.focus();
      box.select();
    }
  });
}
