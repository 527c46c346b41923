// On the customer's phone: trades the code in the address for the conversation, once, and opens the chat.
const { write } = await import(document.body.dataset.keep);
const code = location.hash.slice(1);
history.replaceState(null, "", location.pathname);

const response = await fetch("/api/kiosk/phone", {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ code }),
}).catch(() => null);

if (response?.ok) {
  write(await response.json());
  location.replace("/");
} else {
  const problem = await response?.json().catch(() => null);
  document.getElementById("outcome").textContent = problem?.text ?? "The shop cannot be reached. Are you on its Wi-Fi?";
  document.getElementById("anew").hidden = false;
}
