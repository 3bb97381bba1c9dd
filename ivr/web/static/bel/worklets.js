/* Runs in the audio thread: the microphone to 20 ms frames of the telephone, and frames to the loudspeaker. */

import { Resampler } from "./resampler.js";

const TELEPHONE_HZ = 8000;
const FRAME = 160; // 20 ms
const START_WITH = 4 * FRAME; // 80 ms against uneven arrival
const KEEP_AT_MOST = 20 * FRAME; // 400 ms; more would only be delay

class Microphone extends AudioWorkletProcessor {
  constructor() {
    super();
    this.resampler = new Resampler(sampleRate, TELEPHONE_HZ);
    this.frame = new Int16Array(FRAME);
    this.filled = 0;
  }

  process([input]) {
    if (input.length === 0) return true;
    for (const sample of this.resampler.push(mono(input))) {
      this.frame[this.filled] = Math.max(-32768, Math.min(32767, Math.round(sample * 32767)));
      this.filled += 1;
      if (this.filled === FRAME) {
        this.port.postMessage(this.frame, [this.frame.buffer]);
        this.frame = new Int16Array(FRAME);
        this.filled = 0;
      }
    }
    return true;
  }
}

class Loudspeaker extends AudioWorkletProcessor {
  constructor() {
    super();
    this.resampler = new Resampler(TELEPHONE_HZ, sampleRate);
    this.frames = [];
    this.waiting = 0;
    this.playing = false;
    this.ready = new Float32Array(0);
    this.port.onmessage = ({ data }) => this.take(new Int16Array(data));
  }

  take(frame) {
    this.frames.push(frame);
    this.waiting += frame.length;
    while (this.waiting > KEEP_AT_MOST) this.waiting -= this.frames.shift().length;
    if (this.waiting >= START_WITH) this.playing = true;
  }

  process(_, [output]) {
    const out = output[0];
    while (this.ready.length < out.length) this.ready = joined(this.ready, this.resampler.push(this.next()));
    out.set(this.ready.subarray(0, out.length));
    this.ready = this.ready.slice(out.length);
    for (const other of output.slice(1)) other.set(out);
    return true;
  }

  next() {
    if (!this.playing || this.frames.length === 0) {
      this.playing = false;
      return new Float32Array(FRAME / 8); // short, so that sound that comes now starts soon
    }
    const frame = this.frames.shift();
    this.waiting -= frame.length;
    return Float32Array.from(frame, (sample) => sample / 32768);
  }
}

function mono(channels) {
  if (channels.length === 1) return channels[0];
  return channels[0].map((_, at) => channels.reduce((sum, channel) => sum + channel[at], 0) / channels.length);
}

function joined(first, second) {
  const both = new Float32Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

registerProcessor("microphone", Microphone);
registerProcessor("loudspeaker", Loudspeaker);
