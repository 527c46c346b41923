// Staff talk to callers. The sign-in and the sound are kept in this page alone: gone when it is closed.
import { Sound } from "./sound.js";

const $ = (id) => document.getElementById(id);
const REFUSED = {
  insecure: "This page may not use the microphone. Open it over https, or on the shop's own computer.",
  missing: "No microphone was found. Connect one, then take the call again.",
  denied: "The browser does not let this page use the microphone. Allow it, then take the call again.",
};
const SIGNED_OUT = 4401;
const LATE_S = 0.6; // of the caller's sound that waits here; more is dropped, or both would talk late
let token = "";
let socket = null;
let sound = null;
let muted = false;
let pressed = null;
const ear = { rate: 0, speech: 0, sent: 0, played: 0 };

function tell(frame) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
}

function say(text) {
  $("outcome").textContent = text;
}

async function ask(path, body) {
  const headers = { "Content-Type": "application/json", ...(token ? { Authorization: `Bearer ${token}` } : {}) };
  const answer = await fetch(`/api/staff/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(said.text || "Something went wrong. Try again.");
  return said;
}

function show(signedIn) {
  $("sign-in").hidden = signedIn;
  $("line").hidden = !signedIn;
}

function part() {
  sound?.close();
  sound = null;
  $("talking").hidden = true;
  for (const button of $("calls").querySelectorAll("button")) button.disabled = false;
}

// Ends what is up; `why` is for who sits here.
function leave(why) {
  token = "";
  socket = null;
  part();
  $("calls").replaceChildren();
  show(false);
  say(why);
}

function open() {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const mine = new WebSocket(`${scheme}//${location.host}/api/calls`);
  mine.binaryType = "arraybuffer";
  mine.onopen = () => tell({ type: "sign_in", token });
  mine.onmessage = ({ data }) => (typeof data === "string" ? take(JSON.parse(data)) : hear(data));
  mine.onclose = ({ code }) => {
    if (mine !== socket) return;
    leave(code === SIGNED_OUT ? "Your session is over. Sign in again." : "The line to the server broke. Sign in again.");
  };
  socket = mine;
}

function take(frame) {
  if (frame.type === "calls") list(frame.calls);
  if (frame.type === "talking") talk(frame);
  if (frame.type === "over" || frame.type === "trouble") say(frame.text);
  if (frame.type === "over" || (frame.type === "trouble" && $("talking").hidden)) part();
}

function text(name, words) {
  const made = document.createElement(name);
  made.textContent = words;
  return made;
}

function list(calls) {
  $("nobody").hidden = calls.length > 0;
  $("calls").replaceChildren(...calls.map(row));
}

function row(call) {
  const item = document.createElement("li");
  const since = new Date(call.since).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const who = call.caller ? `Caller ${call.caller}` : "Caller without a number";
  const how = call.holder ? `with ${call.holder}` : call.waits ? "waits for a person" : "with the assistant";
  item.className = call.waits ? "waits" : "";
  const told = document.createElement("div");
  told.append(text("strong", who), ` · since ${since} · ${how}`);
  if (call.last) told.append(text("p", `“${call.last}”`));
  item.append(told);
  if (!call.holder) {
    const button = text("button", "Take the call");
    button.type = "button";
    button.disabled = sound !== null;
    button.setAttribute("aria-label", `Take the call of ${who.toLowerCase()}`);
    button.addEventListener("click", () => begin(call.call));
    item.append(button);
  }
  return item;
}

async function begin(call) {
  if (sound) return;
  say("One moment.");
  sound = new Sound({ heard: speak, played });
  const mine = sound;
  const why = await mine.listen();
  if (mine !== sound) return mine.close();
  if (why) {
    part();
    return say(REFUSED[why]);
  }
  pressed = call;
  tell({ type: "take", call });
}

async function talk(frame) {
  if (!sound || frame.call !== pressed) return tell({ type: "give_back" });
  Object.assign(ear, { rate: frame.rate, speech: 0, sent: 0, played: 0 });
  mute(false);
  $("with").textContent = frame.caller ? `You talk to caller ${frame.caller}` : "You talk to the caller";
  $("talking").hidden = false;
  $("with").focus();
  const heard = await sound.speak(frame.rate);
  say(heard ? "" : "You are heard, but this computer plays no sound.");
}

function speak(frame) {
  if (!$("talking").hidden && !muted && socket?.bufferedAmount < 16_384) socket.send(frame);
}

function hear(frame) {
  if (!sound) return;
  if (ear.sent - ear.played > LATE_S * ear.rate) {
    ear.speech += 1;
    ear.sent = ear.played = 0;
    sound.act({ act: "hush", speech: ear.speech });
  }
  new DataView(frame).setUint32(0, ear.speech, true);
  ear.sent += (frame.byteLength - 4) / 2;
  sound.play(frame);
}

function played({ speech, samples }) {
  if (speech === ear.speech) ear.played = samples;
}

function mute(now) {
  muted = now;
  $("mute").setAttribute("aria-pressed", String(now));
  $("mute").textContent = now ? "Muted: speak again" : "Mute me";
}

$("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  say("One moment.");
  try {
    const session = await ask("login", { name: $("name").value.trim(), password: $("password").value });
    $("password").value = "";
    token = session.token;
    open();
    show(true);
    say("");
  } catch (error) {
    say(error instanceof TypeError ? "The server cannot be reached. Try again." : error.message);
  }
});
$("mute").addEventListener("click", () => mute(!muted));
$("give-back").addEventListener("click", () => tell({ type: "give_back" }));
$("hang-up").addEventListener("click", () => tell({ type: "hang_up" }));
$("sign-out").addEventListener("click", async () => {
  const mine = socket;
  await ask("logout", {}).catch(() => {});
  leave("You are signed out.");
  mine?.close();
});
$("sign-in").querySelector("[type=submit]").disabled = false; // sent before this, the browser would put it all into the address
