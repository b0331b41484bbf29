// What runs now and what is next, and the times of a reader elsewhere beside the place's.
//
// Each slot carries its instants (data-starts, data-ends or data-over, with the place's
// offset), `.clock` all words, patterns and names of days, in the language of the page.
// The clock is the device's; who asks the server anyway tells its time with the event
// "rostrum:date" (detail: the Date header), and a device that is wrong is put right.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const HIDDEN = "rostrum.times";
// What browsers still call by a name that the city no longer has.
const RENAMED = {
  Calcutta: "Kolkata",
  Kiev: "Kyiv",
  Katmandu: "Kathmandu",
  Rangoon: "Yangon",
  Saigon: "Ho Chi Minh City",
};
const language = document.documentElement.lang;
let skew = 0;
let waiting;
let shown;
let hides = false;
let zoneBeside;

const now = () => Date.now() + skew;
const fill = (pattern, words) => pattern.replace(/\{(\w+)\}/g, (_, name) => words[name]);

function element(name, className, ...content) {
  const made = document.createElement(name);
  made.className = className;
  made.append(...content);
  return made;
}

const copied = (node) => (node ? [...node.cloneNode(true).childNodes] : []);

// --- The slots ------------------------------------------------------------------------

function slotOf(item) {
  const { starts, ends, over } = item.dataset;
  return { item, starts: Date.parse(starts), until: Date.parse(ends ?? over) };
}

const dayOf = (item) => item.closest(".day") ?? document;

const slots = () =>
  [...document.querySelectorAll(".slot[data-starts]:not(.is-struck)")].map(slotOf);

// What has words in place of a time, behind what was the last to begin.
function untimed(begun) {
  const last = begun.reduce((one, two) => (two.starts >= one.starts ? two : one));
  const ofDay = [...dayOf(last.item).querySelectorAll(".slot")];
  const behind = ofDay[ofDay.indexOf(last.item) + 1];
  const is = behind?.matches(":not([data-starts], .is-struck)");
  return is ? [{ item: behind }] : [];
}

function state(all) {
  const at = now();
  const begun = all.filter((slot) => slot.starts <= at);
  const running = begun.filter((slot) => at < slot.until);
  const start = Math.min(...all.filter((slot) => at < slot.starts).map((slot) => slot.starts));
  const next = all.filter((slot) => slot.starts === start);
  const open = begun.length && !running.length ? untimed(begun) : [];
  const bounds = all.flatMap((slot) => [slot.starts, slot.until]).filter((time) => at < time);
  return { at, begun, running, next, open, bounds };
}

// --- In words -------------------------------------------------------------------------

function relative(span) {
  const [length, unit] =
    span < 2 * HOUR ? [MINUTE, "minute"] : span < 2 * DAY ? [HOUR, "hour"] : [DAY, "day"];
  const count = length === MINUTE ? Math.ceil(span / length) : Math.round(span / length);
  const locale = `${language}-u-nu-latn`;
  return new Intl.RelativeTimeFormat(locale).format(count, unit);
}

const dayNames = (words) =>
  Object.fromEntries(words.days.split("|").map((day) => [day.slice(0, 10), day.slice(11)]));

function row(kind, slot, words, before = "", after = "") {
  const { item } = slot;
  const time = copied(item.querySelector(".when > .time"));
  const room = item.querySelector(".when > .room");
  const title = [".label", "a:not(.mark a)"].map((part) => item.querySelector(`h3 ${part}`));
  const label = title[0] ? [element("span", "of", ...copied(title[0])), " "] : [];
  const link = element("a", "", ...label, ...copied(title[1]));
  // A slot that a filter hides has a page of its own.
  link.href = item.hidden ? title[1].href : `#${item.id}`;
  const line = element("p", "", element("strong", `tag is-${kind}`, words[kind]), " ");
  line.append(before, element("span", "at", ...time), " ", link);
  if (room) line.append(" · ", element("span", "in", ...copied(room)));
  if (after) line.append(element("span", "in", fill(words.brackets, { words: after })));
  return line;
}

function lines(found, words, names, part) {
  const { at, begun, running, next, open } = found;
  const { before, after } = part.dataset;
  const soon = next[0] && relative(next[0].starts - at);
  const { starts, at: time } = next[0]?.item.dataset ?? {};
  const day = names[starts?.slice(0, 10)];
  if (!begun.length && before) {
    return [element("p", "", fill(before, { day, time, relative: soon }))];
  }
  const isOver = !running.length && !next.length && !(at < Date.parse(words.openUntil));
  if (isOver) return after ? [element("p", "", after)] : [];
  const [last] = running.length ? running : begun.slice(-1);
  const isToday = last && next[0] && dayOf(last.item) === dayOf(next[0].item);
  return [
    ...running.map((slot) => row("now", slot, words)),
    ...open.map((slot) => row("open", slot, words)),
    ...next.map((slot) => row("next", slot, words, isToday ? "" : `${day} `, soon)),
  ];
}

// --- In the page ----------------------------------------------------------------------

function tag(slot, words, kind) {
  const mark = element("p", `tag is-${kind}`, words[kind]);
  slot.item.querySelector(".when").append(mark);
}

function jump(days, words, found) {
  const kind = found.running.length ? "now" : "next";
  const [to] = found.running.length ? found.running : found.next;
  if (!days || !to || !found.begun.length) return;
  const link = element("a", "", element("span", `tag is-${kind}`, words[kind]));
  link.href = `#${to.item.id}`;
  days.prepend(element("li", "is-jump", link));
}

function show(found, words, part) {
  for (const mark of document.querySelectorAll(".when > .is-now, .when > .is-next, .is-jump")) {
    mark.remove();
  }
  for (const item of document.querySelectorAll(".slot[aria-current]")) {
    item.removeAttribute("aria-current");
  }
  for (const slot of found.running) {
    slot.item.setAttribute("aria-current", "time");
    tag(slot, words, "now");
  }
  if (!part) return;
  if (found.begun.length) for (const slot of found.next) tag(slot, words, "next");
  jump(document.querySelector(".days ol"), words, found);
}

// What says the same stays, and a link that has the focus keeps it.
function put(made, part) {
  part.hidden = !made.length;
  if (made.map((line) => line.outerHTML).join("") === part.innerHTML) return;
  const focused = part.contains(document.activeElement) && document.activeElement.hash;
  part.replaceChildren(...made);
  if (focused) part.querySelector(`[href="${focused}"]`)?.focus({ preventScroll: true });
}

function tick() {
  clearTimeout(waiting);
  if (zoneName() !== zoneBeside) beside();
  const clock = document.querySelector(".clock");
  const all = slots();
  if (!clock || !all.length) return;
  const words = clock.dataset;
  const part = clock.querySelector(".now");
  const found = state(all);
  const made = part ? lines(found, words, dayNames(words), part) : [];
  const is = [...found.running, 0, ...found.next].map((slot) => slot.item?.id).join();
  if (part) put(made, part);
  if (shown !== is) show(found, words, part);
  shown = is;
  clock.hidden = false;
  if (!found.bounds.length && !(found.at < Date.parse(words.openUntil))) return;
  const step = MINUTE - (found.at % MINUTE);
  waiting = setTimeout(tick, Math.min(...found.bounds.map((time) => time - found.at), step));
}

// --- Times of the reader --------------------------------------------------------------

function offset(iso) {
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(iso) ?? [0, "+", 0, 0];
  return Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes));
}

const differs = (iso) => iso && -new Date(iso).getTimezoneOffset() !== offset(iso);

function face(iso, faces) {
  const time = new Date(iso);
  const minutes = time.getMinutes();
  const pattern = faces[time.getHours() * 2 + (minutes ? 1 : 0)];
  return fill(pattern, { m: minutes, mm: String(minutes).padStart(2, "0") });
}

function dateOf(iso) {
  const time = new Date(iso);
  const parts = [time.getFullYear(), time.getMonth() + 1, time.getDate()];
  return parts.map((part) => String(part).padStart(2, "0")).join("-");
}

function local(item, words, names) {
  const { starts, ends } = item.dataset;
  const faces = words.faces.split("|");
  const first = face(starts, faces);
  const pattern = ends ? words.range : words.alone;
  const times = fill(pattern, { first, last: ends && face(ends, faces) });
  const line = element("p", "yours", fill(words.your, { times }));
  const date = dateOf(starts);
  if (date !== starts.slice(0, 10)) line.append(fill(words.brackets, { words: names[date] ?? date }));
  item.querySelector(".when > .time").after(line);
}

const zoneName = () => Intl.DateTimeFormat().resolvedOptions().timeZone ?? "UTC";

function zone(words) {
  const name = zoneName();
  const last = name.split("/").pop().replaceAll("_", " ");
  const city = fill(words.zone, { city: RENAMED[last] ?? last });
  const isCity = name.includes("/") && !name.startsWith("Etc/");
  if (isCity && language === "en") return city;
  const style = isCity ? "longGeneric" : "long";
  const parts = new Intl.DateTimeFormat(language, { timeZoneName: style, timeZone: name })
    .formatToParts(0);
  const said = parts.find((part) => part.type === "timeZoneName").value;
  return isCity && /GMT|UTC|\d/.test(said) ? city : said;
}

function remembered() {
  try {
    hides = localStorage.getItem(HIDDEN) === "hidden";
  } catch {
    // Nothing is kept here; the page goes by what was chosen on it.
  }
}

function remember() {
  try {
    localStorage.setItem(HIDDEN, hides ? "hidden" : "shown");
  } catch {
    // As above.
  }
}

function beside() {
  zoneBeside = zoneName();
  const words = document.querySelector(".clock")?.dataset;
  for (const line of document.querySelectorAll(".yours")) line.remove();
  if (!words) return;
  const others = [...document.querySelectorAll(".slot[data-starts]")].filter(
    ({ dataset }) => differs(dataset.starts) || differs(dataset.ends),
  );
  const sentence = document.querySelector(".clock > .zones");
  const names = dayNames(words);
  if (!hides) for (const item of others) local(item, words, names);
  if (!sentence) return;
  const { both, one, hide, show } = sentence.dataset;
  sentence.hidden = !others.length;
  if (!others.length) return;
  const [said, button] = sentence.children;
  said.textContent = fill(hides ? one : both, { zone: zone(words) });
  button.textContent = fill(hides ? show : hide, { zone: zone(words) });
}

// --- Set up ---------------------------------------------------------------------------

function setUp() {
  shown = undefined;
  beside();
  tick();
}

document.addEventListener("click", (event) => {
  const { target } = event;
  const link = target.closest(".now a, .is-jump a");
  if (link) {
    const heading = link.hash && document.querySelector(`${link.hash} h3`);
    if (!heading || event.ctrlKey || event.metaKey || event.shiftKey) return;
    // Following the link would take the focus from the heading again.
    event.preventDefault();
    location.hash = link.hash;
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  } else if (target.closest(".zones button")) {
    hides = !hides;
    remember();
    beside();
  }
});
document.addEventListener("visibilitychange", tick);
addEventListener("pageshow", tick);
document.addEventListener("rostrum:renewed", setUp);
document.addEventListener("rostrum:date", ({ detail }) => {
  const wrong = Date.parse(detail) - Date.now();
  skew = Math.abs(wrong) > 2 * MINUTE ? wrong : 0;
  tick();
});
remembered();
setUp();
