// The drop zone: a file let go of anywhere on it is chosen, as if through the button.
const zone = document.querySelector(".drop");
const input = zone?.querySelector('input[type="file"]');

const holdsFile = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");

if (zone) {
  // A file dropped beside the zone would replace the page, and what was typed with it.
  for (const kind of ["dragover", "drop"]) {
    window.addEventListener(kind, (event) => holdsFile(event) && event.preventDefault());
  }
  zone.addEventListener("dragover", (event) => zone.classList.toggle("over", holdsFile(event)));
  zone.addEventListener("dragleave", (event) => {
    if (!zone.contains(event.relatedTarget)) zone.classList.remove("over");
  });
  zone.addEventListener("drop", (event) => {
    zone.classList.remove("over");
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    const one = new DataTransfer();
    one.items.add(event.dataTransfer.files[0]);
    input.files = one.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
    input.focus();
  });
}
