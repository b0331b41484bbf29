// Finds slots as one types, and filters them, without asking the server.
//
// What is searched is what the rows say, with data-find for what they do not; each
// choice of the form tells the places of its slots (data-at). The rules of words are those
// of sessions_app/finding.py; tests hold both side by side. The address has what is asked
// for, so that a link or a reload shows it again, from the server too.

const FOLDED = { ø: "o", ł: "l", đ: "d", ð: "d", æ: "ae", œ: "oe", þ: "th", ٱ: "ا", ى: "ي", ة: "ه", ء: "", ـ: "" };
const READ = "h3,.text,.questions,.aside,.line,.lead,.people,.room,.is-words";
const UNREAD = ".tag,.mark,.unseen,.questions>.lead,button";
const lines = new WeakMap();
const one = (selector, within = document) => within.querySelector(selector);
const every = (selector, within = document) => [...within.querySelectorAll(selector)];
let form;
let waiting;

export function runsOf(text) {
  const plain = text.normalize("NFKD").toUpperCase().toLowerCase().normalize("NFKD");
  const folded = plain.replace(/./gsu, (letter) => FOLDED[letter] ?? letter);
  const letters = folded.replace(/[\p{M}\p{Cf}]/gu, "").replace(/[^\p{L}\p{N}]/gu, " ");
  return letters.match(/[0-9a-z\u0080-\u052f]+|[^ 0-9a-z\u0080-\u052f]+/g) ?? [];
}

export function lineOf(slot) {
  if (!lines.has(slot)) {
    const said = [];
    const nodes = document.createTreeWalker(slot, NodeFilter.SHOW_TEXT);
    while (nodes.nextNode()) {
      const { parentElement, data } = nodes.currentNode;
      if (parentElement.closest(READ) && !parentElement.closest(UNREAD)) said.push(data);
    }
    lines.set(slot, ` ${runsOf(said.join(" ")).join(" ")} ${slot.dataset.find ?? ""} `);
  }
  return lines.get(slot);
}

const fits = (run, line) => line.includes(/^[0-9a-z\u0080-\u052f]/.test(run) ? ` ${run}` : run);
const fields = () => every("[name]", form);
const choiceIn = (field) => (field.options ? field.selectedOptions[0] : field);
const isAsked = (field) =>
  field.name === "q" ? runsOf(field.value).length : field.options ? field.value : field.checked;
const set = (field, value) => {
  if (field.type === "checkbox") field.checked = value === field.value;
  else field.value = value;
};

function found(slots) {
  const asked = fields().filter(isAsked);
  let shown = slots;
  for (const field of asked) {
    const places = choiceIn(field).dataset.at?.split(" ").map(Number);
    const runs = places ? [] : runsOf(field.value);
    shown = shown.filter((slot) =>
      places ? places.includes(slots.indexOf(slot)) : runs.every((run) => fits(run, lineOf(slot))),
    );
  }
  // What a slot is part of shows with it.
  const all = new Set(shown);
  for (const slot of all) {
    const around = one(".part-of a", slot)?.hash;
    if (around) all.add(one(around));
  }
  return [asked, all];
}

// The words of what is asked for by a field.
function wordsOf(field) {
  if (field.name === "q") return form.dataset.quoted.replace("{words}", field.value.trim());
  return field.options ? choiceIn(field).text : field.labels[0].textContent;
}

function addressWithout(fieldsGone, asked) {
  const address = new URL(location.href);
  for (const { name } of fields()) address.searchParams.delete(name);
  for (const field of asked) {
    if (!fieldsGone.includes(field)) address.searchParams.set(field.name, field.value.trim());
  }
  return address;
}

function tell(asked, hidden, shown) {
  const { counts, nothing, everything } = form.dataset;
  const [status, list, template] = every(".found > :is([role], ul, template)");
  const rules = new Intl.PluralRules(document.documentElement.lang);
  const forms = Object.entries(JSON.parse(counts));
  const same = ([number]) => rules.select(Number(number)) === rules.select(hidden);
  const count = (forms.find(same) ?? forms.at(-1))[1].replace("{hidden}", hidden);
  const had = status.textContent;
  const said = !asked.length ? had && everything : shown ? count : nothing;
  if (said !== had) status.textContent = said;
  const [term, all] = template.content.children;
  const made = asked.map((field) => {
    const item = term.cloneNode(true);
    const link = item.firstChild;
    link.textContent = wordsOf(field);
    link.ariaLabel = link.ariaLabel.replace("{words}", link.textContent);
    link.href = addressWithout([field], asked);
    link.dataset.field = field.name;
    return item;
  });
  list.replaceChildren(...made, ...(made.length ? [all.cloneNode(true)] : []));
  every(".fault").forEach((fault) => fault.remove());
}

function apply() {
  clearTimeout(waiting);
  const slots = every("#programme .slot");
  const [asked, all] = found(slots);
  for (const slot of slots) slot.hidden = !all.has(slot);
  for (const day of every("#programme .day")) {
    const shown = every(".slot:not([hidden])", day).length > 0 || !asked.length;
    day.hidden = !shown;
    const link = one(`.days a[href="#${day.id}"]`);
    if (link) link.parentElement.hidden = !shown;
  }
  one("#programme").classList.toggle("is-found", asked.length > 0);
  tell(asked, slots.length - all.size, all.size);
  history.replaceState(history.state, "", addressWithout([], asked));
}

// The page came with some of the slots: the others are fetched once.
async function ask() {
  if ("part" in form.dataset) {
    try {
      const answer = await fetch(form.getAttribute("action"));
      if (!answer.ok) throw new Error(answer.status);
      const whole = new DOMParser().parseFromString(await answer.text(), "text/html");
      const [own, its] = [document, whole].map((page) => one("#fresh", page)?.dataset.digest);
      if (own !== its) throw new Error("The places of the form are those of another edition.");
      for (const part of ["nav.days", "#programme"]) one(part)?.replaceWith(one(part, whole));
      delete form.dataset.part;
    } catch {
      form.submit();
      return;
    }
    document.dispatchEvent(new CustomEvent("rostrum:renewed"));
  }
  apply();
}

function soon() {
  clearTimeout(waiting);
  waiting = setTimeout(ask, 150);
}

function clear(names = fields().map((field) => field.name)) {
  for (const name of names) set(form[name], "");
  return ask();
}

function setUp() {
  const here = one(".find form");
  if (!here || here === form) return;
  form = here;
  form.addEventListener("input", soon);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    // A telephone's keyboard goes, and what was found comes into sight.
    document.activeElement.blur();
    ask().then(() => one(".found").scrollIntoView());
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    clear();
  });
  one(".found").addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const name = link.dataset.field;
    clear(name && [name]);
    (form.offsetParent ? form.q : one(".find summary")).focus();
  });
  if ("part" in form.dataset) return;
  const asked = new URLSearchParams(location.search);
  for (const field of fields()) if (asked.get(field.name)) set(field, asked.get(field.name));
  if (fields().some(isAsked)) apply();
}

setUp();
document.addEventListener("rostrum:renewed", setUp);
// A link to a slot that is hidden shows everything first.
addEventListener("hashchange", () => {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  if (target?.closest("[hidden]")) clear().then(() => target.scrollIntoView());
});
