// The screen at a door. The page holds the programme of all rooms; this shows the room
// that the address asks for (?room=) as at the hour of the place, looks every 15 seconds
// whether there is a newer page, and goes on with what it has while the network is away.
//
// Screens at doors are often old: what is used here was there in the browsers of 2019.

const EVERY = 15000;
const PATIENCE = 10000;
const IDLE = 5000;
const MINUTE = 60000;
const DAY = 24 * 60 * MINUTE;

const root = document.documentElement;
const asked = new URLSearchParams(location.search).get("room");

let page = read();
let tag = null;
let withdrawn = false;
let lostSince = 0;
let waiting = 0;
let ticking = 0;
let isAsking = false;
let shownText = "";

// --- The hour ---------------------------------------------------------------------

// The clock of such a machine may be hours off, and nobody at the door can set it: the
// hour is that of the server, as its last answer told it (`Date`).
let ahead = 0;
let told = { at: 0, heard: 0 };
let fresh = now();

function now() {
  return Date.now() + ahead;
}

// Throws when the answer is older than it can be: some store kept it, and the network is
// away. The machine's own clock could not tell, which somebody may just have set; the
// time since the page was opened runs on whatever is set, and never too fast.
function listen(answer) {
  const at = saidBy(answer);
  if (!at) return;
  const heard = performance.now();
  const slow = PATIENCE + 2000;
  if (told.at && at < told.at + heard - told.heard - slow) throw new Error("an old answer");
  if (at > told.at) told = { at, heard };
  // Within a second, which the header does not part, there is nothing to correct.
  if (Math.abs(at + 500 - now()) > 1000) ahead = at + 500 - Date.now();
}

function saidBy(answer) {
  const said = Date.parse(answer.headers.get("Date") || "");
  return said ? said + 1000 * (Number(answer.headers.get("Age")) || 0) : 0;
}

// The wall clock of the place, to be read as UTC. How far it is ahead comes with the
// page: a machine knows the zones as they were when it was built.
function wall(at) {
  let minutes = page.clock.offsets[0][1];
  for (const [second, ahead] of page.clock.offsets) {
    if (second * 1000 <= at) minutes = ahead;
  }
  return new Date(at + minutes * MINUTE);
}

function dateOf(at) {
  return wall(at).toISOString().slice(0, 10);
}

function hourOf(at) {
  const there = wall(at);
  const minute = there.getUTCMinutes();
  const face = page.clock.faces[2 * there.getUTCHours() + (minute ? 1 : 0)];
  const words = face
    .replace("{mm}", String(minute).padStart(2, "0"))
    .replace("{m}", String(minute));
  return page.clock.alone.replace("{first}", words);
}

// --- What the page holds ----------------------------------------------------------

function read() {
  const words = {};
  const held = document.getElementById("words").content;
  for (const word of held.querySelectorAll("[data-word]")) {
    words[word.dataset.word] = word.textContent;
  }
  const rooms = [...document.querySelectorAll("#programme > .room")].map((room) => ({
    code: room.dataset.room,
    name: room.querySelector("h2").innerHTML,
    days: [...room.querySelectorAll(".day")].map((day) => ({
      date: day.dataset.date,
      name: day.dataset.name,
      slots: [...day.querySelectorAll(".slot")].map(readSlot),
    })),
  }));
  const clock = JSON.parse(held.querySelector("[data-clock]").dataset.clock);
  return { words, rooms, clock, isCancelled: Boolean(document.getElementById("cancelled")) };
}

function readSlot(element) {
  return {
    element,
    starts: element.dataset.starts ? Date.parse(element.dataset.starts) : null,
    until: Date.parse(element.dataset.until),
    at: element.dataset.at || "",
    ends: element.dataset.ends || "",
    isStruck: element.classList.contains("is-struck"),
  };
}

function say(word, values) {
  return Object.entries(values || {}).reduce(
    (said, [name, value]) => said.replace(`{${name}}`, value),
    page.words[word],
  );
}

// --- What is on in a room ---------------------------------------------------------

// `running`: what takes place at an instant, with what was to and is cancelled; `next`:
// what comes next, which may be some things side by side; `later`: the rest of the day
// under the heading `rest`; `heading` stands over `next`, `sentence` before it.
function look(room, at) {
  const today = dateOf(at);
  const isComing = (slot) => at < (slot.starts === null ? slot.until : slot.starts);
  const running = [];
  for (const day of room.days) {
    running.push(...day.slots.filter((slot) => slot.starts !== null && slot.starts <= at && at < slot.until));
  }
  const day = room.days.find((each) => each.slots.some((slot) => !slot.isStruck && isComing(slot)));
  const here = room.days.find((each) => each.date === today);
  const coming = day ? day.slots.filter(isComing) : [];
  const first = coming.find((slot) => !slot.isStruck);
  const next = coming.filter(
    (slot) => slot === first || (first.starts !== null && !slot.isStruck && slot.starts === first.starts),
  );
  const isToday = Boolean(day) && day === here;
  const left = here && !isToday ? here.slots.filter(isComing) : [];
  return {
    running,
    isOn: running.some((slot) => !slot.isStruck),
    next,
    heading: first ? headingOf(first, day, today) : "",
    sentence: isToday ? "" : sentenceOf(here, day),
    later: left.length ? left : coming.filter((slot) => !next.includes(slot)),
    rest: isToday || left.length ? say("later") : day ? nameOf(day, today) : "",
  };
}

function sentenceOf(here, day) {
  if (!day) return say("over");
  return say(here ? "over_today" : "nothing_today");
}

function headingOf(slot, day, today) {
  if (day.date === today) return slot.at ? say("next_at", { time: slot.at }) : say("next");
  if (!slot.at) return nameOf(day, today);
  if (isTomorrow(day, today)) return say("tomorrow_at", { time: slot.at });
  return say("day_at", { day: day.name, time: slot.at });
}

function nameOf(day, today) {
  return isTomorrow(day, today) ? say("tomorrow") : day.name;
}

function isTomorrow(day, today) {
  return Date.parse(day.date) - Date.parse(today) === DAY;
}

// --- Showing it -------------------------------------------------------------------

function make(name, className, words) {
  const element = document.createElement(name);
  element.className = className;
  if (words) element.textContent = words;
  return element;
}

function listOf(slots) {
  const list = make("ol", "slots");
  list.append(...slots.map((slot) => slot.element.cloneNode(true)));
  return list;
}

// The large part: what is on; while nothing is, what comes next.
function mainOf(shown) {
  const parts = [];
  if (shown.isOn) {
    const heading = make("h3", "heading", say("now"));
    const list = listOf(shown.running);
    // One slot alone has its time beside the word.
    const times = list.querySelectorAll(".time");
    if (shown.running.length === 1 && times.length) heading.append(" ", times[0]);
    return [heading, list];
  }
  if (shown.running.length) parts.push(listOf(shown.running));
  if (shown.sentence) parts.push(make("p", "sentence", shown.sentence));
  if (shown.next.length) parts.push(make("h3", "heading", shown.heading), listOf(shown.next));
  return parts;
}

// Puts parts into a place, but for those that are there: what is said aloud is the
// change of a slot, not each minute.
function put(place, parts) {
  const box = make("div", "");
  box.append(...parts);
  if (place.shown === box.innerHTML) return false;
  place.shown = box.innerHTML;
  place.textContent = "";
  place.append(...box.childNodes);
  return true;
}

function show() {
  const at = now();
  const known = page.rooms.find((room) => room.code === asked);
  // A session with one room needs no choice.
  const room = known || (asked === null && page.rooms.length === 1 ? page.rooms[0] : null);
  const isOff = page.isCancelled || withdrawn;
  root.classList.add("is-live");
  root.classList.toggle("has-board", Boolean(room));
  showClock(at);
  document.getElementById("room").hidden = !room;
  document.getElementById("board").hidden = !room || isOff;
  document.getElementById("rooms").hidden = Boolean(room) || isOff;
  document.getElementById("unknown").hidden = Boolean(room) || asked === null || isOff;
  if (isOff) {
    if (room) document.getElementById("room").innerHTML = room.name;
  } else if (room) {
    showBoard(room, look(room, at));
  } else {
    page.rooms.forEach((each, place) => showCard(place, look(each, at)));
  }
}

function showClock(at) {
  const date = dateOf(at);
  const clock = document.getElementById("clock");
  clock.hidden = false;
  clock.firstElementChild.textContent = hourOf(at);
  clock.firstElementChild.dateTime = wall(at).toISOString().slice(11, 16);
  const day = document.getElementById("date");
  day.textContent = page.clock.dates[date] || "";
  day.hidden = !day.textContent;
  const old = document.getElementById("old");
  const since = dateOf(lostSince) === date ? hourOf(lostSince) : page.clock.dates[dateOf(lostSince)];
  const words = withdrawn ? say("withdrawn") : lostSince ? say("old", { time: since || hourOf(lostSince) }) : "";
  if (old.textContent !== words) old.textContent = words;
}

function showBoard(room, shown) {
  const board = document.getElementById("board");
  const [now, next, later] = [".now", ".next", ".later"].map((part) => board.querySelector(part));
  const name = document.getElementById("room");
  if (name.innerHTML !== room.name) name.innerHTML = room.name;
  const changed = [
    put(now, mainOf(shown)),
    put(next.querySelector("ol"), shown.isOn ? [...listOf(shown.next).children] : []),
    put(later.querySelector("ol"), [...listOf(shown.later).children]),
  ];
  const isAnother = shown.isOn && shown.sentence !== "";
  next.querySelector("h3").textContent = isAnother ? shown.heading : say("next");
  later.querySelector("h3").textContent = shown.rest;
  now.classList.toggle("is-on", shown.isOn);
  next.hidden = !next.querySelector("ol").firstChild;
  later.hidden = !later.querySelector("ol").firstChild;
  board.classList.toggle("is-alone", next.hidden && later.hidden);
  if (changed.includes(true)) fit();
}

function showCard(place, shown) {
  const card = document.getElementById("rooms").children[place].querySelector(".now");
  const parts = mainOf(shown);
  if (shown.isOn && shown.next.length) {
    parts.push(make("h3", "heading", shown.heading), listOf(shown.next));
  }
  card.parentElement.classList.toggle("is-on", shown.isOn);
  if (put(card, parts)) fitCards();
}

// --- As large as there is room for ------------------------------------------------

// Large type first; where that does not fit, smaller type, and then the last people of
// the longest list, or the last slots of the day, are only counted.
function fit() {
  const board = document.getElementById("board");
  if (!board || board.hidden) return;
  for (const extra of board.querySelectorAll(".others")) extra.remove();
  for (const cut of board.querySelectorAll("li[hidden]")) cut.hidden = false;
  const isFull = (box) => box.scrollHeight > box.clientHeight + 1 || box.scrollWidth > box.clientWidth + 1;
  const shrink = (box, most, least) => {
    for (let size = most; size >= least; size -= 4) {
      box.style.setProperty("--fit", size / 100);
      if (!isFull(box)) return;
    }
  };
  const cut = (box, lists, word) => {
    while (isFull(box)) {
      const lengths = lists.map((list) => list.querySelectorAll("li:not([hidden]):not(.others)").length);
      const most = Math.max(0, ...lengths);
      if (!most) return;
      const list = lists[lengths.indexOf(most)];
      const items = [...list.children].filter((item) => !item.classList.contains("others"));
      items[most - 1].hidden = true;
      let extra = list.querySelector(".others");
      if (!extra) extra = list.appendChild(make("li", "others"));
      extra.textContent = page.words[`${word}_${items.length - most + 1}`] || "";
    }
  };
  const main = board.querySelector(".now");
  const then = board.querySelector(".then");
  shrink(main, 140, 72);
  cut(main, [...main.querySelectorAll(".people")], "others");
  if (isFull(main)) shrink(main, 68, 40);
  shrink(then, 128, 76);
  cut(then, [then.querySelector(".later ol")], "more");
  if (isFull(then)) shrink(then, 72, 40);
}

function fitAll() {
  fit();
  if (!document.getElementById("rooms").hidden) fitCards();
}

// The cards of all rooms on one screen, while they can be read there.
function fitCards() {
  for (let size = 100; size >= 52; size -= 4) {
    root.style.setProperty("--cards", size / 100);
    if (root.scrollHeight <= innerHeight) return;
  }
}

// --- A newer page -----------------------------------------------------------------

async function ask() {
  if (isAsking) return;
  isAsking = true;
  clearTimeout(waiting);
  const patience = new AbortController();
  const limit = setTimeout(() => patience.abort(), PATIENCE);
  try {
    // Without ?room=: one address for all doors, which servers may keep. The browser
    // asks whether its copy is the newest, and mostly that is all that is sent.
    const answer = await fetch(location.pathname, { cache: "no-cache", signal: patience.signal });
    const its = answer.headers.get("ETag");
    const newer = answer.ok && (!its || its !== tag) ? parse(await answer.text()) : null;
    if (newer && newer.documentElement.hasAttribute("data-kept")) {
      // By the service worker of the agenda, for where there is no network.
      if (!told.at) fresh = saidBy(answer) || fresh;
      throw new Error("a kept page");
    }
    if (!answer.ok && answer.status !== 410) throw new Error(String(answer.status));
    listen(answer);
    withdrawn = answer.status === 410;
    tag = withdrawn ? null : its;
    if (newer) renew(newer);
    lostSince = 0;
    fresh = now();
  } catch (error) {
    // Never loaded again while it may fail: the browser's page about that would stay.
    if (!lostSince) lostSince = fresh;
  }
  clearTimeout(limit);
  isAsking = false;
  waiting = setTimeout(ask, EVERY);
  tick();
}

// Throws when the answer is not such a page: a network that asks for a password first
// answers everything.
function parse(text) {
  const newer = new DOMParser().parseFromString(text, "text/html");
  if (!newer.getElementById("programme")) throw new Error("another page");
  newer.text = text;
  return newer;
}

function renew(newer) {
  if (newer.documentElement.dataset.format !== root.dataset.format) {
    // Of another release, which this script does not know how to show. It just answered.
    location.reload();
    return;
  }
  if (shownText === newer.text) return;
  shownText = newer.text;
  const live = document.querySelector("#board .now");
  document.title = newer.title;
  document.body.textContent = "";
  document.body.append(...newer.body.childNodes);
  // The same element, so that what changes in it is said.
  document.querySelector("#board .now").replaceWith(live);
  page = read();
}

// --- The machine ------------------------------------------------------------------

function tick() {
  clearTimeout(ticking);
  show();
  // All slots begin and end at full minutes.
  ticking = setTimeout(tick, MINUTE - (now() % MINUTE) + 20);
}

let lock = null;

async function stayAwake() {
  try {
    lock = await navigator.wakeLock.request("screen");
  } catch (error) {
    // Not there, or not now, as on a low battery: the machine's settings decide.
    lock = null;
  }
}

function wake() {
  if (document.visibilityState !== "visible") return;
  tick();
  ask();
  stayAwake();
}

let idling = 0;

function stir() {
  root.classList.remove("is-idle");
  clearTimeout(idling);
  idling = setTimeout(() => root.classList.add("is-idle"), IDLE);
}

document.addEventListener("visibilitychange", wake);
document.addEventListener("pointermove", stir);
addEventListener("online", ask);
addEventListener("resize", fitAll);
document.fonts.ready.then(fitAll);
stir();
wake();
