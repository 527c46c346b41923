// One line puts this shop's chat on the shop's own site:
//   <script src="http://shop:8000/widget.js" async></script>
// data-accent="#8a4b1f"  data-position="left"  data-label="Ask us"  change how it looks;
// data-signin="TOKEN" says whom this site has signed in (docs/customers.md).
(() => {
  const script = document.currentScript;
  if (!script || window.shopbellWidget) return;
  window.shopbellWidget = true;

  const home = new URL(script.src).origin;
  const { accent = "#1f5f8b", position = "right", label = "Ask us", signin = "" } = script.dataset;
  const colour = /^#[0-9a-f]{6}$/i.test(accent) ? accent : "#1f5f8b";
  const side = position === "left" ? "left" : "right";
  const KEY = "shopbell-widget";

  const RULES = `
    :host { all: initial; }
    * { box-sizing: border-box; font-family: system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
    .launch { position: fixed; ${side}: 20px; bottom: 20px; z-index: 2147483000; display: inline-flex; align-items: center; gap: 10px;
      min-height: 56px; padding: 0 22px 0 18px; border: 0; border-radius: 28px; background: var(--accent); color: var(--on);
      font-size: 16px; font-weight: 600; cursor: pointer; box-shadow: 0 10px 30px -8px rgb(0 0 0 / 45%); }
    .launch:hover { filter: brightness(1.07); }
    .launch:focus-visible { outline: 3px solid #fff; box-shadow: 0 0 0 6px #111; }
    .launch svg { width: 24px; height: 24px; }
    .badge { position: absolute; top: -4px; right: -4px; min-width: 22px; height: 22px; padding: 0 6px; border-radius: 11px;
      background: #b3261e; color: #fff; font-size: 13px; line-height: 22px; text-align: center; }
    .panel { position: fixed; ${side}: 20px; bottom: 20px; z-index: 2147483001; width: min(400px, calc(100vw - 24px));
      height: min(680px, calc(100dvh - 40px)); border: 0; border-radius: 22px; overflow: hidden; background: Canvas;
      box-shadow: 0 24px 70px -16px rgb(0 0 0 / 50%); }
    .panel iframe { display: block; width: 100%; height: 100%; border: 0; color-scheme: light dark; }
    [hidden] { display: none !important; }
    .sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
    @media (max-width: 480px) { .panel { inset: 0; width: 100vw; height: 100dvh; border-radius: 0; } }
    @media (forced-colors: active) { .launch, .panel { border: 2px solid ButtonText; } }
  `;

  const make = (tag, attributes = {}, text = "") => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.textContent = text;
    return element;
  };

  const luminance = (hex) => {
    const [r, g, b] = [1, 3, 5].map((at) => {
      const part = parseInt(hex.slice(at, at + 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };

  const bell = () => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", "M4.5 6.500a2.5 2.5 0 0 1 2.5-2.500h10a2.5 2.5 0 0 1 2.5 2.500v7a2.5 2.5 0 0 1-2.5 2.500h-5.500L7 20v-4a2.5 2.5 0 0 1-2.5-2.500Z");
    path.setAttribute("fill", "none");
    path.setAttribute("stroke", "currentColor");
    path.setAttribute("stroke-width", "1.8");
    path.setAttribute("stroke-linejoin", "round");
    svg.append(path);
    return svg;
  };

  const remember = (state) => {
    try {
      sessionStorage.setItem(KEY, state);
    } catch {
      return; // storage is switched off: the next page starts closed
    }
  };
  const remembered = () => {
    try {
      return sessionStorage.getItem(KEY);
    } catch {
      return null;
    }
  };

  const start = () => {
    const host = make("div", { "data-shopbell": "" });
    const root = host.attachShadow({ mode: "open" });
    // A constructed sheet passes the strictest style policy of the page around it.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(RULES);
    root.adoptedStyleSheets = [sheet];
    host.style.setProperty("--accent", colour);
    host.style.setProperty("--on", luminance(colour) < 0.183 ? "#fff" : "#000");

    const launch = make("button", { class: "launch", type: "button", "aria-expanded": "false", "aria-haspopup": "dialog" });
    const badge = make("span", { class: "badge", hidden: "" });
    launch.append(bell(), make("span", {}, label), badge);
    const panel = make("div", { class: "panel", role: "dialog", "aria-label": label, hidden: "" });
    root.append(launch, panel);
    document.body.append(host);

    let frame = null;
    let wantsFocus = false;
    const load = () => {
      if (frame) return;
      frame = make("iframe", { title: label, src: `${home}/?embed=1&accent=${colour.slice(1)}${signin ? `#signin=${encodeURIComponent(signin)}` : ""}` });
      panel.append(frame);
    };
    const say = (wish) => frame.contentWindow?.postMessage({ shopbell: wish }, home);
    const unread = (count) => {
      badge.hidden = count === 0 || !panel.hidden;
      badge.textContent = count > 9 ? "9+" : String(count);
      if (count) badge.append(make("span", { class: "sr" }, " unread"));
    };
    const open = (focus) => {
      load();
      panel.hidden = false;
      launch.hidden = true;
      launch.setAttribute("aria-expanded", "true");
      badge.hidden = true;
      wantsFocus = focus;
      remember("open");
      if (focus) {
        frame.focus();
        say("opened");
      }
    };
    const close = () => {
      panel.hidden = true;
      launch.hidden = false;
      launch.setAttribute("aria-expanded", "false");
      remember("closed");
      launch.focus();
    };

    launch.addEventListener("click", () => open(true));
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !panel.hidden) close();
    });
    window.addEventListener("message", (event) => {
      if (!frame || event.source !== frame.contentWindow || event.origin !== home) return;
      const { shopbell, count } = event.data ?? {};
      if (shopbell === "close") close();
      else if (shopbell === "unread") unread(Number(count) || 0);
      else if (shopbell === "ready" && wantsFocus) say("opened");
    });

    const before = remembered();
    if (before === "open") open(false);
    else if (before === "closed") load(); // a chat may be going on: keep hearing it
  };

  if (document.body) start();
  else document.addEventListener("DOMContentLoaded", start);
})();
