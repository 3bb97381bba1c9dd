/* Beside htmx, which keeps #stand (and #verloop) up to date: what changed is said once, buttons that are possible now are
   shown, and nothing that somebody is filling in is taken away. */

const byId = (id) => document.getElementById(id);
const acts = [...document.querySelectorAll("[data-act]")];
const SIGNED_OUT = 401;
let said = byId("stand")?.dataset.news;

// ------------------------------------------------------------ what changed

document.addEventListener("htmx:after:swap", () => {
  const stand = byId("stand");
  if (stand === null) return;
  if (stand.dataset.news !== said) tell(byId("nieuws"), (said = stand.dataset.news));
  offer(new Set(stand.dataset.possible?.split(" ") ?? []), "over" in stand.dataset);
});

// ------------------------------------------------------------ whether it is up to date

const silent = (on) => tell(byId("stil"), on ? byId("stil").dataset.words : "");
document.addEventListener("htmx:error", () => silent(true));
document.addEventListener("htmx:after:request", ({ detail }) => {
  const { status } = detail.ctx.response;
  silent(status >= 400 && status !== SIGNED_OUT);
});

/** That the session has ended is said once, and no more when somebody has signed in again in another tab. */
document.addEventListener("htmx:before:response", (event) => {
  const { status } = event.detail.ctx.response;
  const over = byId("sessie");
  if (status < 400) over.replaceChildren();
  else if (status === SIGNED_OUT && over.hasChildNodes()) event.preventDefault();
});

/** What is said already is not said again. */
function tell(region, words) {
  if (region.textContent !== words) region.textContent = words;
}

// ------------------------------------------------------------ what can be done

/** Somebody works on this form: the focus is in it, or something in it was changed. */
function inUse(act) {
  if (act.contains(document.activeElement)) return true;
  return [...act.querySelectorAll("input, textarea")].some((control) =>
    control.type === "radio" ? control.checked !== control.defaultChecked : control.value !== control.defaultValue,
  );
}

function offer(possible, over) {
  let kept = false;
  for (const act of acts) {
    const on = possible.has(act.dataset.act);
    const stays = !on && !act.hidden && inUse(act);
    act.hidden = !on && !stays;
    kept ||= stays;
  }
  if (acts.length === 0) return;
  byId("niets").hidden = acts.some((act) => !act.hidden);
  const notice = byId("kan-niet");
  tell(notice, !kept ? "" : over ? notice.dataset.over : notice.dataset.words);
}

// ------------------------------------------------------------ nothing gets lost

let sending = false;
document.addEventListener("submit", () => (sending = true));
window.addEventListener("beforeunload", (event) => {
  const typed = acts.some((act) => [...act.querySelectorAll("textarea, input[type=text]")].some((field) => field.value));
  if (typed && !sending) event.preventDefault();
});
