// Files dragged onto a page that takes one. Beside the place for them a browser would open the file and lose what was typed.
const PLACE = ".nhsuk-file-upload";

const placeOf = (event) => (event.target instanceof Element ? event.target.closest(PLACE) : null);

function refuseSeveral(place) {
  const chosen = place.querySelector("input[type=file]").files[0];
  place.querySelector(".nhsuk-file-upload__drop-button").classList.remove("nhsuk-file-upload__drop-button--dragging");
  place.querySelector(".nhsuk-file-upload__status").textContent =
    "Drop one file at a time." + (chosen ? ` ${chosen.name} is still the one.` : "");
}

if (document.querySelector(PLACE)) {
  document.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files") || event.defaultPrevented) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "none";
  });
  document.addEventListener("drop", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    const place = placeOf(event);
    if (place && event.dataTransfer.files.length > 1 && !place.querySelector("input[type=file]").multiple) refuseSeveral(place);
  });
}
