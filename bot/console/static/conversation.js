"use strict";
// Makes a conversation live. It adds messages and delivery states; it never touches the text box.
(() => {
  const EVERY = 2000;
  const SLOWEST = 30000;
  const list = document.querySelector("[data-updates]");
  const screen = document.querySelector("[data-transcript]");
  const owner = document.querySelector("[data-owner]");
  const form = document.querySelector("[data-draft]");
  const box = form.querySelector("textarea");
  const live = document.querySelector("[data-live]");
  const liveWords = live.textContent;
  let last = Number(list.dataset.last);
  let epoch = list.dataset.epoch;
  let typed = false;
  let wait = EVERY;

  // A draft outlives a reload, a lost connection and the end of a session.
  const key = form.dataset.draft;
  if (document.querySelector("[data-sent]")) sessionStorage.removeItem(key);
  else if (!box.value) box.value = sessionStorage.getItem(key) || "";
  box.addEventListener("input", () => {
    typed = true;
    sessionStorage.setItem(key, box.value);
  });
  form.addEventListener("submit", () => {
    const send = form.querySelector("[data-send]");
    setTimeout(() => { send.disabled = true; }, 0);
  });
  // Coming back with the browser's own "back" must not leave the button dead.
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  screen.scrollTop = screen.scrollHeight;

  function addMessages(news) {
    const atEnd = screen.scrollHeight - screen.scrollTop - screen.clientHeight < 60;
    list.insertAdjacentHTML("beforeend", news.messages);
    document.querySelector("[data-empty]").hidden = true;
    if (atEnd) screen.scrollTop = screen.scrollHeight;
  }

  function showStates(states) {
    for (const [id, state, words] of states) {
      const shown = list.querySelector(`[data-id="${id}"] .delivery`);
      if (shown && shown.dataset.state !== state) {
        shown.dataset.state = state;
        shown.textContent = words;
      }
    }
  }

  function showOwner(news) {
    if (news.epoch === epoch) return;
    const note = owner.querySelector("#note");
    // Somebody is writing a note there: let them finish.
    if (note && note.value && owner.contains(document.activeElement)) return;
    epoch = news.epoch;
    owner.innerHTML = news.owner;
    form.querySelector("[data-send]").disabled = !news.may_write;
    form.querySelector("[data-hint]").textContent = news.hint;
  }

  async function look() {
    try {
      const address = `${list.dataset.updates}?after=${last}${typed ? "&typing=1" : ""}`;
      const answer = await fetch(address, {
        headers: { Accept: "application/json" },
        signal: AbortSignal.timeout(10000),
      });
      if (answer.status === 401 || answer.status === 404) {
        live.textContent = "You are signed out, or the chat is no longer yours. Your draft is kept.";
        return;
      }
      if (!answer.ok) throw new Error(String(answer.status));
      typed = false;
      const news = await answer.json();
      if (news.last > last) {
        last = news.last;
        addMessages(news);
      }
      showStates(news.states);
      showOwner(news);
      live.textContent = liveWords;
      wait = EVERY;
    } catch {
      live.textContent = "Not live just now. Trying again.";
      wait = Math.min(wait * 2, SLOWEST);
    }
    setTimeout(look, wait);
  }
  setTimeout(look, EVERY);
})();
