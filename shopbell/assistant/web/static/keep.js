// What survives a reload, in this tab only: the conversation, its token, and messages not yet safely sent.
const NAME = "shopbell";
let memory = null;

export function read() {
  try {
    return JSON.parse(sessionStorage.getItem(NAME)) ?? memory ?? {};
  } catch {
    return memory ?? {}; // storage is switched off, or was written by something else
  }
}

export function write(kept) {
  memory = kept;
  try {
    sessionStorage.setItem(NAME, JSON.stringify(kept));
  } catch {
    return; // storage is switched off: then only a reload forgets
  }
}

export function newKey() {
  // crypto.randomUUID needs https; a shop's own network is plain http.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
