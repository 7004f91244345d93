// Starts GraphiQL on /graphql. The query and its variables stand in the address, so that a link shows them.
"use strict";
(() => {
  const WELCOME = `# Ask the graph. Ctrl-Enter runs the query, Ctrl-Space completes words; the book on the left explains them.
{
  objectives(first: 5, orderBy: { by: GAP, direction: DESC }) {
    totalCount
    edges {
      node {
        id
        title
        status
        progress { value expected gap coverage }
        owner { name }
        keyResults { title value target unit }
      }
    }
  }
}
`;
  const given = new URLSearchParams(window.location.search);
  const keep = (name, text) => {
    if (text) given.set(name, text);
    else given.delete(name);
    history.replaceState(null, "", given.size ? `?${given}` : window.location.pathname);
  };
  const token = sessionStorage.getItem("graph-service token"); // see enter.js
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  ReactDOM.createRoot(document.getElementById("graphiql")).render(
    React.createElement(GraphiQL, {
      fetcher: GraphiQL.createFetcher({
        url: window.location.pathname,
        headers,
        subscriptionUrl: window.location.origin.replace("http", "ws") + window.location.pathname,
        wsConnectionParams: headers,
      }),
      plugins: [GraphiQLPluginExplorer.explorerPlugin()],
      defaultEditorToolsVisibility: true,
      defaultQuery: WELCOME,
      query: given.get("q") ?? undefined,
      variables: given.get("variables") ?? undefined,
      onEditQuery: (text) => keep("q", text),
      onEditVariables: (text) => keep("variables", text),
    }),
  );
})();
