/** As many random states as it takes for a number of accounts, each compared with what the contracts say and do. */
import { compareFill, compareMaximum, compareTakeover, compareWaterfall } from "./calls.ts";
import { type Chain, startChain } from "./chain.ts";
import { compareExposure, compareLens, countUp, openScene, type Tally } from "./compare.ts";
import { Dice } from "./worlds.ts";

const MARKETS = 6;
const PEOPLE = 250;
/** Less than a chain can hold. */
const STATES_OF_A_CHAIN = 10n;
const START = 1_700_100_000n;
const APART = 5_003n;
/** A token's decimals decide what is forgiven and what can be withdrawn. */
const DECIMALS = [6, 18];
/** Of each in every state. */
const FILLS = 20;
const MAXIMA = 3;
const TAKEOVERS = 10;
const WATERFALLS = 3;

export interface Search {
  readonly accounts: number;
  readonly seed: bigint;
  /** Called after each state, with how many accounts it had. */
  readonly onState?: (accounts: number) => void;
}

/** @throws Error What differed first, and in which state of which seed. */
export async function run({ accounts, seed, onState }: Search): Promise<Tally> {
  const tally: Tally = new Map();
  for (let state = 0n; (tally.get("accounts") ?? 0) < accounts; state += STATES_OF_A_CHAIN) {
    // A chain remembers everything that was ever written into it.
    const decimals = DECIMALS[Number((state / STATES_OF_A_CHAIN) % BigInt(DECIMALS.length))] ?? 18;
    const chain = await startChain(MARKETS, PEOPLE, decimals);
    try {
      for (let n = state; n < state + STATES_OF_A_CHAIN && (tally.get("accounts") ?? 0) < accounts; ++n) {
        await compareState(tally, chain, seed, n);
        onState?.(PEOPLE);
      }
    } finally {
      await chain.close();
    }
  }
  return tally;
}

async function compareState(tally: Tally, chain: Chain, seed: bigint, state: bigint): Promise<void> {
  const stateSeed = (seed << 32n) + state;
  const snapshot = await chain.snapshot();
  try {
    const scene = await openScene(chain, stateSeed, START + state * APART, MARKETS);
    const dice = new Dice(~stateSeed);
    await compareLens(tally, chain, scene);
    await compareExposure(tally, chain, scene, dice);
    for (let i = 0; i < FILLS; ++i) await compareFill(tally, chain, scene, dice);
    for (let i = 0; i < MAXIMA; ++i) await compareMaximum(tally, chain, scene, dice);
    for (let i = 0; i < TAKEOVERS; ++i) await compareTakeover(tally, chain, scene, dice);
    for (let i = 0; i < WATERFALLS; ++i) await compareWaterfall(tally, chain, scene, dice);
  } catch (cause) {
    throw new Error(`state ${state} of seed ${seed}: ${cause instanceof Error ? cause.message : "failed"}`, { cause });
  }
  await chain.revert(snapshot);
  countUp(tally, "states");
}
