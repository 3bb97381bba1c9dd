/* Between the browser's sample rate and the telephone's 8 000 Hz. Streaming: pieces of any length fit together.
   A windowed sinc (Hann), cut off just below half of the lower rate, one filter per phase of the two rates. */

const ZERO_CROSSINGS = 16;

export class Resampler {
  constructor(fromHz, toHz) {
    const common = gcd(fromHz, toHz);
    this.up = toHz / common;
    this.down = fromHz / common;
    const cutoff = 0.46 * Math.min(1, toHz / fromHz);
    this.half = Math.ceil(ZERO_CROSSINGS / (2 * cutoff));
    this.filters = Array.from({ length: this.up }, (_, phase) => filter(phase / this.up, cutoff, this.half));
    this.waiting = new Float32Array(2 * this.half);
    this.phase = 0;
  }

  /** Float32Array in, Float32Array out; delays by half a filter. */
  push(samples) {
    const input = new Float32Array(this.waiting.length + samples.length);
    input.set(this.waiting);
    input.set(samples, this.waiting.length);
    const taps = 2 * this.half;
    const output = [];
    let start = 0;
    while (start + taps <= input.length) {
      const weights = this.filters[this.phase];
      let sum = 0;
      for (let tap = 0; tap < taps; tap += 1) sum += weights[tap] * input[start + tap];
      output.push(sum);
      this.phase += this.down;
      start += Math.floor(this.phase / this.up);
      this.phase %= this.up;
    }
    this.waiting = input.slice(start);
    return Float32Array.from(output);
  }
}

function filter(offset, cutoff, half) {
  const weights = new Float32Array(2 * half);
  let total = 0;
  for (let tap = 0; tap < weights.length; tap += 1) {
    const at = tap - half + 1 - offset;
    const window = Math.abs(at) < half ? 0.5 + 0.5 * Math.cos((Math.PI * at) / half) : 0;
    weights[tap] = window * (at === 0 ? 2 * cutoff : Math.sin(2 * Math.PI * cutoff * at) / (Math.PI * at));
    total += weights[tap];
  }
  return weights.map((weight) => weight / total);
}

function gcd(a, b) {
  return b === 0 ? a : gcd(b, a % b);
}
