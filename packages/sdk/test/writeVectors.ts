/** Writes `vectors.json` anew, from the contracts: `node --import tsx packages/sdk/test/writeVectors.ts` */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { format, resolveConfig } from "prettier";
import { makeVectors, write } from "./differential/vectors.ts";

const file = fileURLToPath(new URL("vectors.json", import.meta.url));
const options = (await resolveConfig(file)) ?? {};
writeFileSync(file, await format(write(await makeVectors()), { ...options, filepath: file }));
