// A clock beside a movement. It counts up, tells each full minute, and keeps nothing.
"use strict";
const timer = document.querySelector(".timer");
if (timer) {
  const [clock, told] = timer.querySelectorAll("output, [aria-live]");
  const [go, anew] = timer.querySelectorAll("button");
  const step = matchMedia("(prefers-reduced-motion: reduce)").matches ? 10 : 1;
  let before = 0, since = 0, minutes = 0;
  const passed = () => Math.floor((before + (since ? Date.now() - since : 0)) / 1000);
  const written = seconds => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  const show = () => {
    const seconds = passed(), full = Math.floor(seconds / 60);
    clock.textContent = written(seconds - seconds % step);
    if (full > minutes) told.textContent = written(full * 60);
    minutes = full;
    go.textContent = since ? go.dataset.hold : go.dataset.go;
  };
  go.addEventListener("click", () => {
    if (since) { before += Date.now() - since; since = 0; } else since = Date.now();
    show();
  });
  anew.addEventListener("click", () => { before = since = minutes = 0; told.textContent = ""; show(); });
  setInterval(() => { if (since) show(); }, 1000);
  show();
  timer.hidden = false;
}
