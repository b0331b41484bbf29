// Takes the service worker of the public pages out of service: a browser that has it
// loads this in its place, removes what was kept, and asks the network alone.

addEventListener("install", () => skipWaiting());

addEventListener("activate", (event) => {
  const leave = async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith("rostrum-")) await caches.delete(name);
    }
    await registration.unregister();
  };
  event.waitUntil(leave());
});
