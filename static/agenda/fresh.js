// An open page learns of a new edition, shows it where the reader was, says what changed.

const live = document.getElementById("fresh");
const root = document.documentElement;
const state = live.dataset;
const current = state.asks?.replace("current.json", ""); // none: a list of sessions
let known = state.edition; // by the reader: changes are told since this one
let newest = known;
let failures = 0;
let timer, isBusy, isComposing;

const ask = async () => {
  if (isBusy || document.hidden || !(current || root.dataset.kept)) return;
  isBusy = true;
  let seconds = 12;
  try {
    // The worker leaves both alone.
    const answer = await fetch(current ? state.asks : location.pathname, {
      method: current ? "GET" : "HEAD",
      cache: "no-cache",
      signal: AbortSignal.timeout(10000),
    });
    const told = { detail: answer.headers.get("Date") };
    document.dispatchEvent(new CustomEvent("rostrum:date", told));
    if (answer.status >= 500) throw answer;
    failures = 0;
    delete root.dataset.kept;
    if (state.mode && !(await heed(answer))) seconds = answer.ok ? 4 : 60;
  } catch {
    failures += 1;
    seconds = Math.min(60, 6 * 2 ** failures);
    if (failures > 1 || !navigator.onLine) sayKept();
  }
  isBusy = false;
  plan(seconds);
};

// Not every phone in the same moment.
const plan = (seconds) => {
  clearTimeout(timer);
  timer = setTimeout(ask, (seconds - 2 + Math.random() * 4) * 1000);
};

const sayKept = () => (root.dataset.kept = navigator.onLine ? "silent" : "offline");

const read = async (address) => {
  const answer = await fetch(address, { cache: "no-cache" });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return { status: answer.status, page, fresh: page.getElementById("fresh") };
};

// Whether the page says what the answer says. Without an edition: withdrawn.
const heed = async (answer) => {
  const { edition, digest = "" } = answer.ok ? await answer.json() : {};
  if (digest === state.digest) return true;
  if (isComposing) return false;
  const isToTell = edition && state.mode === "tell";
  const isNew = edition != known;
  const since = edition && isNew && !isToTell && `${current}changes/${known}/`;
  const [there, changes] = await Promise.all([
    read(isToTell ? current : location.pathname + location.search),
    since && read(since),
  ]);
  const isGone = !isToTell && [404, 410].includes(there.status);
  // The former one may be kept on the way.
  if (!isGone && there.fresh?.dataset.digest !== digest) return false;
  const words = (there.fresh ?? changes?.fresh)?.cloneNode(true);
  if (!isToTell) replace(there.page, words);
  state.digest = digest;
  newest = edition;
  if (isNew) tell(words, changes?.page, since, isToTell, isGone);
  return true;
};

// Finds an element again, by kind and place within what has an id.
const finder = (element) => {
  const home = element.closest("[id]");
  const link = element.getAttribute("href");
  const kind = link ? `a[href="${link}"]` : element.localName;
  const place = [...home.querySelectorAll(kind)].indexOf(element);
  return () => {
    const there = document.getElementById(home.id);
    return element === home ? there : there?.querySelectorAll(kind)[place];
  };
};

// In sight: the first one, those after it, those before it.
const places = () => {
  const days = document.querySelector(".days")?.getBoundingClientRect();
  const edge = days?.top <= 0 ? days.bottom : 0;
  // Not a slot of which only the end is seen.
  for (const [kind, least] of [["main .slot[id]", 48], ["main a", 0]]) {
    const all = [...document.querySelectorAll(kind)]
      .map((element) => [finder(element), element.getBoundingClientRect()])
      .filter(([, { height }]) => height);
    const first = all.findIndex(([, { bottom }]) => bottom > edge + least);
    if (all[first]?.[1].top < innerHeight) return [...all.slice(first), ...all.slice(0, first).reverse()];
  }
  return [];
};

const replace = (page, words) => {
  const seen = places();
  const focused = document.querySelector(":is(main, .foot) :focus");
  const again = focused && finder(focused);
  const settings = [...document.querySelectorAll("main :is(details, input, select)")].map(
    (element) => [finder(element), element],
  );

  document.querySelector("main").replaceWith(page.querySelector("main"));
  document.querySelector(".foot")?.remove();
  live.before(page.querySelector(".foot") ?? "");
  document.title = page.title;
  if (words) {
    Object.assign(state, words.dataset);
    live.replaceChildren(...words.cloneNode(true).children);
  }

  for (const [find, was] of settings) {
    const is = find() ?? {};
    const kind = was.type === "checkbox" ? "checked" : "open" in was ? "open" : "value";
    is[kind] = was[kind];
    if (is.selectedIndex < 0) is.selectedIndex = 0;
  }
  document.dispatchEvent(new CustomEvent("rostrum:renewed"));
  for (const [find, { top }] of seen) {
    const box = find()?.getBoundingClientRect();
    if (box?.height) {
      scrollBy({ top: box.top - top, behavior: "instant" });
      break;
    }
  }
  again?.()?.focus({ preventScroll: true });
};

const tell = (words, changes, since, isToTell, isGone) => {
  const template = (words ?? live).querySelector("template");
  const card = document.importNode(template.content, true).firstElementChild;
  const part = (name) => card.querySelector(name);
  const drop = (is, name) => is && part(name).remove();
  const told = changes?.querySelectorAll(".is-changes .told > li") ?? [];
  const hours = (Date.now() - Date.parse(part(".today").dataset.at)) / 3600000;
  drop(true, hours > 12 ? ".today" : ".earlier");
  if (told.length) {
    part(".all").href = since;
    part(".counts").append(changes.querySelector(".counts").textContent);
  }
  for (const item of [...told].slice(0, 5)) {
    const line = document.importNode(item, true);
    if (!item.previousElementSibling) {
      const where = document.importNode(item.parentNode.previousElementSibling, true);
      line.prepend(...where.childNodes, document.createElement("br"));
    }
    part(".told").append(line);
  }
  if (!words) part(".headline p").textContent = document.querySelector("h1").textContent;
  drop(!words || !isGone, ".gone");
  drop(!isToTell, ".current");
  drop(!words || isToTell, ".all");
  drop(!told.length, ".told");
  part("button").onclick = () => {
    known = newest;
    card.remove();
    makeRoom();
    const main = document.querySelector("main");
    main.tabIndex = -1;
    main.focus({ preventScroll: true });
  };
  live.querySelector(".news")?.remove();
  live.append(card);
  makeRoom();
};

// What has the focus is not under it.
const makeRoom = () => {
  const height = `${live.offsetHeight}px`;
  root.style.scrollPaddingBlockEnd = document.body.style.paddingBlockEnd = height;
  const focused = document.querySelector(":is(main, .foot) :focus-visible");
  if (focused?.getBoundingClientRect().bottom > live.getBoundingClientRect().top) {
    focused.scrollIntoView({ block: "nearest", behavior: "instant" });
  }
};

// A first page is kept too, which went past the worker.
const register = async () => {
  const workers = navigator.serviceWorker;
  const isFirst = !workers.controller;
  await workers.register("/service-worker.js");
  const files = performance.getEntriesByType("resource").map(({ name }) => name);
  if (isFirst) (await workers.ready).active.postMessage([location.href, ...files]);
};

document.addEventListener("visibilitychange", ask);
document.addEventListener("compositionstart", () => (isComposing = true));
document.addEventListener("compositionend", () => (isComposing = false));
addEventListener("pageshow", ({ persisted }) => persisted && ask());
addEventListener("online", ask);
addEventListener("offline", sayKept);
if (root.dataset.kept) ask();
else plan(4);
addEventListener("load", () => register().catch(() => {}));
