"use strict";
// Says that there is something new. The list itself moves only when its reader asks for it.
(() => {
  const box = document.querySelector("[data-inbox]");
  const notice = box.querySelector(".alert");

  async function look() {
    try {
      const answer = await fetch(box.dataset.inbox, {
        headers: { Accept: "application/json" },
        signal: AbortSignal.timeout(10000),
      });
      if (answer.status === 401) return;
      if (answer.ok) {
        const news = await answer.json();
        notice.hidden = news.state === box.dataset.state;
      }
    } catch {
      // Not reachable just now: the next look may be.
    }
    setTimeout(look, 15000);
  }
  setTimeout(look, 15000);
})();
