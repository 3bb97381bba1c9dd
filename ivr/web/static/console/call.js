/* The player of a call: jumps from the timeline, steps, speed, one side alone, and where it is on the waveform.
   Without it the browser's own player does all but the last three. */

const player = document.getElementById("speler");
const audio = player.querySelector("audio");
const position = player.querySelector(".position");
const wave = player.querySelector(".wave");
const length = Number(player.dataset.length);

function seek(seconds) {
  audio.currentTime = Math.min(Math.max(seconds, 0), length);
}

/* With a script the links of the timeline are buttons: they go nowhere, and keep the focus. */
for (const link of document.querySelectorAll("a[data-seek]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = link.className;
  button.textContent = link.textContent;
  button.addEventListener("click", () => {
    seek(Number(link.dataset.seek));
    audio.play();
  });
  link.replaceWith(button);
}

for (const button of player.querySelectorAll("[data-move]")) {
  button.addEventListener("click", () => seek(audio.currentTime + Number(button.dataset.move)));
}

player.querySelector("[data-speed]").addEventListener("change", (event) => {
  audio.playbackRate = Number(event.target.value);
});

/* One side of the call on both ears: the graph is made when it is first asked for, since a page may not make sound
   before somebody has done something. */
let gains = null;

function split() {
  const context = new AudioContext();
  const splitter = context.createChannelSplitter(2);
  context.createMediaElementSource(audio).connect(splitter);
  return [0, 1].map((channel) => {
    const gain = context.createGain();
    gain.channelCount = 1;
    splitter.connect(gain, channel);
    gain.connect(context.destination);
    return gain;
  });
}

player.querySelector("[data-side]")?.addEventListener("change", (event) => {
  gains ??= split();
  const side = event.target.value;
  gains.forEach((gain, channel) => { gain.gain.value = side === "both" || side === String(channel) ? 1 : 0; });
});

/* Decoration: the native player tells where it is, and can be moved by keys. */
function mark() {
  position.style.left = `${(audio.currentTime / length) * 100}%`;
}

wave.addEventListener("click", (event) => {
  const frame = wave.getBoundingClientRect();
  seek(((event.clientX - frame.left) / frame.width) * length);
});
audio.addEventListener("timeupdate", mark);
audio.addEventListener("seeked", mark);
audio.addEventListener("error", () => { player.querySelector(".unplayable").hidden = false; });

position.hidden = false;
mark();
player.querySelector(".tools").hidden = false;
