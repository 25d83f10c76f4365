// Buttons that copy the code and print its page. They are shown where they can work; nothing is kept.
"use strict";
const offer = document.querySelector(".offer");
if (offer) {
  const [copy, print] = offer.querySelectorAll("button"), told = offer.querySelector("output");
  const words = [...document.querySelectorAll(".code li")].map(word => word.textContent.trim());
  copy.addEventListener("click", () => {
    navigator.clipboard.writeText(words.join(" ")).then(
      () => { told.textContent = copy.dataset.done; },
      () => { told.textContent = copy.dataset.failed; });
  });
  print.addEventListener("click", () => window.print());
  copy.hidden = !navigator.clipboard;
  offer.hidden = false;
}
