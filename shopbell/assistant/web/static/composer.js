// The message box: grows, counts near the end, sends on Enter.
const MOST = 2_000;
const NEAR = 1_800;

export class Composer {
  constructor({ form, box, send, counter, say }) {
    Object.assign(this, { form, box, send, counter });
    box.addEventListener("input", () => this.#changed());
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = box.value.trim();
      if (!text || length(text) > MOST) return;
      say(text);
      box.value = "";
      this.#changed();
      box.focus();
    });
    this.#changed();
  }

  close(ended) {
    this.form.hidden = ended;
  }

  #changed() {
    const { box } = this;
    const count = length(box.value.trim());
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight}px`;
    this.send.disabled = count === 0 || count > MOST;
    box.setAttribute("aria-invalid", String(count > MOST));
    this.counter.classList.toggle("near", count > NEAR);
    const over = count - MOST;
    if (count <= NEAR) this.counter.textContent = "";
    else if (over > 0) this.counter.textContent = `${over} too many`;
    else this.counter.textContent = `${-over} left`;
  }
}

// The server counts code points, as people do; a script's own length counts an emoji twice.
function length(text) {
  return [...text].length;
}
