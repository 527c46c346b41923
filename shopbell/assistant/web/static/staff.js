// Joins the staff with a one-time code. The code comes behind the # and so is never sent for the page itself.
const $ = (id) => document.getElementById(id);

$("code").value = decodeURIComponent(location.hash.slice(1));
history.replaceState(null, "", location.pathname); // it should not stay in the history

$("join").addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = { code: $("code").value.trim(), name: $("name").value.trim(), password: $("password").value };
  $("outcome").textContent = "One moment.";
  try {
    const answer = await fetch("/api/staff/join", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const said = await answer.json();
    if (!answer.ok) {
      $("outcome").textContent = said.text;
      return;
    }
    // The page keeps no session: the console asks for the password itself.
    await fetch("/api/staff/logout", { method: "POST", headers: { Authorization: `Bearer ${said.token}` } });
    $("join").hidden = true;
    $("outcome").textContent = `Welcome, ${said.name}. Now open the console with “shopbell console” and sign in.`;
  } catch {
    $("outcome").textContent = "The server cannot be reached. Try again.";
  }
});
$("join").querySelector("[type=submit]").disabled = false; // sent before this, the browser would put it all into the address
