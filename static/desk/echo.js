// Shows, while a form is typed in, what it would print. The server composes it like
// everything that prints; this sends the form and puts the answer in place. An element
// with data-echo-address names the form (data-echo-form); each element with data-echo
// takes the part of the answer that has the same name.
"use strict";

for (const place of document.querySelectorAll("[data-echo-address]")) {
  echo(place.dataset.echoAddress, document.getElementById(place.dataset.echoForm), place);
}

function echo(address, form, place) {
  let waiting = 0;
  let asked = null;

  async function ask() {
    asked?.abort();
    asked = new AbortController();
    try {
      const answer = await fetch(address, {
        method: "POST",
        body: new FormData(form),
        signal: asked.signal,
      });
      if (answer.ok) put(new DOMParser().parseFromString(await answer.text(), "text/html"));
      place.classList.toggle("is-stale", !answer.ok);
    } catch (error) {
      // Asked again meanwhile, or the network is away: what stands there is old.
      if (error.name !== "AbortError") place.classList.add("is-stale");
    }
  }

  function put(answer) {
    for (const part of answer.querySelectorAll("[data-echo]")) {
      const name = CSS.escape(part.dataset.echo);
      for (const shown of document.querySelectorAll(`[data-echo="${name}"]`)) {
        shown.replaceChildren(...part.cloneNode(true).childNodes);
      }
    }
  }

  function soon() {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 250);
  }

  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  // The boxes in which a person is looked up tell jQuery alone.
  window.django?.jQuery(form).on("change", "select", soon);
  document.addEventListener("formset:removed", soon);
}
