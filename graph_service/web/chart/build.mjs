// Builds the component into one ES module. The same sources give the same bytes: the built file is committed, and a test
// builds it again and compares.
import { build } from "esbuild";
import { readFile } from "node:fs/promises";
import { argv } from "node:process";

const here = (path) => new URL(path, import.meta.url).pathname;

/** The styles stand in a template, whose spaces no minifier may touch; in CSS they mean nothing. */
const tightStyles = {
  name: "tight-styles",
  setup(build) {
    build.onLoad({ filter: /styles\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      return { contents: source.replace(/\s*\n\s*/g, "\n").replace(/([{};,])\n/g, "$1"), loader: "ts" };
    });
  },
};

await build({
  entryPoints: [here("src/main.ts")],
  outfile: argv[2] ?? here("../static/embed.js"),
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "none",
  banner: { js: "// <alignment-chart>: sources and licences at graph_service/web/chart" },
  alias: { "d3-transition": here("src/still.ts"), "d3-interpolate": here("src/still.ts") },
  plugins: [tightStyles],
  define: { "process.env.NODE_ENV": '"production"' },
  logLevel: "warning",
});
