// Saves a translation when its field is left, says beside it what became of it, and keeps
// what is typed while the server is away. Without this script the same form is sent as a
// whole, by the button at each text or at the end.
"use strict";

const translations = document.getElementById("translate_form");
if (translations) equip(translations);

function equip(page) {
  const entries = [...page.querySelectorAll("[data-key]")]
    .filter((part) => part.querySelector("textarea"))
    .map((part) => makeEntry(part, page));

  const unsaved = () => entries.filter((entry) => entry.isTyped());

  // What could not be saved before is sent again with the next one.
  function saveAll() {
    return Promise.all(unsaved().map((entry) => entry.save()));
  }

  function goOn(entry) {
    const next = entries[entries.indexOf(entry) + 1];
    if (next) next.box.focus();
    else entry.box.blur();
  }

  document.querySelectorAll(".with-script").forEach((hint) => hint.removeAttribute("hidden"));
  page.classList.add("is-saving-as-you-go");
  entries.forEach((entry) => {
    entry.box.addEventListener("input", () => entry.showTyped());
    entry.box.addEventListener("blur", saveAll);
    entry.box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        if (event.shiftKey) entry.save("revise");
        else if (entry.isTyped() || entry.isOutdated()) entry.save("confirm");
        goOn(entry);
      } else if (entry.isOneLine) {
        event.preventDefault();
      }
    });
  });
  page.addEventListener("submit", (event) => {
    event.preventDefault();
    const [act, sent] = [event.submitter?.name, event.submitter?.value || ""];
    const entry = entries.find((each) => each.key === sent.split(" ")[0]);
    if (!entry) saveAll();
    else if (act === "keep") entry.keepTheirs();
    else if (act === "over") entry.saveOver(sent.split(" ")[1]);
    else entry.save(act);
  });
  window.addEventListener("beforeunload", (event) => {
    if (unsaved().length) event.preventDefault();
  });
}

function makeEntry(part, page) {
  const box = part.querySelector("textarea");
  const seen = part.querySelector("input[type=hidden]");
  const said = part.querySelector(".translate-said");
  const mark = part.querySelector(".mark");
  const theirs = part.querySelector(".translate-theirs");
  // What is kept on the server, as far as this page knows. After a refusal, the box holds
  // what was typed, and that is kept nowhere.
  let kept = part.classList.contains("has-errors") ? null : box.value;
  // Words that the server refused, which need not be sent again; any act may decide.
  let refused = null;
  let queue = Promise.resolve();

  // From Tab to Tab the way leads from text to text; the keys do what these do.
  part.querySelectorAll(".translate-buttons button").forEach((button) => {
    button.tabIndex = -1;
  });

  const isTyped = () => box.value !== kept;
  const isOutdated = () => mark.classList.contains("state-outdated");

  function say(words, isRefused = false) {
    if (said.textContent !== words) said.textContent = words;
    said.classList.toggle("is-refused", isRefused);
    part.classList.toggle("has-errors", isRefused);
    box.toggleAttribute("aria-invalid", isRefused);
    if (isRefused) box.setAttribute("aria-invalid", "true");
  }

  function showTyped() {
    if (isTyped()) {
      if (!part.classList.contains("has-errors")) say(page.dataset.typed);
    } else say("");
  }

  // One after the other: the second of two must know what the first one saved.
  function save(act = "save") {
    queue = queue.then(() => send(act));
    return queue;
  }

  async function send(act) {
    const words = box.value;
    if (act === "save" && (!isTyped() || refused === words)) return;
    say(page.dataset.saving);
    const body = new FormData();
    body.set("key", part.dataset.key);
    body.set("words", words);
    body.set("seen", seen.value);
    body.set("act", act);
    try {
      const answer = await fetch(location.pathname, {
        method: "POST",
        body,
        headers: { Accept: "application/json", "X-CSRFToken": token() },
      });
      const isJson = answer.headers.get("Content-Type")?.startsWith("application/json");
      if (isJson) take(answer, await answer.json(), words);
      else say(page.dataset[answer.status < 500 ? "signedOut" : "away"], true);
    } catch {
      say(page.dataset.away, true);
    }
  }

  function take(answer, told, words) {
    if (!answer.ok) {
      refused = words;
      say(page.dataset.notSaved.replace("%s", told.said), true);
      if (answer.status === 409) showTheirs(told);
      return;
    }
    refused = null;
    theirs.hidden = true;
    keep(told.words, told.seen, box.value === words);
    mark.textContent = told.stateSaid;
    mark.className = `mark state-${told.state}`;
    part.querySelector(".translate-since")?.remove();
    part.querySelector("[name=confirm]")?.remove();
    document.getElementById("left").textContent = told.leftSaid;
    say(isTyped() ? page.dataset.typed : told.said);
  }

  function keep(words, digests, isShown) {
    kept = words;
    seen.value = digests;
    if (isShown && box.value !== words) box.value = words;
  }

  function showTheirs(told) {
    part.querySelector(".translate-source").textContent = told.source;
    theirs.hidden = false;
    theirs.querySelector(".translate-other").hidden = !told.isTheirsOther;
    const shown = theirs.querySelector(".translate-kept");
    shown.textContent = told.theirs || page.dataset.none;
    theirs.dataset.words = told.theirs;
    theirs.querySelector("[name=over]").value = `${part.dataset.key} ${told.seen}`;
  }

  function keepTheirs() {
    const shown = theirs.querySelector(".translate-kept").textContent;
    const words = theirs.dataset.words ?? (shown === page.dataset.none ? "" : shown);
    refused = null;
    keep(words, theirs.querySelector("[name=over]").value.split(" ")[1], true);
    theirs.hidden = true;
    say("");
    box.focus();
  }

  function saveOver(digests) {
    seen.value = digests;
    box.focus();
    return save("over");
  }

  const { key } = part.dataset;
  const isOneLine = "oneLine" in part.dataset;
  return { box, key, isOneLine, isTyped, isOutdated, showTyped, save, keepTheirs, saveOver };
}

// The newest there is: whoever signs in again in another window gets a new one.
function token() {
  const cookie = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
  return cookie ? cookie[1] : document.querySelector("[name=csrfmiddlewaretoken]").value;
}
