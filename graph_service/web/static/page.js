// Keeps the page true to what its chart shows: the address, so that a link leads others to the same, and the words around
// the chart where it shows something else than at first.
"use strict";
const chart = document.querySelector("alignment-chart");
const OURS = ["view", "depth", "asOf"];
const home = { view: chart.getAttribute("view"), root: chart.getAttribute("root"), path: location.pathname };
const given = new URLSearchParams(location.search);
const kept = [...given].filter(([name]) => name === "depth" || name === "asOf");
let graphic = home.view;

const state = new URLSearchParams([...given].filter(([name]) => !OURS.includes(name)));
if (state.size) chart.state = state.toString();
if (given.get("view") === "table") chart.view = "table";

const pathOf = (view, root) => {
  if (view === home.view && root === home.root) return home.path;
  if (root === null) return view === "org" ? "/org" : "/goals";
  return `/${view}/${root.split("/").map(encodeURIComponent).join("/")}`;
};

chart.addEventListener("state", () => {
  if (chart.view !== "table") graphic = chart.view;
  const path = pathOf(graphic, chart.root);
  const query = new URLSearchParams(path === home.path ? kept : []);
  if (chart.view === "table") query.set("view", "table");
  for (const [name, value] of new URLSearchParams(chart.state)) query.set(name, value);
  const address = path + (query.size ? `?${query}` : "");
  if (path === location.pathname) {
    history.replaceState(null, "", address);
    return;
  }
  history.pushState(null, "", address);
  if (path !== "/goals") void retell(path);
});

/** Takes title, heading and links from the page of what is shown now. */
async function retell(path) {
  const headers = { Accept: "text/html" };
  if (chart.token) headers.Authorization = `Bearer ${chart.token}`;
  const response = await fetch(path, { headers });
  if (!response.ok || path !== location.pathname) return;
  const other = new DOMParser().parseFromString(await response.text(), "text/html");
  document.title = other.title;
  for (const part of ["h1", ".also"]) document.querySelector(part)?.replaceWith(other.querySelector(part) ?? "");
  document.querySelector("dl.facts")?.remove();
}

addEventListener("popstate", () => location.reload());
