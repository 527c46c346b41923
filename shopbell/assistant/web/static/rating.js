// One to five stars, once the conversation is over.
import { hidden, icon, make } from "./parts.js";

const WORDS = ["Poor", "Not good", "All right", "Good", "Very good"];

export class Rating {
  #stars = 0;

  constructor(element, { rate, download, anew }) {
    this.element = element;
    this.acts = { rate, download, anew };
  }

  show() {
    if (!this.element.hidden) return;
    this.element.hidden = false;
    this.element.replaceChildren(
      make("h2", { text: "How was this chat?", tabindex: "-1" }),
      make("form", { children: this.#fields(), on: { submit: (event) => this.#submit(event) } }),
    );
  }

  hide() {
    this.element.hidden = true;
    this.element.replaceChildren();
    this.#stars = 0;
  }

  focus() {
    this.element.querySelector("h2")?.focus();
  }

  kept(stars) {
    this.show();
    const shown = `${stars} ${stars === 1 ? "star" : "stars"}`;
    this.element.replaceChildren(
      make("h2", { text: "Thank you", tabindex: "-1" }),
      make("p", { class: "label", text: `Your rating was kept: ${shown}.` }),
      this.#choices([]),
    );
  }

  #fields() {
    const area = make("textarea", { id: "comment", name: "comment", rows: "3", maxlength: "1000", dir: "auto" });
    const strong = make("button", { type: "submit", class: "strong", text: "Send rating", disabled: true });
    return [
      this.#row(),
      make("label", { class: "label", for: "comment", text: "Anything you would like to add?" }),
      area,
      this.#choices([strong]),
    ];
  }

  #row() {
    const row = make("fieldset", { class: "stars", children: [make("legend", { class: "sr", text: "Stars" })] });
    WORDS.forEach((word, index) => {
      const id = `star-${index + 1}`;
      const input = make("input", { type: "radio", name: "stars", id, value: String(index + 1) });
      input.addEventListener("change", () => this.#chose(index + 1));
      const label = `${index + 1} ${index ? "stars" : "star"}, ${word.toLowerCase()}`;
      row.append(input, make("label", { for: id, title: word, children: [icon("star"), hidden(label)] }));
    });
    return row;
  }

  #choices(before) {
    const quiet = (text, click) => make("button", { type: "button", class: "quiet", text, on: { click } });
    const after = [quiet("Download transcript", this.acts.download), quiet("Start a new chat", this.acts.anew)];
    return make("div", { class: "choices", children: [...before, ...after] });
  }

  #chose(stars) {
    this.#stars = stars;
    this.element.querySelectorAll(".stars label").forEach((label, index) => {
      label.classList.toggle("on", index < stars);
    });
    this.element.querySelector(".strong").disabled = false;
  }

  #submit(event) {
    event.preventDefault();
    const comment = this.element.querySelector("#comment").value.trim();
    if (this.#stars) this.acts.rate(this.#stars, comment);
  }
}
