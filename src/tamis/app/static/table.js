// The tables of companies and contacts: ticks that survive paging and filtering, the columns' order, filters by keyboard.
"use strict";

// Ticks stay in this browser tab until they are used or taken away.
const NAME = document.getElementById("results")?.dataset.ticks || "company";
const KEY = NAME === "company" ? "tamis.ticked" : `tamis.ticked.${NAME}`;
const read = (key) => new Set(JSON.parse(sessionStorage.getItem(key) || "[]"));
const write = (key, ids) => sessionStorage.setItem(key, JSON.stringify([...ids]));
const boxes = () => [...document.querySelectorAll(`input[name="${NAME}"][type="checkbox"]`)];

function show() {
  const here = boxes();
  const ticked = read(KEY);
  const shown = document.querySelector("[data-ticked]");
  const all = document.getElementById("tick-all");
  if (!shown || !all) return;
  for (const box of here) box.checked = ticked.has(box.value);
  const onPage = here.filter((box) => box.checked).length;
  const elsewhere = ticked.size - onPage;
  shown.textContent = ticked.size.toLocaleString(document.documentElement.lang);
  document.querySelector("[data-elsewhere-shown]").textContent =
    elsewhere ? shown.dataset.elsewhere.replace("{n}", elsewhere.toLocaleString(document.documentElement.lang)) : "";
  document.querySelector("[data-untick]").hidden = ticked.size === 0;
  shown.closest(".tickbar").classList.toggle("active", ticked.size > 0);
  all.checked = onPage > 0 && onPage === here.length;
  all.indeterminate = onPage > 0 && !all.checked;
  document.querySelector('#ticked input[name="ticked"]').value = [...ticked].join(",");
}

function tick(box) {
  const ticked = read(KEY);
  ticked[box.checked ? "add" : "delete"](box.value);
  write(KEY, ticked);
}

// What was sent is no longer ticked, unless the server refused it: then it is again.
if (document.querySelector("#flash .error") && sessionStorage.getItem(`${KEY}.sent`)) write(KEY, read(`${KEY}.sent`));
sessionStorage.removeItem(`${KEY}.sent`);
document.addEventListener("submit", (event) => {
  if (event.target.id !== "ticked" || event.defaultPrevented || "keepsTicks" in event.submitter.dataset) return;
  write(`${KEY}.sent`, read(KEY));
  sessionStorage.removeItem(KEY);
});

let last = null;
document.addEventListener("click", (event) => {
  const box = event.target;
  if (box.name === NAME && box.type === "checkbox") {
    const here = boxes();
    if (event.shiftKey && here.includes(last)) {
      const [from, to] = [here.indexOf(last), here.indexOf(box)].sort((a, b) => a - b);
      for (const each of here.slice(from, to + 1)) { each.checked = box.checked; tick(each); }
    }
    last = box;
  }
  if (box.closest("[data-untick]")) { write(KEY, []); show(); }
  const button = box.closest("button[data-move]");
  if (button) moveColumn(button);
});
document.addEventListener("change", (event) => {
  const target = event.target;
  if (target.id === "tick-all") boxes().forEach((box) => { box.checked = target.checked; tick(box); });
  if (target.name === NAME && target.type === "checkbox") tick(target);
  if (target.id === "tick-all" || target.name === NAME) show();
});
document.addEventListener("htmx:afterSettle", show);
window.addEventListener("pageshow", show);
show();

// The columns' order: a row goes up or down, and keeps the focus.
function moveColumn(button) {
  const row = button.closest("li");
  const other = button.dataset.move === "up" ? row.previousElementSibling : row.nextElementSibling;
  if (!other || (button.dataset.move === "up" && !other.previousElementSibling)) return;
  other[button.dataset.move === "up" ? "before" : "after"](row);
  button.focus();
}

// The filter opens in place: by its button, by a chip, by the key f; what stands in the search box goes with it.
const panel = () => document.getElementById("filter");
function openFilter(opened) {
  const details = panel();
  if (!details) return;
  details.open = opened;
  if (opened) details.scrollIntoView({ block: "nearest" });
  else details.querySelector("summary").focus();
}
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-opens]") || event.ctrlKey || event.metaKey || event.shiftKey || !panel()) return;
  event.preventDefault();
  openFilter(true);
});
document.addEventListener("rule:ready", (event) => {
  if (!panel()?.contains(event.target)) return;
  const first = event.target.querySelector("[data-tree]:not([inert]) :is([data-key$=':what'], [data-key$=':add'])");
  (first || event.target.querySelector("textarea")).focus({ preventScroll: true });
});
document.addEventListener("submit", (event) => {
  const search = document.getElementById("q");
  if (search && "filter" in event.target.dataset) event.target.elements.q.value = search.value;
}, true);
document.addEventListener("keydown", (event) => {
  const inside = panel()?.open && panel().contains(event.target);
  if (event.key === "Escape" && inside && !panel().querySelector("details.menu[open]")) openFilter(false);
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
  if (event.key === "/") { event.preventDefault(); document.getElementById("q")?.focus(); }
  if (event.key === "f") { event.preventDefault(); openFilter(!panel()?.open); }
});
