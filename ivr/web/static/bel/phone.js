/* The telephone on the page: one socket to the local carrier, for the caller or for the employee. */

import { Sound } from "./sound.js";
import { Transcript } from "./transcript.js";

const STATES = {
  caller: {
    away: "De telefoon is niet verbonden.",
    idle: "U kunt bellen.",
    ringing: "De telefoon gaat over.",
    "in-progress": "U bent in gesprek.",
    completed: "Het gesprek is afgelopen.",
  },
  employee: {
    away: "De telefoon is niet verbonden.",
    idle: "U bent bereikbaar. Wacht op een beller.",
    ringing: "U wordt gebeld.",
    "in-progress": "U bent in gesprek.",
    completed: "Het gesprek is afgelopen. U bent weer bereikbaar.",
  },
};
const NOT_REACHED = "Het gesprek is niet tot stand gekomen.";
const NO_CARRIER = "De telefooncentrale op deze computer is niet bereikbaar. Start de demonstratie opnieuw.";
const NO_MICROPHONE = "Er is geen microfoon, of u gaf geen toegang. U kunt wel luisteren en toetsen gebruiken.";
const RETRY_MS = 3000;
const KEYS = "0123456789*#";

const page = document.getElementById("inhoud");
const role = page.dataset.role;
const button = (id) => document.getElementById(id);
const title = document.title;

let state = "away";
let onHold = false;
let starting = false;
let sound = null;
let socket = null;
const transcript = new Transcript(page, (call) => updateObjection(call));

// ------------------------------------------------------------ the line

function connect() {
  socket = new WebSocket(page.dataset.phone);
  socket.binaryType = "arraybuffer";
  socket.onopen = () => {
    complain("");
    if (role === "employee") send({ type: "register", identity: page.dataset.identity });
    become("idle");
  };
  socket.onmessage = ({ data }) => {
    if (data instanceof ArrayBuffer) sound?.play(data);
    else take(JSON.parse(data));
  };
  socket.onclose = () => {
    quiet();
    if (state !== "away") become("away");
    complain(NO_CARRIER);
    setTimeout(connect, RETRY_MS);
  };
}

function send(message) {
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

function take(message) {
  if (message.type !== "state") return;
  become(message.state);
  if (role === "caller" && message.callSid) transcript.follow(message.callSid);
  if (role === "employee" && message.state === "ringing") followLatest();
  if (!busy()) quiet();
}

async function followLatest() {
  const answer = await fetch(page.dataset.latest);
  if (!answer.ok) return;
  const { call_sid: callSid } = await answer.json();
  if (callSid) transcript.follow(callSid);
}

async function openSound() {
  quiet();
  sound = new Sound(
    (frame) => socket.readyState === WebSocket.OPEN && socket.send(frame),
    (level) => (button("microphone").value = level),
  );
  const hears = await sound.start();
  button("microphone-words").textContent = hears ? "De microfoon staat aan." : "De microfoon staat uit.";
  complain(hears ? "" : NO_MICROPHONE);
}

function quiet() {
  sound?.stop();
  sound = null;
  button("microphone").value = 0;
  button("microphone-words").textContent = "De microfoon staat uit.";
}

// ------------------------------------------------------------ what the person sees

const busy = () => state === "ringing" || state === "in-progress";

function become(next) {
  state = next;
  const words = STATES[role][state] ?? NOT_REACHED;
  const line = button("state");
  line.textContent = words;
  line.dataset.state = busy() ? state : state === "away" ? "away" : "idle";
  document.title = busy() ? `${words} ${title}` : title;
  if (state !== "in-progress") setHold(false);
  const focused = document.activeElement;
  enable("call", state !== "away" && !busy());
  enable("from", !busy());
  enable("answer", state === "ringing");
  enable("hang-up", busy());
  enable("hold", state === "in-progress");
  document.querySelectorAll("[data-digit]").forEach((key) => (key.disabled = state !== "in-progress"));
  if (focused?.disabled) moveFocus();
}

/** A button that was used and is now off would drop the keyboard's place. */
function moveFocus() {
  const next = ["answer", "hang-up", "call"].map(button).find((candidate) => candidate && !candidate.disabled);
  (next ?? page).focus();
}

function enable(id, on) {
  const control = button(id);
  if (control) control.disabled = !on;
}

function complain(words) {
  if (button("trouble").textContent === words) return; // said again, a screen reader would read it again
  button("trouble").textContent = words;
  button("trouble").hidden = words === "";
}

function setHold(on) {
  onHold = on;
  if (button("hold")) button("hold").textContent = on ? "Uit de wacht" : "In de wacht";
}

function press(digit) {
  if (state !== "in-progress") return;
  send({ type: "digit", digit });
  button("pressed").textContent += ` ${digit}`;
}

// ------------------------------------------------------------ what the person does

button("call")?.addEventListener("click", () =>
  begin({ type: "call", from: button("from")?.value, to: page.dataset.number }),
);

button("answer")?.addEventListener("click", () => begin({ type: "answer" }));

/** The person's click lets the browser open the sound; a second click meanwhile does nothing. */
async function begin(command) {
  if (starting) return;
  starting = true;
  button("pressed").textContent = "";
  try {
    await openSound();
    send(command);
  } finally {
    starting = false;
  }
}

button("hang-up").addEventListener("click", () => send({ type: "hang-up" }));

button("hold")?.addEventListener("click", () => {
  setHold(!onHold);
  send({ type: "hold", on: onHold });
});

document.querySelectorAll("[data-digit]").forEach((key) => {
  key.addEventListener("click", () => press(key.dataset.digit));
});

// Only while the focus is inside the phone (WCAG 2.1.4), and not in its list of numbers.
button("phone").addEventListener("keydown", (event) => {
  const typing = event.target.matches("select, input") || event.ctrlKey || event.altKey || event.metaKey;
  if (typing || event.key.length !== 1 || !KEYS.includes(event.key)) return;
  event.preventDefault();
  press(event.key);
});

// ------------------------------------------------------------ objection

const OBJECTABLE = ["asking", "keypad", "logging", "announcing", "starting", "recording", "paused", "talking"];

function updateObjection(call) {
  const focused = document.activeElement;
  enable("object", OBJECTABLE.includes(call.state) && !call.objected);
  enable("withdraw", call.objected && call.state !== "ended");
  if (focused?.disabled) button("reason").focus();
}

async function postObjection(path, body, words) {
  const answer = await fetch(`/bel/bezwaar/${transcript.callSid}${path}`, { method: "POST", body });
  const { objected } = answer.ok ? await answer.json() : {};
  const done = answer.ok && objected === (path === "");
  button("objection-words").textContent = done ? words : "Dat kan nu niet. De beller heeft nog niet gezegd dat hij of zij opneemt.";
}

button("objection")?.addEventListener("submit", (event) => {
  event.preventDefault();
  postObjection("", new URLSearchParams(new FormData(event.target)), "Uw bezwaar is vastgelegd. De beller hoort het nu.");
});

button("withdraw")?.addEventListener("click", () => {
  postObjection("/intrekken", new URLSearchParams(), "Uw bezwaar is ingetrokken.");
});

connect();
