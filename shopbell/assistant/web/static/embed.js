// Inside the widget: talks to the page around the frame, in counts and wishes only, never in words of the chat.
const embedded = document.documentElement.dataset.mode === "embed" && window.parent !== window;

export function tellParent(wish, detail = {}) {
  // The page around us is not known here; what is said holds nothing private.
  if (embedded) window.parent.postMessage({ shopbell: wish, ...detail }, "*");
}

export function begin({ opened }) {
  if (!embedded) return;
  const close = document.getElementById("close");
  close.hidden = false;
  close.addEventListener("click", () => tellParent("close"));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) tellParent("close");
  });
  window.addEventListener("message", (event) => {
    if (event.source === window.parent && event.data?.shopbell === "opened") opened();
  });
  tellParent("ready");
}
