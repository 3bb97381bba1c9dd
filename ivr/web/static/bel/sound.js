/* Microphone and loudspeaker of one call. */

export class Sound {
  /** `onFrame` gets 20 ms of the microphone as an ArrayBuffer of 16-bit samples, `onLevel` a number from 0 to 1. */
  constructor(onFrame, onLevel) {
    this.onFrame = onFrame;
    this.onLevel = onLevel;
  }

  /** Resolves to true where there is a microphone, to false where the person can only listen. */
  async start() {
    this.context = new AudioContext({ latencyHint: "interactive" });
    const worklets = this.context.audioWorklet.addModule(new URL("worklets.js", import.meta.url));
    const microphone = openMicrophone();
    await worklets;
    this.loudspeaker = new AudioWorkletNode(this.context, "loudspeaker", { numberOfInputs: 0, outputChannelCount: [1] });
    this.loudspeaker.connect(this.context.destination);
    await this.context.resume();
    this.stream = await microphone;
    if (this.stream === null) return false;
    const node = new AudioWorkletNode(this.context, "microphone", { numberOfOutputs: 0 });
    node.port.onmessage = ({ data }) => {
      this.onFrame(data.buffer);
      this.onLevel(loudness(data));
    };
    this.context.createMediaStreamSource(this.stream).connect(node);
    return true;
  }

  play(frame) {
    this.loudspeaker?.port.postMessage(frame, [frame]);
  }

  async stop() {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.loudspeaker = undefined;
    if (this.context && this.context.state !== "closed") await this.context.close();
  }
}

async function openMicrophone() {
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true },
    });
  } catch (error) {
    if (error instanceof DOMException) return null; // refused, or there is none
    throw error;
  }
}

/** Root mean square in decibel, from -60 (silence) to 0, as 0 to 1. */
function loudness(samples) {
  let sum = 0;
  for (const sample of samples) sum += (sample / 32768) ** 2;
  const decibel = 10 * Math.log10(sum / samples.length + 1e-9);
  return Math.max(0, Math.min(1, 1 + decibel / 60));
}
