// The conversation on the page: one line for each thing said, in the order of the log.
import { icon, make } from "./parts.js";
import { Reply } from "./replies.js";

export class Log {
  #replies = new Map();
  #mine = new Map();
  #thinking = null;

  constructor({ first, list, scroll, assistant, acts }) {
    Object.assign(this, { first, list, scroll, assistant, acts });
  }

  clear() {
    this.first.replaceChildren();
    this.list.replaceChildren();
    this.#replies.clear();
    this.#mine.clear();
    this.#thinking = null;
  }

  welcome(frame) {
    const words = [frame.notice, frame.presence?.text].filter(Boolean).map((text) => make("p", { text }));
    const notice = make("div", {
      class: "line first",
      children: [
        make("div", { class: "ai-notice", children: [icon("spark"), make("div", { children: words })] }),
      ],
    });
    const greeting = make("div", {
      class: "line theirs",
      children: [
        make("p", { class: "speaker", text: this.assistant }),
        make("div", { class: "bubble", text: frame.greeting }),
      ],
    });
    this.first.replaceChildren(notice, greeting);
    if (frame.suggestions?.length) this.first.append(this.#chips(frame.suggestions));
  }

  #chips(suggestions) {
    const chip = (text) =>
      make("button", { type: "button", class: "chip", text, on: { click: () => this.acts.say(text) } });
    return make("div", { class: "chips", role: "group", "aria-label": "Questions to start with", children: suggestions.map(chip) });
  }

  mine(key, text, state) {
    let line = this.#mine.get(key);
    if (!line) {
      line = make("li", {
        class: "line mine",
        children: [make("p", { class: "sr", text: "You said:" }), make("div", { class: "bubble", text })],
      });
      this.#mine.set(key, line);
      this.#append(line);
    }
    this.first.querySelector(".chips")?.remove();
    line.querySelector(".state")?.remove();
    if (state) line.append(make("p", { class: "state", text: state }));
    return line;
  }

  refuse(key, text) {
    if (this.#mine.has(key)) this.mine(key, "", `Not sent. ${text}`);
  }

  said(frame) {
    if (frame.who === "customer") {
      // What waits unsent below stays below what was said first.
      const line = this.mine(frame.key || `seq-${frame.seq}`, frame.text, "");
      line.querySelector(".bubble").textContent = frame.text;
      return;
    }
    if (frame.who === "notice") {
      this.notice(frame.text);
      return;
    }
    const children = [
      make("p", { class: "speaker", text: `${frame.name || "Staff"} · from the shop` }),
      make("div", { class: "bubble", text: frame.text }),
    ];
    this.#append(make("li", { class: "line staff", children }), { fresh: true });
  }

  notice(text) {
    this.#append(make("li", { class: "line centre", children: [make("p", { class: "notice", text })] }));
  }

  replying(id) {
    if (this.#replies.has(id)) return this.#replies.get(id);
    const reply = new Reply(id, this.assistant, this.acts);
    this.#replies.set(id, reply);
    this.#thinking = reply;
    this.#append(reply.element);
    return reply;
  }

  waiting(frame) {
    const text = this.replying(frame.reply).wait(frame);
    this.scroll.grew();
    return text;
  }

  checking(frame) {
    const reply = this.replying(frame.reply);
    reply.check();
    if (this.#thinking === reply) this.#thinking = null;
    this.scroll.grew();
  }

  delta(frame) {
    this.replying(frame.reply).add(frame.text);
    this.scroll.grew();
  }

  replied(frame) {
    const reply = this.replying(frame.reply);
    // What was checked for a while is told where the chat stands now, not where it was asked.
    if (reply.checking) this.list.append(reply.element);
    reply.finish(frame);
    if (this.#thinking === reply) this.#thinking = null;
    this.scroll.grew({ fresh: true });
  }

  rated(frame) {
    if (frame.reply && frame.helpful != null) this.#replies.get(frame.reply)?.rated(frame.helpful);
  }

  hidePrivate() {
    for (const reply of this.#replies.values()) reply.hidePrivate();
  }

  get replyRunning() {
    return this.#thinking !== null;
  }

  dropUnfinished({ checked = false } = {}) {
    for (const [id, reply] of this.#replies) {
      if (reply.frame || (reply.checking && !checked)) continue;
      reply.element.remove();
      this.#replies.delete(id);
    }
    this.#thinking = null;
  }

  #append(line, { fresh = false } = {}) {
    this.list.append(line);
    this.scroll.grew({ fresh });
  }
}
