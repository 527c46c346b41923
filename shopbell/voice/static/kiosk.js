// The kiosk's page: one visit after the other, and nothing of one left for the next.
import { Captions } from "./captions.js";
import { Line } from "./line.js";
import { Sound } from "./sound.js";

const { parts, keep, assistant, handsFree, phone, ideas } = document.body.dataset;
const { make } = await import(parts);
const { newKey } = await import(keep);
const $ = (id) => document.getElementById(id);
const TOUCH_EVERY_MS = 2_000;
const CARD_MS = 60_000;

const KEPT = {
  nothing: "Nothing is kept",
  transcript: "The words are kept, your voice is not",
  recording: "Words and voice are kept",
};
const MOODS = {
  listening: () => (visit?.hearing ? (visit.handsFree ? "Listening" : "Hold the button and speak") : "Type your question"),
  hearing: () => "I hear you",
  thinking: () => "One moment",
  speaking: () => (visit?.hearing && visit.handsFree ? "Speak at any time to interrupt" : "Speaking"),
};
const CARDS = {
  denied: ["I cannot use the microphone", "It is switched off for this page. You can type your questions below, and I answer aloud and in writing."],
  missing: ["There is no microphone here", "You can type your questions below, and I answer aloud and in writing."],
  insecure: ["The microphone is not available here", "This address is not a secure one, so the browser keeps the microphone shut. You can type your questions below."],
  speaker: ["There is no sound", "No loudspeaker answers. Everything I say stands on the screen."],
};
const OVERS = {
  bye: "Goodbye! The screen is clear.",
  idle: "Nobody was here, so the screen was cleared.",
  cleared: "Everything of your visit was cleared from this screen.",
  moved: "Your conversation went to your phone. The screen is clear.",
  ended: "The conversation has ended. The screen is clear.",
};
const captions = new Captions($("log"), make);
let visit = null;

class Visit {
  hearing = false;
  speaking = true;
  handsFree = handsFree === "yes";
  slower = false;
  plain = false;
  idleMs = 40_000;
  #pressed = false;
  #early = [];
  #touched = 0;
  #idle = 0;

  constructor() {
    this.sound = new Sound({ heard: (buffer) => this.#heard(buffer), played: (report) => this.#played(report) });
    this.sound.volume = $("volume").value / 100;
  }

  async begin() {
    const trouble = await this.sound.listen();
    if (visit !== this) return;
    this.hearing = !trouble;
    if (trouble) card(trouble);
    this.line = new Line(() => this.#enter());
    this.line.addEventListener("frame", ({ detail }) => visit === this && TAKE[detail.type]?.(detail));
    this.line.addEventListener("sound", ({ detail }) => (this.#early ? this.#early.push(detail) : this.sound.play(detail)));
    this.line.addEventListener("lost", () => lost());
    this.stir();
    tools();
  }

  async ready(rate) {
    this.sound.act({ act: "hush", speech: 0 });
    if (!this.#early) return;
    this.speaking = await this.sound.speak(rate);
    for (const sound of this.#early) this.sound.play(sound);
    this.#early = null;
    if (!this.speaking && visit === this) {
      this.adapt();
      card("speaker");
    }
  }

  adapt() {
    const { hearing, speaking, slower, plain } = this;
    this.line.tell({ type: "habits", microphone: hearing, speaker: speaking, hands_free: this.handsFree, slower, plain });
    tools();
  }

  press(down) {
    if (this.#pressed === down) return;
    this.#pressed = down;
    this.line.tell({ type: down ? "press" : "release" });
    $("talk").setAttribute("aria-pressed", down);
  }

  // Somebody is here: the clock of the page and that of the server begin anew.
  stir() {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => over("idle"), this.idleMs);
  }

  touched() {
    this.stir();
    if (Date.now() - this.#touched < TOUCH_EVERY_MS) return;
    this.#touched = Date.now();
    this.line?.tell({ type: "touch" });
  }

  close() {
    clearTimeout(this.#idle);
    this.line?.close();
    this.sound.close();
    this.#early = null;
  }

  #enter() {
    return { microphone: this.hearing, speaker: this.speaking, hands_free: this.handsFree };
  }

  #heard(buffer) {
    if (this.handsFree || this.#pressed) this.line?.sound(buffer);
  }

  #played({ speech, samples }) {
    this.line?.tell({ type: "heard", speech, samples });
  }
}

const TAKE = {
  ready(frame) {
    $("banner").hidden = true;
    visit.idleMs = frame.idle_s * 1_000;
    $("kept").dataset.kept = frame.kept;
    $("kept-text").textContent = KEPT[frame.kept];
    visit.ready(frame.rate);
  },
  welcome(frame) {
    if (captions.empty) captions.house(`${frame.notice} ${frame.greeting}`);
    captions.dropUnfinished();
    suggest(frame.suggestions);
  },
  said(frame) {
    captions.said(frame);
    $("suggestions").hidden = true;
  },
  replying: (frame) => captions.replying(frame.reply),
  delta: (frame) => captions.delta(frame),
  replied: (frame) => captions.replied(frame),
  caption: (frame) => captions.house(frame.text),
  trouble: (frame) => captions.house(frame.text),
  speech: (frame) => visit.sound.act({ act: frame.act, speech: frame.speech }),
  mood(frame) {
    document.body.dataset.mood = frame.mood;
    $("mood").textContent = MOODS[frame.mood]();
    if (frame.mood !== "listening") visit.stir();
  },
  senses(frame) {
    const cannot = [frame.hearing ? "" : "hear", frame.speaking ? "" : "speak"].filter(Boolean).join(" or ");
    banner(cannot && `I cannot ${cannot} at the moment. Please type; the answers stand on the screen.`);
  },
  floor(frame) {
    $("person").hidden = frame.holder !== "assistant";
    if (frame.holder === "waiting") banner(`A person was asked for. ${frame.presence?.text ?? ""}`.trim());
    else banner(frame.holder === "staff" ? `You are talking to ${frame.name || "a person"} from the shop.` : "");
  },
  handed(frame) {
    const picture = make("img", { src: `data:image/svg+xml,${encodeURIComponent(frame.svg)}`, alt: "QR code" });
    show("Go on on your phone", "Scan this with your phone's camera. It works once, for five minutes.", picture);
  },
  over: (frame) => over(frame.reason),
};

function lost() {
  banner("The shop's computer is starting again. Type on: your words are sent as soon as it is back.");
  document.body.dataset.mood = "lost";
  $("mood").textContent = "One moment";
}

function banner(text) {
  $("banner").textContent = text;
  $("banner").hidden = !text;
}

function suggest(questions) {
  const button = (text) => make("button", { type: "button", class: "idea", text, on: { click: () => say(text) } });
  $("suggestions").replaceChildren(...questions.map((text) => make("li", { children: [button(text)] })));
  $("suggestions").hidden = !questions.length;
}

function say(text) {
  const frame = { type: "say", key: newKey(), text };
  captions.mine(frame.key, text);
  $("suggestions").hidden = true;
  visit.line.say(frame);
}

function card(name) {
  show(...CARDS[name]);
}

function show(title, text, picture) {
  $("card-title").textContent = title;
  $("card-text").textContent = text;
  $("card-picture").replaceChildren(...(picture ? [picture] : []));
  $("card-picture").hidden = !picture;
  if (!$("card").open) $("card").showModal();
  setTimeout(hideCard, CARD_MS);
}

function hideCard() {
  $("card").close();
  $("card-picture").replaceChildren();
}

function tools() {
  const { hearing } = visit;
  $("hands-free").hidden = !hearing;
  $("talk").hidden = !hearing || visit.handsFree;
  $("hands-free").setAttribute("aria-pressed", visit.handsFree);
  $("slower").setAttribute("aria-pressed", visit.slower);
  $("plain").setAttribute("aria-pressed", visit.plain);
  $("to-phone").hidden = phone !== "yes";
  document.body.dataset.plain = visit.plain ? "yes" : "no";
  $("mood").textContent = (MOODS[document.body.dataset.mood] ?? MOODS.listening)();
}

function screen(name) {
  document.body.dataset.screen = name;
  $("attract").hidden = name !== "attract";
  $("visit").hidden = name !== "visit";
}

function start(first = "") {
  if (visit) return;
  screen("visit");
  document.body.dataset.mood = "thinking";
  $("mood").textContent = MOODS.thinking();
  visit = new Visit();
  visit.begin().then(() => first && visit && say(first));
  $("message").focus({ preventScroll: true });
}

// Everything of the visit goes: the page, its memory, what the engine still had to say.
function over(reason) {
  if (!visit) return;
  visit.close();
  visit = null;
  captions.clear();
  hideCard();
  banner("");
  for (const id of ["card-title", "card-text", "kept-text", "mood"]) $(id).textContent = "";
  $("suggestions").replaceChildren();
  $("composer").reset();
  $("person").hidden = false;
  document.body.dataset.mood = "resting";
  document.body.dataset.plain = "no";
  screen("attract");
  $("lead").textContent = OVERS[reason] ?? OVERS.ended;
  $("start").focus({ preventScroll: true });
  setTimeout(() => !visit && ($("lead").textContent = $("lead").dataset.text), 6_000);
}

function toggle(id, name) {
  $(id).addEventListener("click", () => {
    visit[name] = !visit[name];
    visit.adapt();
  });
}

toggle("hands-free", "handsFree");
toggle("slower", "slower");
toggle("plain", "plain");
$("start").addEventListener("click", () => start());
$("clear").addEventListener("click", () => {
  visit?.line?.tell({ type: "clear" });
  over("cleared");
});
$("stop").addEventListener("click", () => visit.line.tell({ type: "interrupt" }));
$("repeat").addEventListener("click", () => visit.line.tell({ type: "repeat" }));
$("person").addEventListener("click", () => visit.line.tell({ type: "want_person", key: newKey() }));
$("to-phone").addEventListener("click", () => visit.line.tell({ type: "to_phone" }));
$("volume").addEventListener("input", (event) => visit && (visit.sound.volume = event.target.value / 100));
$("card-close").addEventListener("click", hideCard);
$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("message").value.trim();
  if (text && visit) say(text);
  $("composer").reset();
});
for (const [down, up] of [["pointerdown", "pointerup"], ["pointerdown", "pointercancel"], ["keydown", "keyup"]]) {
  const keys = (event) => down !== "keydown" || [" ", "Enter"].includes(event.key);
  $("talk").addEventListener(down, (event) => keys(event) && visit.press(true));
  $("talk").addEventListener(up, (event) => keys(event) && visit.press(false));
}
for (const sign of ["pointerdown", "keydown"]) addEventListener(sign, () => visit?.touched(), { capture: true });
addEventListener("contextmenu", (event) => event.preventDefault());

for (const badge of document.querySelectorAll("[data-logo]")) {
  if (badge.dataset.logo) badge.replaceChildren(make("img", { src: badge.dataset.logo, alt: "" }));
}
$("lead").dataset.text = $("lead").textContent;
$("ideas").replaceChildren(
  ...ideas.split("|").filter(Boolean).map((text) => {
    const button = make("button", { type: "button", class: "idea", text, on: { click: () => start(text) } });
    return make("li", { children: [button] });
  }),
);
document.title = `Speak to ${assistant}`;
$("start").disabled = false; // a touch before this would be lost

async function stayAwake() {
  if (document.visibilityState === "visible") await navigator.wakeLock?.request("screen").catch(() => null);
}
document.addEventListener("visibilitychange", stayAwake);
stayAwake();
