// Saves a quiz's answers while they are chosen, keeps on this device what could not be sent, and tells the time that is
// left. The page works without it.
const form = document.querySelector("form[data-autosave]");
if (form) start(form);

const clock = document.querySelector("[data-seconds-left]");
if (clock) count(clock);

// Not a reload: that would send a form once more.
function askAgain() {
  location.replace(location.href);
}

function start(form) {
  const status = document.querySelector("[data-autosave-status]");
  const key = `tenfold-answers ${form.dataset.autosave}`;
  const say = (words) => { status.textContent = words; };
  let timer = 0;
  let sending = null;
  let again = false;

  const entries = () => [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken");
  const keep = () => sessionStorage.setItem(key, JSON.stringify(entries()));

  // One at a time: on a slow line an earlier answer must not arrive after a later one.
  async function save() {
    if (sending) {
      again = true;
      return;
    }
    do {
      again = false;
      sending = send();
      await sending;
      sending = null;
    } while (again);
  }

  async function send() {
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
      sessionStorage.removeItem(key);
      askAgain();
    } else {
      keep();
      say(answer.type === "opaqueredirect" || answer.status === 403
        ? "You have been signed out. Your answer is kept on this device: choose the button below and sign in again."
        : "Not saved yet. Choose the button below when you are ready.");
    }
  }

  function restore() {
    const kept = sessionStorage.getItem(key);
    if (!kept) return;
    const values = JSON.parse(kept);
    for (const control of form.elements) {
      const mine = values.filter(([name]) => name === control.name).map(([, value]) => value);
      if (control.type === "radio" || control.type === "checkbox") control.checked = mine.includes(control.value);
      else if (control.tagName === "SELECT" && mine.length) [control.value] = mine;
    }
    save();
  }

  form.addEventListener("change", () => { clearTimeout(timer); timer = setTimeout(save, 300); });
  form.addEventListener("submit", async (event) => {
    clearTimeout(timer);
    again = false;
    if (sessionStorage.getItem(key)) keep();
    if (!sending) return;
    event.preventDefault();
    await Promise.race([sending, new Promise((done) => { setTimeout(done, 3000); })]);
    form.submit();
  });
  window.addEventListener("online", () => { if (sessionStorage.getItem(key)) save(); });
  restore();
}

// Said aloud when few minutes are left, shown every minute. The server's clock decides; when its time is up, it is asked.
function count(clock) {
  const shown = clock.querySelector("[data-time-left]");
  const spoken = clock.querySelector("[data-time-spoken]");
  const end = Date.now() + 1000 * Number(clock.dataset.secondsLeft);
  const aloud = new Set([10, 5, 1]);
  let last = null;

  function tick() {
    const seconds = Math.max(0, Math.ceil((end - Date.now()) / 1000));
    const minutes = Math.ceil(seconds / 60);
    const words = seconds > 60 ? `${minutes} minutes left.` : seconds > 0 ? "Less than a minute left." : "The time is up.";
    if (words !== last) {
      shown.textContent = words;
      if (last !== null && (aloud.has(minutes) || !seconds)) spoken.textContent = words;
      last = words;
    }
    if (seconds > 0) setTimeout(tick, 1000);
    else setTimeout(askAgain, 1000 * Number(clock.dataset.grace));
  }

  tick();
}
