/** What can be measured, each part alone or all one after the other. */
import type { Progress } from "../scripts/simulation/run.ts";
import type { Figure } from "./figure.ts";

export interface Part {
  readonly title: string;
  /** How it is measured. */
  readonly about: string;
  readonly measure: (progress: Progress) => Promise<Figure[]>;
}

export const PARTS = {
  gas: {
    title: "Gas of whole transactions",
    about:
      "From a cold start, Cancun rules, on a chain inside the process, with the price read through a Chainlink-shaped proxy and aggregator.",
    async measure(progress) {
      const { cases } = await import("./gas/cases.ts");
      progress.stage("gas", cases.length);
      const figures: Figure[] = [];
      for (const run of cases) {
        figures.push(...(await run()));
        progress.advance();
      }
      return figures;
    },
  },
  scaling: {
    title: "What grows with what",
    about:
      "The same contracts, with more and more opposing accounts, and with accounts in more and more markets, each of which has a price that nobody has read yet. Storage is in slots of 32 bytes that were zero before, from traces.",
    async measure(progress) {
      const { opponents } = await import("./scaling/opponents.ts");
      const { markets } = await import("./scaling/markets.ts");
      const { storage } = await import("./scaling/storage.ts");
      return [...(await markets(progress)), ...(await storage(progress)), ...(await opponents(progress))];
    },
  },
  sdk: {
    title: "The SDK's engine",
    about:
      "100,000 accounts, cross-margined over three markets, on one core of this machine, the best of five rounds. A bigint step is a multiplication and a division, so that what is counted in them hardly depends on the machine.",
    async measure(progress) {
      const { measureSdk } = await import("./sdk.ts");
      return measureSdk(progress);
    },
  },
  keeper: {
    title: "The keeper",
    about: "Ten thousand accounts on a node of this machine, in a crash block by block.",
    async measure(progress) {
      const { measureKeeper } = await import("./keeper.ts");
      return measureKeeper(progress);
    },
  },
} satisfies Record<string, Part>;

export type PartName = keyof typeof PARTS;
export const PART_NAMES = Object.keys(PARTS) as PartName[];
