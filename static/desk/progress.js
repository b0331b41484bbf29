// Shows how far an edition on its way is, without reading the page again.
(() => {
  const part = document.getElementById("progress");
  const isOver = () => ["issued", "void"].includes(part.firstElementChild.dataset.state);
  const wait = () => (part.firstElementChild.dataset.state === "waiting" ? 2000 : 500);
  const look = async () => {
    try {
      const answer = await fetch(part.dataset.address, { credentials: "same-origin" });
      if (answer.ok) {
        const text = (await answer.text()).trim();
        // Only what says something new is read aloud.
        if (text !== part.dataset.seen) {
          part.dataset.seen = text;
          part.innerHTML = text;
        }
      }
    } catch {
      // The server is away for a moment; it is asked again.
    }
    if (!isOver()) setTimeout(look, wait());
  };
  setTimeout(look, wait());
})();
