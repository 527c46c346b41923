// Microphone and loudspeaker of one visit. `close` gives both back; nothing is kept.
const here = (name) => new URL(name, import.meta.url).href;
const HEAD = 4;

export class Sound {
  #in = null;
  #out = null;
  #stream = null;
  #mouth = null;
  #gain = null;
  #level = 0.8;

  constructor({ heard, played }) {
    this.heard = heard;
    this.played = played;
  }

  get speaking() {
    return this.#out?.state === "running";
  }

  // Asks for the microphone; returns "" or why there is none.
  async listen() {
    if (!navigator.mediaDevices?.getUserMedia) return "insecure";
    try {
      const audio = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
      this.#stream = await navigator.mediaDevices.getUserMedia({ audio });
    } catch (error) {
      return error.name === "NotFoundError" ? "missing" : "denied";
    }
    this.#in = this.#sixteen();
    await this.#in.audioWorklet.addModule(here("ear-worklet.js"));
    const ear = new AudioWorkletNode(this.#in, "ear", { numberOfOutputs: 0 });
    ear.port.onmessage = ({ data }) => this.heard(data);
    this.#in.createMediaStreamSource(this.#stream).connect(ear);
    return "";
  }

  // Opens the loudspeaker at the rate of what will come; returns whether it plays.
  async speak(rate) {
    try {
      this.#out = new AudioContext({ sampleRate: rate, latencyHint: "interactive" });
      await this.#out.audioWorklet.addModule(here("mouth-worklet.js"));
    } catch {
      return false; // no output device, or no secure context
    }
    this.#mouth = new AudioWorkletNode(this.#out, "mouth", { numberOfInputs: 0, outputChannelCount: [1] });
    this.#mouth.port.onmessage = ({ data }) => this.#tell(data);
    this.#gain = new GainNode(this.#out, { gain: this.#level });
    this.#mouth.connect(this.#gain).connect(this.#out.destination);
    await Promise.race([this.#out.resume(), new Promise((done) => setTimeout(done, 1_000))]);
    return this.#out.state === "running";
  }

  play(frame) {
    const speech = new DataView(frame).getUint32(0, true);
    const whole = new Int16Array(frame, HEAD);
    this.#mouth?.port.postMessage({ speech, sound: Float32Array.from(whole, (sample) => sample / 32_768) });
  }

  act(frame) {
    this.#mouth?.port.postMessage(frame);
  }

  set volume(share) {
    this.#level = share;
    if (this.#gain) this.#gain.gain.value = share;
  }

  close() {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#in?.close();
    this.#out?.close();
    this.#in = this.#out = this.#stream = this.#mouth = this.#gain = null;
    this.heard = this.played = () => {};
  }

  #sixteen() {
    try {
      return new AudioContext({ sampleRate: 16_000 });
    } catch {
      return new AudioContext(); // the worklet brings it to 16 kHz
    }
  }

  #tell({ speech, samples, held }) {
    // What left the page is not in the room yet.
    const late = Math.round((this.#out?.outputLatency ?? 0) * (this.#out?.sampleRate ?? 0));
    this.played({ speech, samples: Math.max(0, samples - late), held });
  }
}
