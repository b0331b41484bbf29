// "My programme": the slots that a reader stars, kept on this device by their codes alone,
// and shown by the server under an address that names them. `.mine` has the words.

const part = () => document.querySelector(".mine");
const key = () => `rostrum.mine:${part().dataset.kept}`;
// In place of the device's memory, where it keeps nothing.
let instead = null;

function chosen() {
  if (instead) return instead;
  try {
    return new Set((localStorage.getItem(key()) ?? "").split(",").filter(Boolean));
  } catch {
    return new Set();
  }
}

function keep(codes) {
  try {
    localStorage.setItem(key(), [...codes].join());
    instead = null;
  } catch {
    instead = codes;
    say(part().dataset.lost);
  }
  show();
}

function say(words) {
  document.querySelector(".message").textContent = words;
}

// The commas stay as they are: an address of five hundred codes is long enough.
function query(codes) {
  return codes.size ? `?slots=${[...codes].map(encodeURIComponent).join()}` : "";
}

function show() {
  if (!part()) return;
  const codes = chosen();
  const { page, count } = part().dataset;
  for (const star of document.querySelectorAll(".star")) {
    star.hidden = false;
    star.setAttribute("aria-pressed", codes.has(codeOf(star)));
  }
  for (const counted of document.querySelectorAll("[data-counted]")) {
    counted.textContent = count.replace("{count}", codes.size);
    counted.parentNode.href = page + query(codes);
  }
  part().hidden = false;
  offer(codes);
}

const codeOf = (star) => star.closest("[data-code]").dataset.code;

// --- The page of chosen slots ---------------------------------------------------------

const list = () => document.querySelector("[data-codes]");
const listed = () => new Set(list()?.dataset.codes.split(","));
const asked = () => new URLSearchParams(location.search).get("slots")?.split(",") ?? [];

// Codes of the address that lead to nothing any more, and that are kept here.
function gone(codes) {
  const inList = listed();
  return asked().filter((code) => codes.has(code) && !inList.has(code));
}

function offer(codes) {
  // The page of one's own programme leads to no other.
  const isOwn = codes.size === listed().size && [...listed()].every((code) => codes.has(code));
  const isHere = list() ? isOwn || !codes.size : document.querySelector("[data-mine-empty]");
  part().querySelector("a").hidden = isHere;
  const forget = document.querySelector("[data-forget]");
  const inList = listed();
  const kept = [...inList].filter((code) => codes.has(code));
  if (forget) forget.hidden = !gone(codes).length;
  if (!list()) return;
  for (const button of list().querySelectorAll("button")) {
    button.parentNode.hidden = "keep" in button.dataset && kept.length === inList.size;
  }
}

// What is the reader's own and changes here, the address and the calendar say too.
function follow(before, code) {
  const inList = listed();
  if (!list() || ![...inList].every((one) => before.has(one))) return;
  if (chosen().has(code)) inList.add(code);
  else inList.delete(code);
  if (!inList.size) return;
  list().dataset.codes = [...inList].join();
  history.replaceState(null, "", query(inList));
  for (const link of document.querySelectorAll("[data-query]")) link.search = query(inList);
  offer(chosen());
}

async function share() {
  const url = new URL(part().dataset.page + query(listed()), location).href;
  const { copied, copy } = list().dataset;
  try {
    if (navigator.share) return await navigator.share({ title: document.title, url });
    await navigator.clipboard.writeText(url);
    say(copied);
  } catch (error) {
    if (error.name !== "AbortError") say(`${copy} ${url}`);
  }
}

function lead() {
  const codes = chosen();
  if (!document.querySelector("[data-mine-empty]") || asked().length || !codes.size) return;
  location.replace(part().dataset.page + query(codes));
}

// --- Set up ---------------------------------------------------------------------------

document.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (!button || !part()) return;
  const before = chosen();
  const codes = new Set(before);
  if (button.matches(".star")) {
    const code = codeOf(button);
    if (!codes.delete(code)) codes.add(code);
    say("");
    keep(codes);
    follow(before, code);
  } else if (button.matches("[data-keep]")) {
    keep(new Set([...codes, ...listed()]));
    if (!instead) say(list().dataset.added);
  } else if (button.matches("[data-forget]")) {
    for (const code of gone(before)) codes.delete(code);
    keep(codes);
    location.replace(part().dataset.page + query(chosen()));
  } else if (button.matches("[data-share]")) share();
});
addEventListener("storage", show);
addEventListener("pageshow", show);
document.addEventListener("rostrum:renewed", show);
if (part()) {
  show();
  lead();
}
