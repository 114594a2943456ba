"use strict";
// Puts earlier messages above the ones that are there. What somebody reads stays where it is, and nothing
// that is being typed is touched.
(() => {
  const link = document.querySelector("[data-earlier]");
  if (!link) return;
  const said = document.querySelector("[data-earlier-said]");
  const screen = document.querySelector("[data-transcript]");
  const list = document.querySelector("[data-updates]");
  let busy = false;
  link.removeAttribute("target");
  link.querySelector("[data-new-tab]").remove();

  function show(page) {
    const lines = [...page.querySelector("[data-lines]").children];
    const next = page.querySelector("[data-earlier]");
    const toEnd = screen.scrollHeight - screen.scrollTop;
    // A log is read aloud as it grows; this is not news.
    screen.setAttribute("aria-live", "off");
    list.prepend(...lines);
    if (next) {
      link.href = next.getAttribute("href");
    } else {
      if (document.activeElement === link) screen.focus({ preventScroll: true });
      link.remove();
    }
    screen.scrollTop = screen.scrollHeight - toEnd;
    setTimeout(() => screen.removeAttribute("aria-live"), 1000);
    said.textContent = `${lines.length} earlier messages are above.${next ? "" : " Those are all."}`;
  }

  link.addEventListener("click", async (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (busy) return;
    busy = true;
    try {
      const answer = await fetch(link.href, { signal: AbortSignal.timeout(10000) });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      show(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch {
      said.textContent = "The earlier messages could not be loaded. Try again.";
      said.classList.remove("visually-hidden");
    }
    busy = false;
  });
})();
