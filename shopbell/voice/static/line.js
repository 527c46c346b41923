// The kiosk's socket for one visit: comes back after a loss, and holds nothing once it is closed.
const AGAIN_MS = 800;
const LONGEST_MS = 5_000;

export class Line extends EventTarget {
  #socket = null;
  #pass = { conversation: "", token: "" };
  #seen = 0;
  #waiting = [];
  #closed = false;
  #failures = 0;
  #timer = 0;

  constructor(enter) {
    super();
    this.enter = enter;
    this.#open();
  }

  get open() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  tell(frame) {
    if (this.open) this.#socket.send(JSON.stringify(frame));
  }

  sound(buffer) {
    // What cannot leave at once is stale when it could.
    if (this.open && this.#socket.bufferedAmount < 65_536) this.#socket.send(buffer);
  }

  // Words wait for the connection, and are sent again until they came back as said.
  say(frame) {
    this.#waiting.push(frame);
    this.tell(frame);
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
    this.#socket = null;
    this.#pass = { conversation: "", token: "" };
    this.#waiting = [];
  }

  #open() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}/api/kiosk`);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.onopen = () => this.tell({ type: "enter", ...this.enter(), ...this.#pass, after: this.#seen });
    socket.onmessage = ({ data }) => {
      if (socket !== this.#socket) return;
      if (typeof data === "string") this.#take(JSON.parse(data));
      else this.#emit("sound", data);
    };
    socket.onclose = ({ code }) => socket === this.#socket && this.#lost(code);
  }

  #take(frame) {
    if (frame.seq !== undefined && frame.type !== "current") this.#seen = Math.max(this.#seen, frame.seq);
    if (frame.type === "welcome") {
      this.#failures = 0;
      const token = frame.token || this.#pass.token;
      this.#pass = { conversation: frame.conversation, token };
    }
    if (frame.key) this.#waiting = this.#waiting.filter((one) => one.key !== frame.key || frame.code === "rate");
    this.#emit("frame", frame);
    if (frame.type === "current") for (const one of this.#waiting) this.tell(one);
  }

  #lost(code) {
    if (this.#closed) return;
    if (code === 4404) {
      this.#pass = { conversation: "", token: "" };
      this.#seen = 0;
    }
    this.#emit("lost", code);
    this.#failures += 1;
    this.#timer = setTimeout(() => this.#open(), Math.min(LONGEST_MS, AGAIN_MS * 1.6 ** (this.#failures - 1)));
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
