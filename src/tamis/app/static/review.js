// The review queue by keyboard. A key presses a button that is on the page, so that nothing here knows how to answer.

const queue = document.getElementById("queue");
const ticked = new Set(); // kept while htmx renews the lines
const typed = []; // keys pressed while an answer travels: they are heeded after it, in order
let place = 0;
let refusing = false;
let travelling = false;

const lines = () => [...queue.querySelectorAll(".doubt")];
const tickBoxes = () => [...queue.querySelectorAll('input[name="line"][type="checkbox"]')];
const part = (id) => document.getElementById(id);
const inLine = (selector) => lines()[place]?.querySelector(selector);

// Which line the keys are about.
function mark(wanted) {
  place = Math.max(0, Math.min(wanted, lines().length - 1));
  lines().forEach((line, n) => {
    line.tabIndex = n === place ? 0 : -1;
    if (n === place) line.setAttribute("aria-current", "true");
    else line.removeAttribute("aria-current");
  });
}
function go(wanted) {
  mark(wanted);
  const line = lines()[place];
  if (!line) return queue.focus();
  line.focus({ preventScroll: true });
  line.scrollIntoView({ block: "nearest" });
}

function hint(text) {
  if (part("hint")) part("hint").textContent = text || "";
}
function refuseNext(on) {
  refusing = on;
  hint(on && part("hint")?.dataset.refusing);
  lines()[place]?.classList.toggle("refusing", on);
}

// Ticked lines, counted; what is asked of all of them is confirmed.
function count() {
  const all = part("tick-lines");
  if (!all) return;
  const n = tickBoxes().filter((box) => box.checked).length;
  queue.querySelector("[data-count]").textContent = n;
  part("ticked").classList.toggle("active", n > 0);
  all.checked = n > 0 && n === tickBoxes().length;
  all.indeterminate = n > 0 && !all.checked;
}
function ask(verdict) {
  const n = tickBoxes().filter((box) => box.checked).length;
  if (!n) return hint(part("hint").dataset.untold);
  const bar = part("confirm");
  part("asking").textContent = part("asking").dataset[verdict + (n > 1 ? "Many" : "One")].replace("#", n);
  bar.querySelector("[name=verdict]").value = verdict;
  bar.hidden = false;
  bar.querySelector("[name=verdict]").focus();
}
function cancel() {
  const bar = part("confirm");
  if (!bar || bar.hidden) return false;
  bar.hidden = true;
  go(place);
  return true;
}

const KEYS = {
  j: () => go(place + 1),
  ArrowDown: () => go(place + 1),
  k: () => go(place - 1),
  ArrowUp: () => go(place - 1),
  x: () => refuseNext(true),
  " ": () => inLine("[name=line][type=checkbox]")?.click(),
  u: () => part("undo")?.requestSubmit(),
  A: () => part("ticked") && ask("first"),
  N: () => part("ticked") && ask("none"),
  "?": () => (part("keys").open = !part("keys").open),
};
function press(key) {
  const refuses = refusing;
  refuseNext(false);
  if (key === "0") return inLine("[data-none]")?.click();
  if (/^[1-9]$/.test(key)) return inLine(`[data-${refuses ? "refuse" : "accept"}="${key}"]`)?.click();
  KEYS[key]();
}

// The key meant, whatever the keyboard: on a French one the digits of the top row are typed without Shift.
function meant(event) {
  const digit = /^Digit([0-9])$/.exec(event.code);
  if (digit && event.key !== "?") return digit[1];
  if (/^[0-9]$/.test(event.key)) return event.key;
  const key = event.key.length === 1 && !event.shiftKey ? event.key.toLowerCase() : event.key;
  return key in KEYS ? key : "";
}
function isForElsewhere(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return true;
  const on = event.target;
  if (on.closest("select, textarea, [contenteditable], input:not([type=checkbox])")) return true;
  return event.key === " " && Boolean(on.closest("button, a, summary, input"));
}
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && (cancel() || refusing)) return refuseNext(false);
  if (part("confirm")?.hidden === false) return;
  const key = isForElsewhere(event) ? "" : meant(event);
  if (!key) return;
  event.preventDefault();
  if (event.repeat && !/^(j|k|Arrow.*)$/.test(key)) return;
  if (travelling) typed.push(key);
  else press(key);
});

queue.addEventListener("focusin", (event) => {
  const line = event.target.closest(".doubt");
  if (line) mark(lines().indexOf(line));
});
queue.addEventListener("change", (event) => {
  const box = event.target;
  if (box.id === "tick-lines") tickBoxes().forEach((each) => (each.checked = box.checked));
  else if (box.name !== "line") return;
  tickBoxes().forEach((each) => (each.checked ? ticked.add(each.value) : ticked.delete(each.value)));
  count();
});
queue.addEventListener("click", (event) => event.target.closest("[data-cancel]") && cancel());

// htmx renews the lines after each answer: keep the place and the ticks, and heed what was typed meanwhile.
document.addEventListener("htmx:beforeRequest", () => (travelling = true));
document.addEventListener("htmx:afterRequest", () => {
  travelling = false;
  renewed(document.activeElement === document.body || document.activeElement === null);
  while (typed.length && !travelling) press(typed.shift());
});
function renewed(focusLost, wanted = "[data-here]") {
  tickBoxes().forEach((box) => (box.checked = ticked.has(box.value)));
  count();
  const here = lines().findIndex((line) => line.matches(wanted));
  if (focusLost) go(here < 0 ? place : here);
  else mark(here < 0 ? place : here);
}

queue.classList.add("live");
tickBoxes().forEach((box) => box.checked && ticked.add(box.value));
renewed(Boolean(queue.querySelector("[data-here]")));
