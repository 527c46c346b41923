// The chat page: frames come in, lines go on the page; clicks and keys go out as frames.
import { Composer } from "./composer.js";
import { Connection } from "./connection.js";
import * as embed from "./embed.js";
import { Log } from "./log.js";
import { Menu } from "./menu.js";
import { make } from "./parts.js";
import { Rating } from "./rating.js";
import { Scroll } from "./scroll.js";
import { SignIn } from "./signin.js";

const $ = (id) => document.getElementById(id);
const { shop, assistant } = document.body.dataset;
const TITLE = document.title;
const BANNER_AFTER_MS = 1_200;
const OPEN_LINE_EVERY_MS = 300_000;

const connection = new Connection();
const scroll = new Scroll($("scroller"), $("log"), $("newer"));
const acts = { say, rate, wantPerson, announce };
const log = new Log({ first: $("first"), list: $("log"), scroll, assistant, acts });
const rating = new Rating($("rating"), { rate: rateChat, download, anew });
const composer = new Composer({ form: $("composer"), box: $("message"), send: $("send"), counter: $("counter"), say });
const signIn = new SignIn(connection, announce);
let live = false;
let ended = false;
let unread = 0;
let bannerTimer = 0;

function say(text) {
  const frame = connection.say(text);
  log.mine(frame.key, text, connection.ready ? "" : "Waiting for the connection");
  scroll.toEnd();
  complain("");
}

function rate(reply, helpful) {
  const sent = connection.tell({ type: "rate", reply, helpful });
  announce(sent ? "Thank you, your rating was kept." : "Not connected; please try again in a moment.");
  return sent;
}

function rateChat(stars, comment) {
  if (!connection.tell({ type: "stars", stars, comment })) announce("Not connected; please try again in a moment.");
}

function wantPerson() {
  if (ended || $("strip").dataset.holder !== "assistant") {
    announce($("floor-text").textContent);
    return;
  }
  connection.wantPerson();
  if (!connection.ready) log.notice("A person will be asked for as soon as the connection is back.");
}

function announce(text) {
  // The same words twice in a row would not be read again.
  $("announcer").textContent = $("announcer").textContent === text ? `${text}\u00a0` : text;
}

function complain(text) {
  $("notice-line").textContent = text;
  $("notice-line").hidden = !text;
}

function heard(who, text) {
  if (!live) return;
  announce(`${who}: ${text}`);
  if (document.hidden || !document.hasFocus()) {
    unread += 1;
    if (document.hidden) document.title = `(${unread}) ${TITLE}`;
    embed.tellParent("unread", { count: unread });
  }
}

function read() {
  unread = 0;
  document.title = TITLE;
  embed.tellParent("unread", { count: 0 });
}

const HOLDERS = {
  assistant: () => `You are talking to ${assistant}, an AI`,
  waiting: (frame) => `A person was asked for. ${frame.presence?.text ?? ""}`.trim(),
  staff: (frame) => `You are talking to ${frame.name || "a person"} from the shop`,
};

function floor(frame) {
  $("strip").dataset.holder = frame.holder;
  document.body.dataset.holder = frame.holder;
  $("person").hidden = ended || frame.holder === "staff";
  $("floor-text").textContent = HOLDERS[frame.holder](frame);
}

function over() {
  ended = true;
  composer.close(true);
  $("person").hidden = true;
  $("end").disabled = true;
  $("strip").dataset.holder = "ended";
  $("floor-text").textContent = "This chat has ended";
  rating.show();
  scroll.grew();
  if (live) rating.focus();
}

function begun() {
  ended = false;
  live = false;
  composer.close(false);
  $("end").disabled = false;
  rating.hide();
  floor({ holder: "assistant" });
  signIn.identity({ level: "anonymous" });
}

const TAKE = {
  said(frame) {
    log.said(frame);
    if (frame.who === "notice" && live) signIn.notice(frame.text);
    if (frame.who === "staff") heard(frame.name || "Staff", frame.text);
  },
  replying: (frame) => log.replying(frame.reply),
  waiting: (frame) => announce(log.waiting(frame)),
  checking: (frame) => log.checking(frame),
  delta: (frame) => log.delta(frame),
  replied(frame) {
    log.replied(frame);
    heard(assistant, frame.text);
  },
  floor(frame) {
    if (frame.holder === "staff") log.dropUnfinished({ checked: true }); // a person answers now
    floor(frame);
  },
  identity(frame) {
    signIn.identity(frame);
    if (frame.level === "anonymous") log.hidePrivate();
  },
  rated(frame) {
    log.rated(frame);
    if (!frame.stars) return;
    rating.kept(frame.stars);
    scroll.grew();
    if (live) rating.focus();
  },
  ended() {
    log.dropUnfinished({ checked: true });
    over();
  },
  current() {
    live = true;
    signIn.ready();
    for (const frame of connection.unsent) {
      if (frame.type === "say") log.mine(frame.key, frame.text, "Sending");
    }
    scroll.grew();
  },
  trouble(frame) {
    if (frame.code === "no-such-conversation" || signIn.trouble(frame)) return;
    if (frame.key && frame.code !== "rate") log.refuse(frame.key, frame.text);
    else complain(frame.text);
  },
};

connection.addEventListener("frame", ({ detail }) => {
  TAKE[detail.type]?.(detail);
  $("stop").hidden = !log.replyRunning;
});

connection.addEventListener("welcome", ({ detail }) => {
  log.dropUnfinished();
  if (!detail.again) {
    log.clear();
    log.welcome(detail);
  }
});

connection.addEventListener("forgotten", () => {
  begun();
  announce("The earlier chat is no longer kept. This is a new one.");
});

connection.addEventListener("state", ({ detail }) => {
  clearTimeout(bannerTimer);
  const show = (text) => {
    $("banner").textContent = text;
    $("banner").hidden = !text;
  };
  if (detail === "connected") show("");
  else bannerTimer = setTimeout(() => show("The connection is lost. Trying again; your messages are kept."), BANNER_AFTER_MS);
  $("stop").hidden = detail !== "connected" || !log.replyRunning;
});

async function download() {
  const headers = { Authorization: `Bearer ${connection.token}` };
  const path = `/api/conversations/${encodeURIComponent(connection.conversation)}/transcript`;
  const response = await fetch(path, { headers }).catch(() => null);
  if (!response?.ok) {
    announce("The transcript cannot be had at the moment.");
    return;
  }
  const url = URL.createObjectURL(await response.blob());
  const link = make("a", { href: url, download: "conversation.txt" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
  announce("The transcript was downloaded.");
}

function anew() {
  begun();
  log.clear();
  connection.anew();
  $("message").focus();
}

function confirmEnd() {
  const dialog = $("confirm");
  dialog.returnValue = "no";
  dialog.showModal();
  dialog.addEventListener("close", () => dialog.returnValue === "yes" && connection.tell({ type: "end" }), { once: true });
}

async function refreshOpenLine() {
  const response = await fetch("/api/shop").catch(() => null);
  if (!response?.ok) return;
  const { open_now: open, open_text: text } = await response.json();
  for (const line of document.querySelectorAll(".open-line")) {
    line.dataset.open = open ? "open" : "closed";
    line.querySelector(".open-text").textContent = text;
  }
}

for (const badge of document.querySelectorAll("[data-logo]")) {
  if (badge.dataset.logo) badge.replaceChildren(make("img", { src: badge.dataset.logo, alt: "" }));
}
new Menu($("menu-button"), $("menu"));
$("person").addEventListener("click", wantPerson);
$("stop").addEventListener("click", () => {
  connection.tell({ type: "interrupt" });
  $("message").focus();
});
$("download").addEventListener("click", download);
$("anew").addEventListener("click", anew);
$("end").addEventListener("click", confirmEnd);
addEventListener("focus", read);
document.addEventListener("visibilitychange", () => !document.hidden && read());
setInterval(refreshOpenLine, OPEN_LINE_EVERY_MS);
embed.begin({ opened: () => (read(), $("message").focus()) });
connection.open();
if (matchMedia("(hover: hover)").matches && window.parent === window) $("message").focus();
