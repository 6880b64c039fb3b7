// Small helps; every page also works without them.
"use strict";

// A form that takes time says so on its button, and is sent once.
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (event.defaultPrevented || !button || !button.dataset.busy) return;
  if (button.getAttribute("aria-disabled") === "true") return event.preventDefault();
  button.dataset.label = button.textContent;
  button.setAttribute("aria-disabled", "true");
  button.textContent = button.dataset.busy;
});
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("button[data-label]")) {
    button.removeAttribute("aria-disabled");
    button.textContent = button.dataset.label;
    delete button.dataset.label;
  }
});

// On a phone the navigation is wider than the window: where we are comes into view.
const here = document.querySelector("header nav [aria-current]");
if (here) here.parentElement.scrollLeft = here.offsetLeft - (here.parentElement.clientWidth - here.offsetWidth) / 2;

document.addEventListener("change", (event) => {
  if (event.target.type === "file") checkSize(event.target);
});

// A file that is too large is refused before it travels.
function checkSize(input) {
  const form = input.closest("form[data-max-bytes]");
  const file = input.files[0];
  if (form) input.setCustomValidity(file && file.size > Number(form.dataset.maxBytes) ? form.dataset.tooBig : "");
  if (form) input.reportValidity();
}

// An open menu closes on a click elsewhere or on Escape.
const closeMenus = (except) =>
  document.querySelectorAll("details.menu[open]").forEach((menu) => menu !== except && (menu.open = false));
document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  if (menu) menu.querySelector("summary").focus();
  closeMenus(null);
});

// Enter in a field presses the button that goes with it, where that is not the form's first one.
document.addEventListener("keydown", (event) => {
  const button = event.key === "Enter" && event.target.dataset && document.getElementById(event.target.dataset.presses);
  if (!button) return;
  event.preventDefault();
  button.click();
});

// A picture is one stop of the Tab key: arrows go from mark to mark, Home and End to the first and the last.
function oneStop(picture, here) {
  for (const mark of picture.querySelectorAll("a")) mark.tabIndex = mark === here ? 0 : -1;
}
function readyPictures(within) {
  for (const picture of within.querySelectorAll("[data-arrows]")) {
    const marks = picture.querySelectorAll("a");
    oneStop(picture, marks[picture.dataset.arrows === "last" ? marks.length - 1 : 0]);
  }
}
readyPictures(document);
document.addEventListener("htmx:load", (event) => readyPictures(event.target));
document.addEventListener("focusin", (event) => {
  const picture = event.target.closest("[data-arrows]");
  if (picture) oneStop(picture, event.target);
});
document.addEventListener("keydown", (event) => {
  const picture = event.target.closest("[data-arrows]");
  if (!picture || event.altKey || event.ctrlKey || event.metaKey) return;
  const marks = [...picture.querySelectorAll("a")];
  const at = marks.indexOf(event.target);
  const next = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: marks.length - 1 };
  const mark = marks[next[event.key]];
  if (!mark) return;
  event.preventDefault();
  mark.focus();
});
