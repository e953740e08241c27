import { defineConfig } from "tsdown";

export default defineConfig({
  entry: { index: "src/index.ts", cli: "src/cli.ts" },
  format: "esm",
  platform: "node",
  target: "es2023",
  dts: { entry: "src/index.ts" },
  logLevel: "warn",
  inputOptions: { checks: { bundlerTimings: false } },
  outExtensions: () => ({ js: ".mjs", dts: ".d.mts" }),
});
