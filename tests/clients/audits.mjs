// Prints what each audit of the GraphQL-over-HTTP specification says of a server, as JSON.
import { serverAudits } from "graphql-http";

const [endpoint] = process.argv.slice(2);
const audits = serverAudits({ url: endpoint, fetchFn: fetch });
const said = [];
for (const audit of audits) {
  const result = await audit.fn();
  said.push({ id: audit.id, name: audit.name, status: result.status, reason: result.reason ?? null });
}
console.log(JSON.stringify(said));
