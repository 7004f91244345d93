// urql: a query, a mutation and a refused request, with the Accept header as it sends it. Prints what it saw, as JSON.
import { Client, fetchExchange, cacheExchange, gql } from "@urql/core";

const [endpoint, keyResult] = process.argv.slice(2);
const client = new Client({ url: endpoint, exchanges: [cacheExchange, fetchExchange] });

const GOAL = gql`
  query Goal($id: ID!) {
    keyResult(id: $id) { id title value }
  }
`;
const CHECK_IN = gql`
  mutation CheckIn($input: CheckInKeyResultInput!) {
    checkInKeyResult(input: $input) {
      errors { code }
      keyResult { id value }
    }
  }
`;
const read = async () => (await client.query(GOAL, { id: keyResult }).toPromise()).data.keyResult;
const before = await read();
const checkedIn = await client.mutation(CHECK_IN, { input: { keyResultId: keyResult, value: 7 } }).toPromise();
const after = await read();
const refused = await client.query(gql`{ objectives(first: -1) { totalCount } }`, {}).toPromise();
console.log(JSON.stringify({ title: before.title, before: before.value, errors: checkedIn.data.checkInKeyResult.errors,
  after: after.value, refused: refused.error.graphQLErrors[0].extensions.code }));
