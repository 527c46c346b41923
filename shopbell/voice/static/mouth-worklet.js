// The loudspeaker's thread: plays what it is given, stops within one block, and tells how far it got.
const REPORT = 0.25;
const MOST = 12;

class Mouth extends AudioWorkletProcessor {
  #queue = [];
  #at = 0;
  #waiting = 0;
  #speech = 0;
  #samples = 0;
  #reported = 0;
  #held = false;

  constructor() {
    super();
    this.port.onmessage = ({ data }) => (data.sound ? this.#take(data) : this.#act(data));
  }

  #take({ speech, sound }) {
    if (speech < this.#speech || this.#waiting > MOST * sampleRate) return;
    this.#queue.push(sound);
    this.#waiting += sound.length;
  }

  #act({ act, speech }) {
    if (act === "hold") this.#held = true;
    if (act === "resume") this.#held = false;
    if (act !== "hush") return;
    this.#report(); // how far the old one got, before it is forgotten
    this.#queue = [];
    this.#at = this.#waiting = this.#samples = this.#reported = 0;
    this.#held = false;
    this.#speech = speech;
  }

  #report() {
    this.#reported = this.#samples;
    this.port.postMessage({ speech: this.#speech, samples: this.#samples, held: this.#held });
  }

  process(_inputs, [[out]]) {
    if (this.#held || !this.#queue.length) return true;
    for (let i = 0; i < out.length && this.#queue.length; i += 1) {
      const chunk = this.#queue[0];
      out[i] = chunk[this.#at];
      this.#at += 1;
      this.#samples += 1;
      this.#waiting -= 1;
      if (this.#at < chunk.length) continue;
      this.#queue.shift();
      this.#at = 0;
    }
    const due = this.#samples - this.#reported >= REPORT * sampleRate;
    if (due || !this.#queue.length) this.#report();
    return true;
  }
}

registerProcessor("mouth", Mouth);
