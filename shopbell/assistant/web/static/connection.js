// The socket: says hello, comes back after every loss, and hands on each frame exactly once.
import { newKey, read, write } from "./keep.js";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
const HELLO_PATIENCE_MS = 10_000;
const RETRY_MS = 2_000;

export class Connection extends EventTarget {
  #socket = null;
  #seen = 0;
  #failures = 0;
  #ready = false;
  #stopped = false;
  #timer = 0;
  #fresh = true;
  #asleep = false;

  constructor() {
    super();
    for (const sign of ["pointerdown", "keydown"]) addEventListener(sign, () => this.#wake(), { capture: true });
    addEventListener("online", () => this.#soon(0));
    addEventListener("offline", () => this.#drop());
    addEventListener("pageshow", (event) => event.persisted && this.#soon(0));
  }

  get ready() {
    return this.#ready;
  }

  get token() {
    return read().token ?? "";
  }

  get conversation() {
    return read().conversation ?? "";
  }

  get unsent() {
    return read().unsent ?? [];
  }

  open() {
    this.#stopped = false;
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}/api/chat`);
    this.#socket = socket;
    const patience = setTimeout(() => socket.close(), HELLO_PATIENCE_MS);
    socket.onopen = () => {
      const { conversation = "", token = "" } = read();
      socket.send(JSON.stringify({ type: "hello", conversation, token, after: this.#seen }));
    };
    socket.onmessage = (event) => {
      clearTimeout(patience);
      if (socket === this.#socket) this.#take(JSON.parse(event.data));
    };
    socket.onclose = (event) => {
      clearTimeout(patience);
      if (socket === this.#socket) this.#lost(event.code);
    };
  }

  say(text) {
    return this.#queue({ type: "say", key: newKey(), text });
  }

  wantPerson() {
    return this.#queue({ type: "want_person", key: newKey() });
  }

  tell(frame) {
    if (this.#ready) this.#socket.send(JSON.stringify(frame));
    return this.#ready;
  }

  anew() {
    this.#stopped = true;
    this.#socket?.close();
    write({});
    this.#seen = 0;
    this.#fresh = true;
    this.#ready = false;
    this.#failures = 0;
    this.open();
  }

  #queue(frame) {
    const kept = read();
    write({ ...kept, unsent: [...(kept.unsent ?? []), frame] });
    this.tell(frame);
    return frame;
  }

  #sent(key) {
    const kept = read();
    const unsent = (kept.unsent ?? []).filter((frame) => frame.key !== key);
    write({ ...kept, unsent });
  }

  #take(frame) {
    if (frame.seq !== undefined && frame.type !== "current") {
      if (frame.seq <= this.#seen) return;
      this.#seen = frame.seq;
    }
    if (frame.type === "welcome") this.#welcomed(frame);
    if (frame.type === "said" && frame.key) this.#sent(frame.key);
    if (frame.type === "floor" && frame.holder !== "assistant") this.#forgetWishes();
    if (frame.type === "trouble") this.#troubled(frame);
    this.#emit("frame", frame);
    if (frame.type === "current") this.#current();
  }

  #welcomed(frame) {
    if (frame.token) write({ ...read(), conversation: frame.conversation, token: frame.token });
    this.#emit("welcome", { ...frame, again: !this.#fresh });
    this.#fresh = false;
  }

  #current() {
    this.#ready = true;
    this.#failures = 0;
    this.#emit("state", "connected");
    // The log has been read: what is still unsent was never kept. The same key makes a second copy harmless.
    for (const frame of this.unsent) this.#socket.send(JSON.stringify(frame));
  }

  #forgetWishes() {
    const kept = read();
    write({ ...kept, unsent: (kept.unsent ?? []).filter((frame) => frame.type !== "want_person") });
  }

  #troubled(frame) {
    if (!frame.key) return;
    if (frame.code === "rate") {
      const waiting = this.unsent.find((one) => one.key === frame.key);
      if (waiting) setTimeout(() => this.tell(waiting), RETRY_MS);
    } else {
      this.#sent(frame.key);
    }
  }

  #lost(code) {
    this.#ready = false;
    if (this.#stopped) return;
    if (code === 4404) {
      const { unsent } = read();
      write({ unsent });
      this.#seen = 0;
      this.#emit("forgotten");
      this.#fresh = true;
    }
    if (code === 4408) {
      this.#asleep = true; // nobody was here for long: no seat is held until somebody is
      return;
    }
    this.#failures += 1;
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (this.#failures - 1));
    this.#emit("state", "lost");
    this.#soon(wait * (0.75 + Math.random() / 2));
  }

  #wake() {
    if (!this.#asleep) return;
    this.#asleep = false;
    this.#soon(0);
  }

  #drop() {
    // A browser may take minutes to notice that a socket's other end is out of reach.
    const socket = this.#socket;
    if (!socket || this.#stopped) return;
    this.#socket = null;
    socket.close();
    this.#lost(1006);
  }

  #soon(wait) {
    if (this.#stopped || this.#socket?.readyState < WebSocket.CLOSING) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.open(), wait);
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
