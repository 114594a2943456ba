"use strict";
// Makes the demo phone live: sends without loading the page again, and shows what arrives.
(() => {
  const screen = document.querySelector("[data-phone]");
  const list = screen.querySelector("ol");
  const write = document.querySelector("[data-write]");
  const box = write.querySelector("textarea");
  const live = document.querySelector("[data-live]");
  let last = Math.max(0, ...[...list.children].map((one) => Number(one.dataset.id)));

  const toEnd = () => { screen.scrollTop = screen.scrollHeight; };
  toEnd();

  function show(id, html) {
    if (list.querySelector(`:scope > [data-id="${id}"]`)) return false;
    const next = [...list.children].find((one) => Number(one.dataset.id) > id);
    if (next) next.insertAdjacentHTML("beforebegin", html);
    else list.insertAdjacentHTML("beforeend", html);
    last = Math.max(last, id);
    return true;
  }

  async function look() {
    try {
      const answer = await fetch(`${screen.dataset.phone}?after=${last}`, {
        headers: { Accept: "application/json" },
        signal: AbortSignal.timeout(10000),
      });
      if (!answer.ok) throw new Error(String(answer.status));
      const { bubbles } = await answer.json();
      if (bubbles.map(([id, html]) => show(id, html)).some(Boolean)) toEnd();
      live.textContent = "";
    } catch {
      live.textContent = "No connection just now.";
    }
  }

  async function send(form, data) {
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: new URLSearchParams(data),
        headers: { Accept: "application/json" },
        signal: AbortSignal.timeout(10000),
      });
      if (!answer.ok) throw new Error(String(answer.status));
      await look();
      return true;
    } catch {
      live.textContent = "That was not sent. Try again.";
      return false;
    }
  }

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form === write) {
      event.preventDefault();
      if (box.value.trim() && await send(form, new FormData(form))) box.value = "";
      box.focus();
    } else if ("press" in form.dataset) {
      event.preventDefault();
      await send(form, new FormData(form, event.submitter));
    }
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      write.requestSubmit();
    }
  });

  (async function keepLooking() {
    await look();
    setTimeout(keepLooking, 1000);
  })();
})();
