// Shows the OpenAPI description; it is fetched from this server, as everything here.
const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
};

const name = (schema = {}) => {
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.type === "array") return `${name(schema.items)}[]`;
  const many = schema.oneOf ?? schema.anyOf;
  if (many) return many.map(name).join(" | ");
  return schema.const ? JSON.stringify(schema.const) : (schema.type ?? "any");
};

const fields = (schema, all) => {
  const known = schema?.$ref ? all[schema.$ref.split("/").pop()] : schema;
  return Object.entries(known?.properties ?? {}).map(([field, kind]) =>
    make("li", {}, make("code", {}, `${field}: ${name(kind)}`), kind.description ? ` ${kind.description}` : ""),
  );
};

const section = (title, items) => (items.length ? [make("h3", {}, title), make("ul", {}, ...items)] : []);

const operation = (method, path, details, all) => {
  const asked = Object.values(details.requestBody?.content ?? {})[0]?.schema;
  const good = Object.entries(details.responses).find(([status]) => status.startsWith("2"));
  const given = Object.values(good?.[1].content ?? {})[0]?.schema;
  const parameters = (details.parameters ?? []).map((one) =>
    make("li", {}, make("code", {}, `${one.name}: ${name(one.schema)}`), ` in ${one.in}${one.required ? "" : ", may be left out"}`),
  );
  const refusals = Object.entries(details.responses)
    .filter(([status]) => !status.startsWith("2"))
    .map(([status, one]) => make("li", {}, make("code", {}, status), ` ${one.description ?? ""}`));
  const title = make("h2", {}, make("span", { class: "method" }, method.toUpperCase()), path);
  if (details.security) title.append(make("span", { class: "key" }, "Bearer token"));
  return make(
    "section",
    { class: "operation" },
    title,
    make("p", {}, details.description ?? details.summary ?? ""),
    ...section("Parameters", parameters),
    ...section(`Body: ${name(asked)}`, fields(asked, all)),
    ...section(`Answer: ${name(given)}`, fields(given, all)),
    ...section("Refusals", refusals),
  );
};

const response = await fetch("/api/openapi.json");
const description = await response.json();
document.getElementById("about").textContent = description.info.description;
const all = description.components?.schemas ?? {};
for (const [path, methods] of Object.entries(description.paths)) {
  for (const [method, details] of Object.entries(methods)) {
    document.getElementById("operations").append(operation(method, path, details, all));
  }
}
