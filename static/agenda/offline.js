// Lists what the service worker keeps on this device, by session, and loads the page
// again when the network is back.

const keeps = document.getElementById("keeps");
const template = keeps.querySelector("template");

const entries = async () => {
  const found = [];
  for (const name of await caches.keys()) {
    if (!/^rostrum-.*-(pages|documents)$/.test(name)) continue;
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const url = new URL(request.url);
      const answer = await cache.match(request, { ignoreVary: true });
      const isPage = answer.headers.get("Content-Type").startsWith("text/html");
      const page = isPage && new DOMParser().parseFromString(await answer.text(), "text/html");
      const { lang, dir } = page ? page.documentElement : {};
      found.push({ url, lang, dir, title: page ? page.title : url.pathname.split("/").pop() });
    }
  }
  return found;
};

// The address of the agenda of the session that a page or document belongs to.
const sessionOf = ({ pathname }) => pathname.split("/").slice(0, 4).join("/") + "/";

const list = async () => {
  const found = await entries();
  const titles = new Map(found.map((entry) => [entry.url.pathname, entry]));
  const sessions = new Map();
  for (const entry of found) {
    const session = sessionOf(entry.url);
    sessions.set(session, [...(sessions.get(session) ?? []), entry]);
  }
  for (const [session, listed] of sessions) {
    const part = document.importNode(template.content, true).firstElementChild;
    const [heading, items] = part.children;
    const { title, lang, dir } = titles.get(session) ?? listed[0];
    Object.assign(part, { lang, dir });
    heading.textContent = title;
    for (const { url, title } of listed) {
      const link = document.createElement("a");
      link.href = url.pathname + url.search;
      link.textContent = title;
      items.appendChild(document.createElement("li")).append(link);
    }
    keeps.append(part);
  }
  keeps.hidden = !found.length;
  document.getElementById("keeps-nothing").hidden = Boolean(found.length);
};

// The worker leaves HEAD alone. "online" comes before the network is of use.
const tryAgain = async () => {
  try {
    await fetch(location.pathname, { method: "HEAD", cache: "no-store" });
    location.reload();
  } catch {
    setTimeout(tryAgain, 5000);
  }
};

addEventListener("online", tryAgain);
setTimeout(tryAgain, 5000);
if ("caches" in window) list();
