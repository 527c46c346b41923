// Keeps the newest message in view, unless the reader has scrolled up to read.
const NEAR_PX = 90;

export class Scroll {
  #stuck = true;

  constructor(scroller, list, button) {
    this.scroller = scroller;
    this.list = list;
    this.button = button;
    scroller.addEventListener("scroll", () => this.#moved(), { passive: true });
    button.addEventListener("click", () => {
      this.toEnd();
      document.getElementById("message").focus();
    });
    new ResizeObserver(() => this.#stuck && this.#jump()).observe(scroller);
  }

  grew({ fresh = false } = {}) {
    if (this.#stuck) this.#jump();
    else if (fresh) this.button.hidden = false;
  }

  toEnd() {
    this.#stuck = true;
    this.button.hidden = true;
    this.#jump();
  }

  #jump() {
    // Before anything was said the page begins at its beginning: the notice comes first.
    this.scroller.scrollTop = this.list.childElementCount ? this.scroller.scrollHeight : 0;
  }

  #moved() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    this.#stuck = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    if (this.#stuck) this.button.hidden = true;
  }
}
