"use strict";
// Nothing that was typed stays in the tab after somebody signs out.
document.querySelector("[data-sign-out]")?.addEventListener("submit", () => sessionStorage.clear());
