// Types in TypeScript for the example operations, from the schema that the server itself tells.
import type { CodegenConfig } from "@graphql-codegen/cli";

const config: CodegenConfig = {
  schema: process.env.ENDPOINT,
  documents: process.env.OPERATIONS,
  generates: {
    [process.env.OUTPUT!]: {
      plugins: ["typescript-operations"],
      config: { strictScalars: true, scalars: { Date: "string", DateTime: "string", JSON: "unknown" } },
    },
  },
};
export default config;
