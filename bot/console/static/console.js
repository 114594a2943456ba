"use strict";
// Nothing that was typed stays in the tab after somebody signs out.
document.querySelector("[data-sign-out]")?.addEventListener("submit", () => sessionStorage.clear());

// Says on every page that somebody may be in danger. It lies over the top of the page, so nothing that
// somebody types in moves, and it takes no focus.
(() => {
  const EVERY = 10000;
  const box = document.querySelector("[data-urgent]");
  if (!box) return;
  const title = document.title.replace(/^\(\d+ urgent\) /, "");

  function show(news) {
    if (news.state === box.dataset.state || box.contains(document.activeElement)) return;
    box.dataset.state = news.state;
    box.innerHTML = news.banner;
    box.classList.add("is-live");
    document.title = news.count ? `(${news.count} urgent) ${title}` : title;
  }

  async function look() {
    try {
      const answer = await fetch(box.dataset.urgent, {
        headers: { Accept: "application/json" },
        signal: AbortSignal.timeout(10000),
      });
      if (answer.status === 401) return;
      if (answer.ok) show(await answer.json());
    } catch {
      // Not reachable just now: the next look may be.
    }
    setTimeout(look, EVERY);
  }
  setTimeout(look, EVERY);
})();
