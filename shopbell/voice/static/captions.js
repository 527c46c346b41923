// Captions both ways: what was heard and what is said. Every word goes in as text.
const MOST = 60;

export class Captions {
  #list;
  #make;
  #mine = new Map();

  constructor(list, make) {
    this.#list = list;
    this.#make = make;
  }

  get empty() {
    return !this.#list.children.length;
  }

  mine(key, text) {
    if (!this.#mine.has(key)) this.#mine.set(key, this.#add("mine", "You", text));
  }

  said({ who, text, key, name, seq }) {
    if (this.#list.querySelector(`[data-seq="${Number(seq)}"]`)) return;
    if (who !== "customer") {
      this.#add(who, who === "staff" ? name || "Staff" : "", text).dataset.seq = seq;
      return;
    }
    this.mine(key, text);
    this.#mine.get(key).dataset.seq = seq;
  }

  house(text) {
    this.#add("theirs", "", text);
  }

  replying(reply) {
    this.#of(reply);
  }

  delta({ reply, text }) {
    this.#of(reply).lastChild.append(text);
    this.#toEnd();
  }

  replied({ reply, text, cut }) {
    const line = this.#of(reply);
    line.lastChild.textContent = cut && text ? `${text} …` : text;
    line.hidden = !text;
    line.dataset.done = "yes";
    this.#toEnd();
  }

  dropUnfinished() {
    for (const line of this.#list.querySelectorAll("[data-reply]:not([data-done])")) line.remove();
  }

  clear() {
    this.#list.replaceChildren();
    this.#mine.clear();
  }

  #of(reply) {
    const known = [...this.#list.children].find((line) => line.dataset.reply === reply);
    if (known) return known;
    const line = this.#add("theirs", "", "");
    line.dataset.reply = reply;
    return line;
  }

  #add(kind, who, text) {
    const label = this.#make("span", { class: "by", text: who ? `${who}: ` : "" });
    const line = this.#make("li", { class: kind, children: [label, this.#make("span", { text, dir: "auto" })] });
    this.#list.append(line);
    while (this.#list.children.length > MOST) this.#list.firstChild.remove();
    this.#toEnd();
    return line;
  }

  #toEnd() {
    this.#list.scrollTop = this.#list.scrollHeight;
  }
}
