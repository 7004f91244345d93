// Asks for the access token, keeps it in this tab, and fetches the page that was asked for with it.
"use strict";
(() => {
  const KEPT = "graph-service token";
  const form = document.querySelector("form.enter");
  const said = document.getElementById("said");

  const show = async (answer) => {
    const kind = answer.headers.get("content-type") ?? "";
    if (kind.startsWith("text/html")) {
      const page = await answer.text();
      document.open();
      document.write(page);
      document.close();
    } else {
      window.location.replace(URL.createObjectURL(await answer.blob()));
    }
  };

  const enter = async (token) => {
    let answer;
    try {
      const headers = { Authorization: `Bearer ${token}`, Accept: "text/html,*/*;q=0.8" };
      answer = await fetch(window.location.href, { headers, cache: "no-store" });
    } catch {
      said.textContent = "The service cannot be reached, or this is no token.";
      return;
    }
    if (answer.status === 401) {
      sessionStorage.removeItem(KEPT);
      said.textContent = "This token is not valid, or not any more.";
    } else if (answer.status === 403) {
      sessionStorage.removeItem(KEPT);
      said.textContent = (await answer.json()).errors[0].message;
    } else if (answer.status === 429) {
      said.textContent = `Too many tries; wait ${answer.headers.get("retry-after") ?? "some"} seconds.`;
    } else {
      sessionStorage.setItem(KEPT, token);
      await show(answer);
    }
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    enter(form.elements.token.value.trim());
  });
  const kept = sessionStorage.getItem(KEPT);
  if (kept) enter(kept);
  else form.elements.token.focus();
})();
