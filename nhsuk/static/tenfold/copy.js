// A button to copy each text in a [data-copy] group. Without it the text can be selected.
for (const group of document.querySelectorAll("[data-copy]")) {
  const field = group.querySelector("textarea");
  const label = group.querySelector("label");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "nhsuk-button nhsuk-button--secondary nhsuk-button--small nhsuk-u-margin-top-2 nhsuk-u-margin-bottom-0";
  const name = document.createElement("span");
  name.className = "nhsuk-u-visually-hidden";
  name.textContent = ` ${label.textContent}`;
  const words = document.createElement("span");
  words.textContent = "Copy";
  words.setAttribute("role", "status");
  button.append(words, name);
  button.addEventListener("click", async () => {
    field.focus();
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      words.textContent = "Copied";
    } catch {
      words.textContent = "Selected: press Ctrl and C";
    }
  });
  group.append(button);
}
