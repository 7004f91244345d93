// Apollo Client: a query kept in its cache by ids, a fragment on an interface, a page and the page after it merged by
// Relay's policy, a mutation that updates what was read, and a refused request. Prints what it saw, as JSON.
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { relayStylePagination } from "@apollo/client/utilities";

const [endpoint, keyResult] = process.argv.slice(2);
const answer = await fetch(endpoint, {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ query: "{ __schema { types { kind name possibleTypes { name } } } }" }),
});
const possibleTypes = {};
for (const { kind, name, possibleTypes: types } of (await answer.json()).data.__schema.types)
  if (kind === "INTERFACE" || kind === "UNION") possibleTypes[name] = types.map((type) => type.name);

const client = new ApolloClient({
  link: ApolloLink.from([new HttpLink({ uri: endpoint, fetch })]),
  cache: new InMemoryCache({
    possibleTypes,
    typePolicies: { Query: { fields: { objectives: relayStylePagination(["filter", "orderBy"]) } } },
  }),
});

const GOAL = gql`
  query Goal($id: ID!) {
    node(id: $id) { id ...Shown }
  }
  fragment Shown on Goal {
    title
    progress { value }
    ladder { path { goal { id title } } }
  }
`;
const goal = (await client.query({ query: GOAL, variables: { id: keyResult } })).data.node;

const PAGE = gql`
  query Page($after: String) {
    objectives(first: 5, after: $after, orderBy: { by: TITLE }) {
      edges { node { id title } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`;
const page = (variables) => client.query({ query: PAGE, variables, fetchPolicy: "network-only" });
const { objectives } = (await page({})).data;
await page({ after: objectives.pageInfo.endCursor });
const titles = client.readQuery({ query: PAGE }).objectives.edges.map(({ node }) => node.title);

const CHECK_IN = gql`
  mutation CheckIn($input: CheckInKeyResultInput!) {
    checkInKeyResult(input: $input) {
      errors { code message }
      keyResult { id progress { value } }
    }
  }
`;
await client.mutate({ mutation: CHECK_IN, variables: { input: { keyResultId: keyResult, value: 7 } } });
const cached = client.readQuery({ query: GOAL, variables: { id: keyResult } }).node;

const refused = await client
  .query({ query: gql`query { objectives(first: -1) { totalCount } }` })
  .then(() => null, (error) => CombinedGraphQLErrors.is(error) && error.errors[0].extensions.code);

console.log(JSON.stringify({ goal: goal.title, rungs: goal.ladder.path.length, titles,
  before: goal.progress.value, after: cached.progress.value, refused }));
client.stop();
