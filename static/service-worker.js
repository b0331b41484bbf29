// Keeps what was read last, for where there is no network: always asks the network first.
// A new number, and what was kept by an earlier one is removed.
const PAGES = "rostrum-1-pages";
const DOCUMENTS = "rostrum-1-documents";
const FILES = "rostrum-1-files";
const LIMITS = { [PAGES]: 60, [DOCUMENTS]: 10, [FILES]: 100 };
// Of a network so slow that what is kept is shown, in milliseconds; and for how long it
// is not waited for again.
const PATIENCE = 4000;
const RESPITE = 10000;
let slowUntil = 0;

// Where an address is kept; nowhere: the desk, the check of printed copies, which must
// never be answered from memory, data, and which edition is current.
const place = ({ origin, pathname }) => {
  if (origin !== location.origin) return undefined;
  if (/^\/static\/(?!admin|desk|vendor)|^\/..\/offline\/$/.test(pathname)) return FILES;
  if (!/^\/(ar|zh|en|fr|ru|es)\/(?!check\/)/.test(pathname)) return undefined;
  if (/\.(pdf|docx)$/.test(pathname)) return DOCUMENTS;
  return pathname.endsWith("/") ? PAGES : undefined;
};

// --- Keeping -------------------------------------------------------------------

const keep = async (url, answer) => {
  const name = place(url);
  if (!name || answer.status >= 500) return;
  const cache = await caches.open(name);
  if (answer.status === 410) await forget(url);
  // Moved, or gone: what was kept is not what is there now.
  if (answer.status !== 200 || answer.redirected) {
    await cache.delete(url);
    return;
  }
  await cache.put(url, answer);
  const kept = await cache.keys();
  // The first is the one that was not read for longest.
  for (const request of kept.slice(0, -LIMITS[name])) await cache.delete(request);
  if (name === PAGES) await keepOffline(`/${url.pathname.split("/")[1]}/offline/`);
};

// What was withdrawn: the whole session, in every language.
const forget = async ({ pathname }) => {
  const [, , conference, session] = pathname.split("/");
  const under = `/${conference}/${session}/`;
  for (const name of [PAGES, DOCUMENTS]) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      if (new URL(request.url).pathname.slice(3).startsWith(under)) await cache.delete(request);
    }
  }
};

// The page for what was never read, in the language of what was, with its files.
const keepOffline = async (address) => {
  const files = await caches.open(FILES);
  if (await files.match(address)) return;
  const answer = await fetch(address);
  if (answer.status !== 200) return;
  const text = await answer.clone().text();
  await files.put(address, answer);
  for (const [, file] of text.matchAll(/(?:href|src)="(\/static\/[^"]+)"/g)) {
    if (!(await files.match(file))) await files.add(file);
  }
};

// --- Answering -----------------------------------------------------------------

const find = async (url) => {
  const name = place(url);
  const cache = name && (await caches.open(name));
  const found =
    (await cache?.match(url, { ignoreVary: true })) ??
    // What was filtered: the whole page, which a script filters.
    (await cache?.match(url.pathname, { ignoreVary: true }));
  if (!found) return undefined;
  const headers = new Headers(found.headers);
  // Of the bytes as they were sent.
  for (const each of ["Accept-Ranges", "Content-Encoding", "Content-Length"]) headers.delete(each);
  if (!headers.get("Content-Type")?.startsWith("text/html")) {
    return new Response(found.body, { headers });
  }
  const why = navigator.onLine ? "silent" : "offline";
  const page = (await found.text()).replace("<html", `<html data-kept="${why}"`);
  return new Response(page, { headers });
};

const offline = async (url) => {
  const files = await caches.open(FILES);
  const every = (await files.keys()).filter(({ url }) => url.endsWith("/offline/"));
  const own = `/${url.pathname.split("/")[1]}/offline/`;
  return (await files.match(own)) ?? (every.length ? files.match(every.at(-1)) : undefined);
};

const answer = async (event, url) => {
  const isPage = event.request.mode === "navigate";
  const network = fetch(event.request);
  const kept = network.then((found) => keep(url, found.clone()));
  event.waitUntil(kept.catch(() => {}));
  const wait = Date.now() < slowUntil ? 0 : PATIENCE;
  const first = await Promise.race([
    network.catch(() => undefined),
    new Promise((resolve) => setTimeout(resolve, wait, "slow")),
  ]);
  if (first === "slow") slowUntil = Date.now() + RESPITE;
  else if (first?.status < 500) {
    slowUntil = 0;
    return first;
  }
  const found = await find(url);
  if (found) return found;
  return network.catch(async () => (isPage && (await offline(url))) || Response.error());
};

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  url.hash = "";
  const isStart = url.pathname === "/" && request.mode === "navigate";
  // A part of a document is left to the browser: whole ones alone are kept.
  if (request.method !== "GET" || request.headers.has("range")) return;
  if (place(url) || (isStart && url.origin === location.origin)) {
    event.respondWith(answer(event, url));
  }
});

// What a page was made of that was read before there was a worker.
addEventListener("message", (event) => {
  const read = async (address) => {
    const url = new URL(address);
    if (place(url) && !(await find(url))) await keep(url, await fetch(url));
  };
  event.waitUntil(Promise.allSettled(event.data.map(read)));
});

// --- From one release to the next ------------------------------------------------

addEventListener("install", () => skipWaiting());

addEventListener("activate", (event) => {
  const clean = async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith("rostrum-") && !(name in LIMITS)) await caches.delete(name);
    }
    await clients.claim();
  };
  event.waitUntil(clean());
});
