/* What is said, and what is logged: two lists beside the phone. */

const POLL_MS = 600;
const LISTEN_ON_MS = 90_000; // the recording is stored and the SMS sent after the call
export class Transcript {
  constructor(page, words) {
    this.page = page;
    this.words = words;
    this.captions = document.getElementById("captions");
    this.log = document.getElementById("log");
    this.said = new Map();
    this.readAlong(page.dataset.captions);
  }

  /** Show this call from its beginning. */
  follow(callSid) {
    if (callSid === this.callSid) return;
    this.callSid = callSid;
    this.since = 0;
    this.endedAt = null;
    this.said.clear();
    this.captions.replaceChildren();
    this.log.replaceChildren();
    document.getElementById("captions-empty").hidden = false;
    document.getElementById("log-empty").hidden = false;
    for (const id of ["copy", "receipt", "desk"]) document.getElementById(id).hidden = true;
    this.poll(callSid);
  }

  readAlong(url) {
    const socket = new WebSocket(url);
    socket.onmessage = ({ data }) => {
      const caption = JSON.parse(data);
      if (caption.call_sid !== this.callSid) return;
      if (caption.type === "intent") this.understood(caption);
      else this.say("heard", this.words.caller, caption.text);
    };
    socket.onclose = () => setTimeout(() => this.readAlong(url), 3000);
  }

  async poll(callSid) {
    while (callSid === this.callSid && !(this.endedAt && Date.now() - this.endedAt > LISTEN_ON_MS)) {
      try {
        const answer = await fetch(this.address(callSid));
        if (answer.ok && callSid === this.callSid) this.show(await answer.json());
      } catch (error) {
        if (!(error instanceof TypeError)) throw error; // the service is not there for a moment: ask again
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  address(callSid) {
    const url = new URL(this.page.dataset.log.replace("SID", callSid), location);
    url.searchParams.set("since", this.since);
    return url;
  }

  show(call) {
    document.getElementById("dialogue-state").textContent = call.state_words;
    if (call.state === "ended") this.endedAt ??= Date.now();
    for (const entry of call.entries) {
      this.since = entry.number + 1;
      if (entry.prompt && entry.quote) this.spoken(entry.prompt, entry.quote);
      this.addEntry(entry);
    }
    if (call.speaking) this.spoken(String(call.speaking.id), call.speaking.text);
    link("desk", call.desk_url);
    link("copy", call.copy_url);
    link("receipt", call.receipt_url);
  }

  /** A prompt is shown once: when it begins, or else when it is logged. */
  spoken(promptId, text) {
    if (this.said.has(promptId)) return;
    this.said.set(promptId, text);
    this.say("bot", this.words.bot, text);
  }

  understood(caption) {
    const meaning = this.words.meanings[caption.label];
    if (!meaning) return;
    const lines = this.captions.querySelectorAll("li.heard");
    const line = lines[lines.length - 1] ?? this.say("heard", this.words.caller, caption.text);
    line.append(element("span", "intent", `${this.words.understood}: ${meaning}`));
  }

  say(kind, who, text) {
    const line = element("li", kind);
    line.append(element("strong", "", `${who}: `), element("span", "", text));
    document.getElementById("captions-empty").hidden = true;
    this.captions.append(line);
    toEnd("captions-frame");
    return line;
  }

  addEntry(entry) {
    const line = element("li", entry.tag.split(":")[0]);
    const at = element("time", "", new Date(entry.at).toLocaleTimeString(document.documentElement.lang));
    at.dateTime = entry.at;
    const words = entry.detail ? `${entry.words} (${entry.detail})` : entry.words;
    line.append(at, element("span", "words", words), element("code", "", entry.tag));
    if (entry.quote) line.append(element("q", "", entry.quote));
    document.getElementById("log-empty").hidden = true;
    this.log.append(line);
    toEnd("log-frame");
  }
}

function link(id, url) {
  if (!url) return;
  const line = document.getElementById(id);
  line.querySelector("a").href = url;
  line.hidden = false;
}

function toEnd(id) {
  const frame = document.getElementById(id);
  frame.scrollTop = frame.scrollHeight;
}

function element(name, className, text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}
