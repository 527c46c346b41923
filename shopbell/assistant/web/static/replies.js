// One reply of the assistant: from the first dot to the thumbs under it.
import { hidden, icon, make, spoken } from "./parts.js";

const ORIGIN = {
  faq: "In the shop’s own words",
  model: "Written by AI from the shop’s own words",
};

export class Reply {
  #words = "";

  constructor(id, speaker, acts) {
    this.id = id;
    this.acts = acts;
    this.bubble = make("div", { class: "bubble" });
    this.element = make("li", {
      class: "line theirs",
      "data-reply": id,
      children: [make("p", { class: "speaker", text: speaker }), this.bubble],
    });
    this.think();
  }

  get text() {
    return this.#words;
  }

  think() {
    const dots = [make("i"), make("i"), make("i")];
    this.bubble.replaceChildren(make("span", { class: "typing", children: [...dots, hidden("Writing an answer")] }));
  }

  wait({ place, eta_s: eta }) {
    const before = place === 0 ? "You are next" : `${place} before you`;
    const text = eta > 0 ? `${before}, about ${spoken(eta)}` : before;
    this.bubble.replaceChildren(make("span", { class: "place", text }));
    return text;
  }

  check() {
    this.checking = true;
    this.bubble.replaceChildren(make("span", { class: "place", text: "A colleague is checking this answer" }));
  }

  add(text) {
    if (!this.#words) this.bubble.replaceChildren();
    this.#words += text;
    this.bubble.textContent = this.#words;
    this.bubble.classList.add("caret");
  }

  finish(frame) {
    this.#words = frame.text;
    this.frame = frame;
    this.checking = false;
    this.bubble.classList.remove("caret");
    this.bubble.textContent = frame.text;
    if (frame.cut) this.bubble.append(make("span", { class: "cut", text: "(stopped)" }));
    this.element.querySelector(".about")?.remove();
    this.element.querySelector(".offer")?.remove();
    this.element.append(this.#about(frame));
    if (frame.offer_person) this.element.append(this.#offer());
  }

  hidePrivate() {
    if (!this.frame?.private) return;
    const text = "(What stood here is yours alone. Sign in to see it again.)";
    this.finish({ ...this.frame, private: false, text, why: "", sources: [], offer_person: false });
  }

  rated(helpful) {
    for (const button of this.element.querySelectorAll("[data-thumb]")) {
      button.setAttribute("aria-pressed", String((button.dataset.thumb === "up") === helpful));
    }
  }

  #about(frame) {
    const about = make("div", { class: "about" });
    const sources = frame.sources ?? [];
    if (sources.length) about.append(this.#sources(sources));
    const why = [ORIGIN[frame.rung], frame.why].filter(Boolean);
    if (why.length) about.append(this.#why(why));
    about.append(this.#tools());
    return about;
  }

  #sources(sources) {
    const label = sources.length === 1 ? `Source: ${sources[0].title}` : `${sources.length} sources`;
    const blocks = sources.map((source) =>
      make("div", {
        class: "inside",
        children: [
          make("b", { text: source.title }),
          make("div", { class: "words", text: source.text }),
          ...(source.source ? [make("div", { class: "where", text: source.source })] : []),
        ],
      }),
    );
    return folded({
      class: "sources",
      children: [make("summary", { children: [icon("book"), make("span", { text: label })] }), ...blocks],
    });
  }

  #why(lines) {
    const inside = make("div", { class: "inside", children: lines.map((text) => make("p", { text })) });
    const summary = make("summary", { children: [icon("help"), make("span", { text: "Why this answer?" })] });
    return folded({ class: "why", children: [summary, inside] });
  }

  #tools() {
    return make("div", {
      class: "tools",
      role: "group",
      "aria-label": "This answer",
      children: [
        this.#thumb("up", "Helpful"),
        this.#thumb("down", "Not helpful"),
        make("button", {
          type: "button",
          class: "copy",
          title: "Copy",
          children: [icon("copy"), hidden("Copy")],
          on: { click: (event) => this.#copy(event.currentTarget) },
        }),
      ],
    });
  }

  #thumb(way, label) {
    return make("button", {
      type: "button",
      "data-thumb": way,
      "aria-pressed": "false",
      title: label,
      children: [icon(way === "up" ? "up" : "thumb-down"), hidden(label)],
      on: {
        click: () => {
          if (this.acts.rate(this.id, way === "up")) this.rated(way === "up");
        },
      },
    });
  }

  #offer() {
    return make("button", {
      type: "button",
      class: "pill offer",
      children: [icon("person"), make("span", { text: "Get me a person" })],
      on: { click: () => this.acts.wantPerson() },
    });
  }

  async #copy(button) {
    const done = await copied(this.#words);
    this.acts.announce(done ? "Copied" : "Could not copy");
    if (!done) return;
    button.replaceChildren(icon("check"), hidden("Copied"));
    setTimeout(() => button.replaceChildren(icon("copy"), hidden("Copy")), 1500);
  }
}

function folded(attributes) {
  const details = make("details", attributes);
  details.addEventListener("toggle", () => details.open && details.scrollIntoView({ block: "nearest" }));
  return details;
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedBySelection(text); // the clipboard needs https; a shop's own network is plain http
  }
}

function copiedBySelection(text) {
  const area = make("textarea", { class: "sr", "aria-hidden": "true" });
  area.value = text;
  document.body.append(area);
  const before = document.activeElement;
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  before?.focus();
  return done;
}
