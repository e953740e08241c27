import { defineConfig } from "tsdown";

export default defineConfig({
  entry: {
    index: "src/index.ts",
    abis: "src/generated/abis.ts",
    addresses: "src/addresses.ts",
    ethers: "src/ethers/index.ts",
    viem: "src/viem/index.ts",
  },
  format: ["esm", "cjs"],
  platform: "neutral",
  target: "es2022",
  dts: true,
  logLevel: "warn",
  inputOptions: { checks: { bundlerTimings: false } },
  outExtensions: ({ format }) => (format === "cjs" ? { js: ".cjs", dts: ".d.cts" } : { js: ".mjs", dts: ".d.mts" }),
});
