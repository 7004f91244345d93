// Relay's runtime on what its compiler made: a page, the page after it, a goal fetched anew by its id, and a check-in
// that the store takes in by itself. Prints what the components would have seen, as JSON.
const { Environment, Network, RecordSource, Store, createOperationDescriptor, getRequest, getSelector, fetchQuery,
  commitMutation } = require("relay-runtime");

const made = (name) => require(`./src/__generated__/${name}.graphql`);
const company = {
  query: made("companyQuery"),
  page: made("companyPageQuery"),
  objectives: made("company_objectives"),
  goal: made("company_goal"),
  checkIn: made("companyCheckInMutation"),
};

const [endpoint, keyResult] = process.argv.slice(2);
const environment = new Environment({
  network: Network.create(async ({ text }, variables) => {
    const answer = await fetch(endpoint, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/graphql-response+json" },
      body: JSON.stringify({ query: text, variables }),
    });
    return answer.json();
  }),
  store: new Store(new RecordSource()),
});

const titles = (page) => page.objectives.edges.map(({ node }) => node.title);

async function main() {
  const variables = { id: keyResult };
  const data = await fetchQuery(environment, company.query, variables).toPromise();
  const operation = createOperationDescriptor(getRequest(company.query), variables);
  const kept = environment.retain(operation);
  const list = () => environment.lookup(getSelector(company.objectives, data)).data;
  const first = list();
  const next = { count: 5, cursor: first.objectives.pageInfo.endCursor };
  await fetchQuery(environment, company.page, next).toPromise();
  const goal = environment.lookup(getSelector(company.goal, data.node.goal)).data;

  const before = environment.getStore().getSource().get(keyResult).value;
  await new Promise((completed, failed) =>
    commitMutation(environment, {
      mutation: company.checkIn,
      variables: { input: { keyResultId: keyResult, value: 7 } },
      onCompleted: completed,
      onError: failed,
    }),
  );
  const record = environment.getStore().getSource().get(keyResult);
  kept.dispose();
  console.log(JSON.stringify({ first: titles(first), both: titles(list()), goal: goal.title,
    rungs: goal.ladder.path.length, before, after: record.value }));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
