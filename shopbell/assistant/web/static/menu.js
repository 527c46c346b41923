// The "more" menu: a button and a short list, worked with a mouse, a finger or keys.
export class Menu {
  constructor(button, list) {
    this.button = button;
    this.list = list;
    button.addEventListener("click", () => this.toggle(list.hidden));
    list.addEventListener("click", () => this.toggle(false));
    list.addEventListener("keydown", (event) => this.#key(event));
    document.addEventListener("pointerdown", (event) => {
      if (!list.hidden && !button.parentElement.contains(event.target)) this.toggle(false);
    });
    button.parentElement.addEventListener("focusout", (event) => {
      if (!list.hidden && event.relatedTarget && !button.parentElement.contains(event.relatedTarget)) this.toggle(false);
    });
    button.parentElement.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || list.hidden) return;
      event.preventDefault();
      event.stopPropagation();
      this.toggle(false);
      button.focus();
    });
  }

  toggle(open) {
    this.list.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
    if (open) this.#items()[0].focus();
  }

  #items() {
    return [...this.list.querySelectorAll("button:not(:disabled)")];
  }

  #key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const items = this.#items();
    const at = items.indexOf(document.activeElement);
    items[(at + step + items.length) % items.length].focus();
  }
}
