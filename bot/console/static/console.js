"use strict";
// Nothing that was typed stays in the tab after somebody signs out.
document.querySelector("[data-sign-out]")?.addEventListener("submit", () => sessionStorage.clear());

// Says what was done where it was done: a link into the middle of a page would leave it above, unseen.
(() => {
  const said = document.querySelector("[data-said]");
  const place = said && document.getElementById(location.hash.slice(1));
  if (!place || !document.querySelector("main").contains(place)) return;
  if (/^H[1-6]$/.test(place.tagName)) place.after(said);
  else place.prepend(said);
  // The browser takes the focus away when it goes to the place in the address: after that.
  window.addEventListener("load", () => setTimeout(() => said.focus(), 0));
})();

// Says on every page that somebody may be in danger. It lies over the top of the page, so nothing that
// somebody types in moves, and it takes no focus. How many things wait stands beside the link to them.
(() => {
  const EVERY = 10000;
  const box = document.querySelector("[data-urgent]");
  if (!box) return;
  const badge = document.querySelector("[data-how-many]");
  const title = document.title.replace(/^\(\d+( urgent)?\) /, "");

  function showCount(news) {
    if (badge.textContent !== news.badge) badge.textContent = news.badge;
    if (document.title !== news.mark + title) document.title = news.mark + title;
  }

  function show(news) {
    if (news.state === box.dataset.state || box.contains(document.activeElement)) return;
    box.dataset.state = news.state;
    box.innerHTML = news.banner;
    box.classList.add("is-live");
  }

  async function look() {
    try {
      const answer = await fetch(box.dataset.urgent, {
        headers: { Accept: "application/json" },
        signal: AbortSignal.timeout(10000),
      });
      if (answer.status === 401) return;
      if (answer.ok) {
        const news = await answer.json();
        showCount(news);
        show(news);
      }
    } catch {
      // Not reachable just now: the next look may be.
    }
    setTimeout(look, EVERY);
  }
  setTimeout(look, EVERY);
})();

// The menu closes when somebody goes on without it, and with the key that closes things.
(() => {
  const more = document.querySelector("[data-more]");
  if (!more) return;
  document.addEventListener("click", (event) => { if (!more.contains(event.target)) more.open = false; });
  more.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !more.contains(event.relatedTarget)) more.open = false;
  });
  more.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !more.open) return;
    more.open = false;
    more.querySelector("summary").focus();
  });
})();
