// graphql-ws and graphql-sse: a subscription from a revision on, one event that comes while it is followed, and one that
// is refused. Prints what each saw, as JSON.
import { createClient as overSocket } from "graphql-ws";
import { createClient as overStream } from "graphql-sse";
import WebSocket from "ws";

const [endpoint, keyResult] = process.argv.slice(2);
const query = `subscription Follow($ids: [ID!], $after: Int) {
  progressChanged(ids: $ids, after: $after) { revision changed { goal { id } after { value } } }
}`;
const ask = async (query, variables) =>
  (await (await fetch(endpoint, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ query, variables }),
  })).json()).data;
const checkIn = async (value) =>
  ask("mutation Report($input: CheckInKeyResultInput!) { checkInKeyResult(input: $input) { revision } }", {
    input: { keyResultId: keyResult, value },
  });

const follow = async (client, value) => {
  const { revision } = await ask("query Now { revision }");
  await checkIn(value);
  const told = [];
  for await (const { data } of client.iterate({ query, variables: { ids: [keyResult], after: revision } })) {
    told.push({ revisions: data.progressChanged.revision - revision, changed: data.progressChanged.changed });
    if (told.length === 2) break;
    await checkIn(value + 0.1);
  }
  let refused;
  try {
    for await (const { errors } of client.iterate({ query, variables: { after: revision + 1000 } })) refused = errors;
  } catch (errors) {
    refused = errors;
  }
  const asked = [];
  for await (const { data } of client.iterate({ query: "query Title($id: ID!) { keyResult(id: $id) { title } }", variables: { id: keyResult } })) asked.push(data);
  await client.dispose();
  return { told, refused: refused[0].extensions.code, asked };
};

console.log(JSON.stringify({
  socket: await follow(overSocket({ url: endpoint.replace("http", "ws"), webSocketImpl: WebSocket }), 3.9),
  stream: await follow(overStream({ url: endpoint }), 4.1),
}));
