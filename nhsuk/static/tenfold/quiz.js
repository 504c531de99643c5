// Saves a quiz's answers while they are chosen, and keeps on this device what could not be sent. The page works without it.
const form = document.querySelector("form[data-autosave]");
if (form) start(form);

function start(form) {
  const status = document.querySelector("[data-autosave-status]");
  const key = `tenfold-answers ${form.dataset.autosave}`;
  const say = (words) => { status.textContent = words; };
  let timer = 0;

  const entries = () => [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken");
  const keep = () => sessionStorage.setItem(key, JSON.stringify(entries()));

  async function save() {
    say("Saving …");
    let answer;
    try {
      answer = await fetch(form.action || location.href, {
        method: "POST", body: new FormData(form), headers: { "X-Autosave": "1" }, redirect: "manual",
      });
    } catch {
      keep();
      say("There is no connection. Your answer is kept on this device and sent when the connection is back.");
      return;
    }
    if (answer.status === 204) {
      sessionStorage.removeItem(key);
      say("Saved");
    } else if (answer.status === 409) {
      location.reload();
    } else {
      keep();
      say(answer.type === "opaqueredirect" || answer.status === 403
        ? "You have been signed out. Your answer is kept on this device: load the page again and sign in."
        : "Not saved yet. Choose “Save and continue” when you are ready.");
    }
  }

  function restore() {
    const kept = sessionStorage.getItem(key);
    if (!kept) return;
    for (const [name, value] of JSON.parse(kept)) {
      for (const control of form.elements) {
        if (control.name !== name) continue;
        if (control.type === "radio" || control.type === "checkbox") control.checked ||= control.value === value;
        else if (control.tagName === "SELECT") control.value = value;
      }
    }
    save();
  }

  form.addEventListener("change", () => { clearTimeout(timer); timer = setTimeout(save, 300); });
  form.addEventListener("submit", () => { clearTimeout(timer); });
  window.addEventListener("online", () => { if (sessionStorage.getItem(key)) save(); });
  restore();
}
