// Signing in and out: number and PIN go to the server in a frame of their own, never as a message.
import { newKey } from "./keep.js";

const $ = (id) => document.getElementById(id);
const LOST = "Not connected; please try again in a moment.";

export class SignIn {
  #key = "";
  #known = false;

  constructor(connection, announce) {
    Object.assign(this, { connection, announce });
    this.dialog = $("signin");
    if (document.body.dataset.club !== "yes") {
      $("sign").hidden = true;
      return;
    }
    $("by-mail").hidden = document.body.dataset.mail !== "yes";
    $("sign").addEventListener("click", () => this.#open());
    $("signin-form").addEventListener("submit", (event) => this.#submit(event));
    $("pin-form").addEventListener("submit", (event) => this.#keepPin(event));
    $("send-code").addEventListener("click", () => this.#tell({ type: "send_code", account: $("account").value }));
    $("sign-out").addEventListener("click", () => {
      this.#tell({ type: "sign_out" }, "");
      this.dialog.close();
    });
    for (const button of this.dialog.querySelectorAll("[data-close]")) {
      button.addEventListener("click", () => this.dialog.close());
    }
    this.dialog.addEventListener("close", () => this.#wipe());
  }

  // The shop's own site may hand over whom it has signed in: once, in the part of the address no server sees.
  ready() {
    const token = new URLSearchParams(location.hash.slice(1)).get("signin");
    if (!token || $("sign").hidden) return;
    history.replaceState(null, "", location.pathname + location.search);
    this.#tell({ type: "sign_in", token });
  }

  identity({ level }) {
    this.#known = level === "verified" || level === "vouched";
    const button = $("sign");
    button.dataset.level = level;
    button.querySelector("span").textContent = this.#known ? "Signed in" : "Sign in";
    if (this.dialog.open) this.dialog.close();
  }

  // Says whether the trouble was ours.
  trouble(frame) {
    if (!frame.key || frame.key !== this.#key) return false;
    this.#complain(frame.text);
    return true;
  }

  notice(text) {
    if (this.dialog.open) this.#complain(text);
  }

  #open() {
    $("signin-form").hidden = this.#known;
    $("pin-form").hidden = !this.#known;
    this.dialog.showModal();
    (this.#known ? $("pin") : $("account")).focus();
  }

  #submit(event) {
    event.preventDefault();
    this.#tell({ type: "sign_in", account: $("account").value, secret: $("secret").value });
    $("secret").value = "";
  }

  #keepPin(event) {
    event.preventDefault();
    this.#tell({ type: "set_pin", pin: $("pin").value });
    $("pin").value = "";
  }

  #tell(frame, key = newKey()) {
    this.#key = key;
    this.#complain("");
    const sent = this.connection.tell(key ? { ...frame, key } : frame);
    if (!sent) this.#complain(LOST);
  }

  #complain(text) {
    const line = $(this.#known ? "pin-trouble" : "signin-trouble");
    line.textContent = text;
    line.hidden = !text;
    if (text) this.announce(text);
  }

  #wipe() {
    for (const id of ["secret", "pin"]) $(id).value = "";
    this.#complain("");
  }
}
