// Speaks with the page that a chart is framed in: tells it how high the chart would like to be and what is selected, and
// lets it select. Only with the origins that the service names, each by its name.
"use strict";
const chart = document.querySelector("alignment-chart");
const origins = (document.body.dataset.origins ?? "").split(" ").filter(Boolean);
const tell = (message) => {
  if (parent === window) return;
  for (const origin of origins) parent.postMessage({ source: "alignment-chart", ...message }, origin);
};

// The token stands behind the # of the address: no browser sends that, so no log and no referrer has it. One that this tab
// keeps from our own pages does as well, where a frame may look.
const kept = () => {
  try {
    return sessionStorage.getItem("graph-service token");
  } catch {
    return null;
  }
};
const token = new URLSearchParams(location.hash.slice(1)).get("token") ?? kept();
if (token) chart.setAttribute("token", token);
if (!chart.hasAttribute("endpoint")) {
  if (token) chart.setAttribute("endpoint", "/graphql");
  else {
    chart.remove();
    document.getElementById("said").hidden = false;
    tell({ type: "error", message: "This chart needs an access token." });
  }
}

chart.addEventListener("ready", (event) => tell({ type: "ready", count: event.detail.count }));
chart.addEventListener("select", (event) => tell({ type: "select", id: event.detail.id }));
chart.addEventListener("error", (event) => tell({ type: "error", message: event.detail.message }));
new ResizeObserver(() => tell({ type: "size", height: Math.ceil(document.documentElement.scrollHeight) })).observe(document.body);

addEventListener("message", (event) => {
  if (event.source !== parent || !origins.includes(event.origin)) return;
  const asked = event.data;
  if (typeof asked !== "object" || asked === null || asked.target !== "alignment-chart") return;
  if (asked.type === "select" && typeof asked.id === "string") void chart.find(asked.id);
  if (asked.type === "theme" && ["light", "dark", "auto"].includes(asked.theme)) chart.theme = asked.theme;
});
