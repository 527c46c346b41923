// The owner's page of figures. The server draws it; this signs in, fetches it, and follows figures to their rows.
const $ = (id) => document.getElementById(id);
let token = "";
let days = 28;

async function call(path, options = {}) {
  const headers = { ...(options.headers || {}), ...(token ? { Authorization: `Bearer ${token}` } : {}) };
  const answer = await fetch(`/api/staff/${path}`, { ...options, headers });
  if (answer.ok) return answer;
  const said = await answer.json().catch(() => ({ text: "Something went wrong. Try again." }));
  if (answer.status === 401 && token) leave();
  throw new Error(said.text);
}

function send(path, body) {
  return call(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

async function told(work) {
  $("outcome").textContent = "One moment.";
  try {
    await work();
    $("outcome").textContent = "";
  } catch (error) {
    $("outcome").textContent = error instanceof TypeError ? "The server cannot be reached. Try again." : error.message;
  }
}

async function show() {
  const answer = await call(`figures/page?days=${days}`);
  const made = new DOMParser().parseFromString(await answer.text(), "text/html");
  $("page").replaceChildren(...made.body.childNodes);
  for (const button of $("bar").querySelectorAll("[data-days]")) {
    button.setAttribute("aria-pressed", String(Number(button.dataset.days) === days));
  }
}

function leave() {
  token = "";
  $("page").replaceChildren();
  $("bar").hidden = true;
  $("sign-in").hidden = false;
}

function cell(row, text) {
  row.insertCell().textContent = text;
}

async function follow(figure) {
  const found = await (await send("figures/rows", { figure, days })).json();
  $("behind-title").textContent = found.title;
  const more = found.more ? `The newest ${found.rows.length}; ${found.more} more are not shown.` : "";
  $("behind-more").textContent = more;
  $("behind-rows").replaceChildren();
  for (const one of found.rows) {
    const row = $("behind-rows").insertRow();
    cell(row, one.at.replace("T", " ").slice(0, 16));
    cell(row, one.kind === "customer" ? one.name || one.id : one.kind === "day" ? "day" : `${one.name}: ${one.id}`);
    cell(row, one.outcome);
    cell(row, one.part);
  }
  $("behind").showModal();
}

$("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  told(async () => {
    const body = { name: $("name").value.trim(), password: $("password").value };
    const session = await (await send("login", body)).json();
    $("password").value = "";
    token = session.token; // kept in this page alone: gone when it is closed
    $("sign-in").hidden = true;
    $("bar").hidden = false;
    await show();
  });
});

$("bar").addEventListener("click", (event) => {
  const wanted = Number(event.target.dataset.days);
  if (wanted) {
    days = wanted;
    told(show);
  }
});

$("page").addEventListener("click", (event) => {
  const figure = event.target.dataset?.figure;
  if (figure) told(() => follow(figure));
});

$("print").addEventListener("click", () => window.print());
$("close").addEventListener("click", () => $("behind").close());
$("sign-out").addEventListener("click", () => told(async () => {
  await call("logout", { method: "POST" });
  leave();
}));
$("sign-in").querySelector("[type=submit]").disabled = false; // sent before this, the browser would put it all into the address
