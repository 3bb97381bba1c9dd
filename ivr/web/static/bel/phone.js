/* The telephone on the page: one socket to the local carrier, for the caller or for the employee. */

import { Sound } from "./sound.js";
import { Transcript } from "./transcript.js";

const RETRY_MS = 3000;
const KEYS = "0123456789*#";

const page = document.getElementById("inhoud");
const role = page.dataset.role;
const words = JSON.parse(page.dataset.words);
const button = (id) => document.getElementById(id);
const title = document.title;

let state = "away";
let onHold = false;
let starting = false;
let sound = null;
let socket = null;
const transcript = new Transcript(page, words);

// ------------------------------------------------------------ the line

function connect() {
  socket = new WebSocket(page.dataset.phone);
  socket.binaryType = "arraybuffer";
  socket.onopen = () => {
    complain("");
    if (role === "employee") JSON.parse(page.dataset.identities).forEach((identity) => send({ type: "register", identity }));
    become("idle");
  };
  socket.onmessage = ({ data }) => {
    if (data instanceof ArrayBuffer) sound?.play(data);
    else take(JSON.parse(data));
  };
  socket.onclose = () => {
    quiet();
    if (state !== "away") become("away");
    complain(words.noCarrier);
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
  button("microphone-words").textContent = hears ? words.microphoneOn : words.microphoneOff;
  complain(hears ? "" : words.noMicrophone);
}

function quiet() {
  sound?.stop();
  sound = null;
  button("microphone").value = 0;
  button("microphone-words").textContent = words.microphoneOff;
}

// ------------------------------------------------------------ what the person sees

const busy = () => state === "ringing" || state === "in-progress";

function become(next) {
  state = next;
  const told = words.states[state] ?? words.notReached;
  const line = button("state");
  line.textContent = told;
  line.dataset.state = busy() ? state : state === "away" ? "away" : "idle";
  document.title = busy() ? `${told} ${title}` : title;
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

function complain(about) {
  if (button("trouble").textContent === about) return; // said again, a screen reader would read it again
  button("trouble").textContent = about;
  button("trouble").hidden = about === "";
}

function setHold(on) {
  onHold = on;
  if (button("hold")) button("hold").textContent = on ? words.unhold : words.hold;
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

connect();
