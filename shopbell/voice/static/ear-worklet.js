// The microphone's thread: takes what the device gives, hands on 16 kHz int16 in frames of 512 samples (32 ms).
const RATE = 16_000;
const FRAME = 512;

class Ear extends AudioWorkletProcessor {
  #frame = new Int16Array(FRAME);
  #filled = 0;
  #sum = 0;
  #count = 0;
  #place = 0;

  process([[samples]]) {
    if (!samples) return true;
    const step = RATE / sampleRate;
    for (const sample of samples) {
      // Averages what falls into one sample of 16 kHz: enough of a filter for speech from 44.1 or 48 kHz.
      this.#sum += sample;
      this.#count += 1;
      this.#place += step;
      if (this.#place < 1) continue;
      this.#place -= 1;
      this.#put(this.#sum / this.#count);
      this.#sum = this.#count = 0;
    }
    return true;
  }

  #put(sample) {
    this.#frame[this.#filled] = Math.max(-1, Math.min(1, sample)) * 32_767;
    this.#filled += 1;
    if (this.#filled < FRAME) return;
    const { buffer } = this.#frame;
    this.port.postMessage(buffer, [buffer]);
    this.#frame = new Int16Array(FRAME);
    this.#filled = 0;
  }
}

registerProcessor("ear", Ear);
