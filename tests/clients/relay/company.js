const { graphql } = require("relay-runtime");
const objectives = graphql`
  fragment company_objectives on Query
  @argumentDefinitions(count: { type: "Int", defaultValue: 5 }, cursor: { type: "String" })
  @refetchable(queryName: "companyPageQuery") {
    objectives(first: $count, after: $cursor, orderBy: { by: TITLE }) @connection(key: "company_objectives") {
      edges { node { id title progress { value } } }
    }
  }
`;
const goal = graphql`
  fragment company_goal on Goal @refetchable(queryName: "companyGoalQuery") {
    title
    ... on KeyResult { value }
    owner { __typename name }
    ladder { path { goal { id title } } }
  }
`;
const query = graphql`
  query companyQuery($id: ID!) {
    ...company_objectives
    node(id: $id) { id ...company_goal @alias(as: "goal") }
  }
`;
const checkIn = graphql`
  mutation companyCheckInMutation($input: CheckInKeyResultInput!) {
    checkInKeyResult(input: $input) {
      errors { code message }
      keyResult { id value progress { value } }
    }
  }
`;
module.exports = { objectives, goal, query, checkIn };
