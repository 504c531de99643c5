// Looks every two seconds how far the work is, and says so in place: nothing else on the page moves.
// Without it there is a link to look again.
const part = document.querySelector("[data-progress]");

async function look() {
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    if (!answer.ok) return location.reload();
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const now = page.querySelector("[data-progress]");
    if (!now) return location.reload();
    const said = part.querySelector("[role=status]");
    const says = now.querySelector("[role=status]");
    if (said.textContent !== says.textContent) said.replaceChildren(...says.childNodes);
    const rest = part.querySelector("[data-rest]");
    const next = now.querySelector("[data-rest]");
    if (rest.innerHTML !== next.innerHTML) rest.replaceWith(next);
    if (now.dataset.progress === "done") return;
  } catch {
    // The network is away for a moment: look again.
  }
  setTimeout(look, 2000);
}

if (part.dataset.progress === "waiting") setTimeout(look, 1000);
