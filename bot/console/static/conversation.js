"use strict";
// Makes a conversation live. It adds messages and delivery states; it never touches the text box.
(() => {
  const EVERY = 2000;
  const SLOWEST = 30000;
  const list = document.querySelector("[data-updates]");
  const screen = document.querySelector("[data-transcript]");
  const owner = document.querySelector("[data-owner]");
  const form = document.querySelector(".reply");
  const box = form.querySelector("textarea");
  const later = document.querySelector("[data-later]");
  const others = document.querySelector("[data-others]");
  const live = document.querySelector("[data-live]");
  const liveWords = live.textContent;
  let last = Number(list.dataset.last);
  let lastNote = Number(list.dataset.lastNote);
  let epoch = list.dataset.epoch;
  let typed = false;
  let wait = EVERY;

  // A draft outlives a reload, a lost connection and the end of a session; each form has its own.
  for (const one of document.querySelectorAll("[data-draft]")) {
    const words = one.querySelector("textarea");
    const key = one.dataset.draft;
    if (document.querySelector(`[data-${one.dataset.drops}]`)) sessionStorage.removeItem(key);
    // What the page came with is newer than what is kept: a quick reply was put in, or a mistake was found.
    else if (words.value) sessionStorage.setItem(key, words.value);
    else words.value = sessionStorage.getItem(key) || "";
    words.addEventListener("input", () => sessionStorage.setItem(key, words.value));
  }
  box.addEventListener("input", () => { typed = true; });
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

  // A file that was being fetched is there now. One that plays is left alone: its state does not change.
  function showFiles(files) {
    for (const [id, state, markup] of files) {
      const shown = list.querySelector(`[data-file="${id}"]`);
      if (shown && shown.dataset.state !== state) {
        const wasThere = shown.contains(document.activeElement);
        shown.dataset.state = state;
        shown.innerHTML = markup;
        if (wasThere) shown.focus();
      }
    }
  }

  function showLater(news) {
    if (others.textContent !== news.others) others.textContent = news.others;
    if (news.later_state === later.dataset.later || later.contains(document.activeElement)) return;
    later.dataset.later = news.later_state;
    later.innerHTML = news.later;
  }

  function showOwner(news) {
    if (news.epoch === epoch) return;
    const note = owner.querySelector("#note");
    // Somebody is writing a note there: let them finish.
    if (note && note.value && owner.contains(document.activeElement)) return;
    epoch = news.epoch;
    form.elements.owner_seen.value = epoch;
    // What the keyboard was on goes away with what stood there: it stays at the same place of the page.
    const wasThere = owner.contains(document.activeElement);
    owner.innerHTML = news.owner;
    if (wasThere) owner.focus();
    const send = form.querySelector("[data-send]");
    if (!news.may_write && send === document.activeElement) box.focus();
    send.disabled = !news.may_write;
    form.querySelector("[data-hint]").textContent = news.hint;
  }

  // What a press of "Send" or "I am on it" answers: the danger that stands before the reader's eyes.
  function showDanger(news) {
    if (document.hidden) return;
    for (const mark of document.querySelectorAll("[data-danger]")) mark.value = news.danger;
  }

  async function look() {
    try {
      const address = `${list.dataset.updates}?after=${last}&after_note=${lastNote}${typed ? "&typing=1" : ""}`;
      const answer = await fetch(address, {
        headers: { Accept: "application/json" },
        signal: AbortSignal.timeout(10000),
      });
      if (answer.status === 401 || answer.status === 404) {
        live.textContent = "You are signed out, or the chat is no longer yours. Your draft is kept.";
        return;
      }
      if (answer.status === 410) {
        live.textContent = "This client's data was deleted.";
        form.querySelector("[data-send]").disabled = true;
        return;
      }
      if (!answer.ok) throw new Error(String(answer.status));
      typed = false;
      const news = await answer.json();
      if (news.last > last || news.last_note > lastNote) {
        last = news.last;
        lastNote = news.last_note;
        addMessages(news);
      }
      showStates(news.states);
      showFiles(news.files);
      showLater(news);
      showOwner(news);
      showDanger(news);
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
