/** Calls that can be made on the model and on the contracts alike, and the comparison of everything after each. */
import { COOLDOWN, type Chain, type Outcome } from "./chain.ts";
import { deleverage as resolve } from "./deleverage.ts";
import type { Limit } from "./fund.ts";
import * as governance from "./governance.ts";
import * as verbs from "./house.ts";
import { accountOf, attempt, type Fill, type House } from "./house.ts";
import { WHOLE_PAYOUT } from "./market.ts";
import { check } from "./refusal.ts";
import type { Risk } from "./risk.ts";
import { differences, viewOfContracts, viewOfModel } from "./view.ts";

/** The account that earns the bounties: the operator's, who makes the calls that are anybody's. */
export const HUNTER = "keeper";
const PARTS = 1_000n;

export interface Call {
  readonly kind: string;
  readonly text: string;
  /** Is told what the contracts answered, for what the model does not decide. */
  readonly model: (house: House, outcome: Outcome) => void;
  readonly contracts: (chain: Chain) => Promise<Outcome>;
  /** What the operator sends to the clearing house, so that it can stand in a batch; absent where it cannot. */
  readonly data?: (chain: Chain) => string;
}

/** A call of the clearing house by the operator. */
function byOperator(call: Pick<Call, "kind" | "text" | "model"> & { data: (chain: Chain) => string }): Call {
  return { ...call, contracts: (chain) => chain.send(call.data(chain)) };
}

export interface Model {
  house: House;
}

/** How often something was tried, was done, or happened. */
export type Tally = Map<string, number>;

export function count(tally: Tally, what: string): void {
  tally.set(what, (tally.get(what) ?? 0) + 1);
}

/** Makes a call on both, and compares everything. */
export async function perform(model: Model, chain: Chain, tally: Tally, call: Call): Promise<void> {
  const outcome = await call.contracts(chain);
  const { house, refused } = attempt(model.house, (after) => {
    call.model(after, outcome);
  });
  model.house = house;
  tallyUp(tally, call.kind, outcome);
  if (refused !== outcome.refused)
    throw new Error(`${call.kind}: model ${refused ?? "does it"}, contracts ${outcome.refused ?? "do it"}`);
  const found = differences(viewOfModel(house, chain.names), await viewOfContracts(chain));
  if (found.length > 0) throw new Error(`${call.kind}:\n  ${found.join("\n  ")}`);
}

function tallyUp(tally: Tally, kind: string, { refused, events }: Outcome): void {
  count(tally, "commands");
  count(tally, refused === undefined ? "done" : "refused");
  count(tally, `${kind} ${refused ?? "done"}`);
  for (const { name, args } of events) {
    count(tally, name);
    if (name === "MarketWoundUp" && args["payout"] < WHOLE_PAYOUT) count(tally, "cut");
    if (name !== "DeficitAllocated") continue;
    if (args["insured"] > 0n) count(tally, "insured");
    if (args["longHaircut"] > 0n || args["shortHaircut"] > 0n) count(tally, "haircut");
    if (args["shortfall"] > 0n) count(tally, "shortfall");
  }
}

// ------------------------------------------------------------------ collateral

/** @param units Token units, here and below. */
export function deposit(name: string, units: bigint): Call {
  return byOperator({
    kind: "deposit",
    text: `${name}, ${units}`,
    model: (house) => {
      verbs.deposit(house, name, units);
    },
    data: ({ calldata }) => calldata.deposit(name, units),
  });
}

export function withdraw(name: string, units: bigint): Call {
  return {
    kind: "withdraw",
    text: `${name}, ${units}`,
    model: (house) => {
      verbs.withdraw(house, name, units);
    },
    contracts: (chain) => chain.withdraw(name, units),
    data: ({ calldata }) => calldata.withdraw(name, units),
  };
}

export function settle(names: readonly string[]): Call {
  return byOperator({
    kind: "settle",
    text: `[${names.join(", ")}]`,
    model: (house) => {
      verbs.settleAll(house, names);
    },
    data: ({ calldata }) => calldata.settle(names),
  });
}

// ------------------------------------------------------------------ trading, liquidation, default

export function fill(trade: Fill): Call {
  const { buyer, seller, market, size, price, feeTo, buyerFee, sellerFee } = trade;
  const fees = buyerFee + sellerFee === 0n ? "" : `, fees ${buyerFee} and ${sellerFee} to ${feeTo}`;
  return byOperator({
    kind: "fill",
    text: `${buyer} buys ${size} from ${seller} at ${price} in ${market}${fees}`,
    model: (house) => {
      verbs.fill(house, trade);
    },
    data: ({ calldata }) => calldata.fill(trade),
  });
}

export function liquidate(name: string, market: number, size: bigint, to: string): Call {
  return byOperator({
    kind: "liquidate",
    text: `${name}, ${market}, ${size}, ${to}`,
    model: (house) => {
      verbs.liquidate(house, name, market, size, to);
    },
    data: ({ calldata }) => calldata.liquidate(name, market, size, to),
  });
}

export function deleverage(names: readonly string[], taker: string | undefined): Call {
  return byOperator({
    kind: "deleverage",
    text: `[${names.join(", ")}], ${taker ?? "nobody"}`,
    model: (house) => {
      resolve(house, names, HUNTER, taker);
    },
    data: ({ calldata }) => calldata.deleverage(names, taker),
  });
}

/** Of calls that the operator may make. */
export function batch(calls: readonly Call[]): Call {
  return {
    kind: "batch",
    text: calls.map(({ kind, text }) => `${kind}(${text})`).join("; "),
    model: (house, outcome) => {
      verbs.batch(
        house,
        calls.map((call) => (after: House) => {
          call.model(after, outcome);
        }),
      );
    },
    contracts: (chain) =>
      chain.batch(
        calls.map(({ kind, data }) => {
          if (data === undefined) throw new Error(`${kind} is not for batches`);
          return data(chain);
        }),
      ),
  };
}

// ------------------------------------------------------------------ governance

export function setRisk(market: number, risk: Risk): Call {
  const { initialMargin, initialMarginAtCap, volatilityMargin, maintenanceMargin, openInterestCap } = risk;
  const { priceBand, tradeFee, maxFundingRate, status, isolatedOnly } = risk;
  const margins = `IM ${initialMargin} to ${initialMarginAtCap} at ${openInterestCap}, of range ${volatilityMargin}, MM ${maintenanceMargin}`;
  const rates = `band ${priceBand}, fee ${tradeFee}, funding ${maxFundingRate}`;
  return {
    kind: "setRisk",
    text: `${market}, ${margins}, ${rates}, ${status}${isolatedOnly ? ", isolated" : ""}`,
    model: (house) => {
      governance.setRisk(house, market, risk);
    },
    contracts: (chain) => chain.setRisk(market, risk),
  };
}

export function raiseMargin(market: number): Call {
  return {
    kind: "raiseMargin",
    text: String(market),
    model: (house) => {
      governance.raiseMaintenanceMargin(house, market);
    },
    contracts: (chain) => chain.raiseMaintenanceMargin(market),
  };
}

export function endMarket(market: number): Call {
  return {
    kind: "endMarket",
    text: String(market),
    model: (house) => {
      governance.endMarket(house, market);
    },
    contracts: (chain) => chain.endMarket(market),
  };
}

/** What a market may draw from the insurance fund. */
export function setLimit(market: number, limit: Limit): Call {
  const { capacity, refillPerSecond, gap } = limit;
  return {
    kind: "setLimit",
    text: `${market}, ${capacity} and ${refillPerSecond} a second, gap ${gap}`,
    model: (house) => {
      governance.setLimit(house, market, limit);
    },
    contracts: (chain) => chain.setLimit(market, limit),
  };
}

// ------------------------------------------------------------------ prices and time

export function accrueFunding(market: number): Call {
  return byOperator({
    kind: "accrueFunding",
    text: String(market),
    model: (house) => {
      verbs.accrueFunding(house, market);
    },
    data: ({ calldata }) => calldata.accrueFunding(market),
  });
}

/** A new price is published at `now`. */
export function movePrice(market: number, price: bigint, now: bigint): Call {
  return {
    kind: "movePrice",
    text: `${market}, ${price}`,
    model: (house) => {
      house.now = now;
      verbs.publish(house, market, price);
    },
    contracts: (chain) => {
      chain.setClock(now);
      return chain.setPrice(market, price, now);
    },
  };
}

export function passTime(seconds: bigint, now: bigint): Call {
  return {
    kind: "passTime",
    text: String(seconds),
    model: (house) => {
      house.now = now + seconds;
    },
    contracts: async (chain) => {
      await chain.pass(now + seconds);
      return { events: [] };
    },
  };
}

/** A new mark is read, and with the next second the next block has come. */
export function nextBlock(market: number, now: bigint): Call {
  return {
    kind: "nextBlock",
    text: String(market),
    model: (house) => {
      verbs.accrueFunding(house, market);
      house.now = now + 1n;
    },
    contracts: async (chain) => {
      const outcome = await chain.send(chain.calldata.accrueFunding(market));
      await chain.pass(now + 1n);
      return outcome;
    },
  };
}

/** Time in which every feed goes on saying what it has said. */
export function quietTime(seconds: bigint, { now, markets }: House): Call {
  const later = now + seconds;
  return {
    kind: "quietTime",
    text: String(seconds),
    model: (house) => {
      house.now = later;
      for (const { number, feed } of markets) verbs.publish(house, number, feed.price);
    },
    contracts: async (chain) => {
      await chain.pass(later);
      for (const { number, feed } of markets) await chain.setPrice(number, feed.price, later);
      return { events: [] };
    },
  };
}

// ------------------------------------------------------------------ the insurance fund

export function insure(units: bigint): Call {
  return {
    kind: "insure",
    text: String(units),
    model: (house) => {
      verbs.deposit(house, verbs.FUND, units);
    },
    contracts: (chain) => chain.insure(units),
  };
}

/**
 * The one owner of the fund takes a part in a thousand out. All markets have a price again after the cooldown.
 * What a share is worth is the fund's own business: the model takes what was paid from the contracts, and checks that it
 * is not more than the part of the assets, and the token unit by which OpenZeppelin's vault counts more assets than it has.
 */
export function leaveFund(part: bigint, house: House): Call {
  const assets = accountOf(house, verbs.FUND).collateral / house.tokenUnit;
  const now = house.now + COOLDOWN;
  return {
    kind: "leaveFund",
    text: `${part}/${PARTS}`,
    model: (after, { events }) => {
      const paid = events.find(({ name }) => name === "Withdraw")?.args["assets"] as bigint;
      check(paid <= ((assets + 1n) * part) / PARTS, `PaidTooMuch ${paid}`);
      verbs.payOut(after, paid);
      after.now = now;
      for (const { number, feed } of house.markets) verbs.publish(after, number, feed.price);
    },
    contracts: async (chain) => {
      const outcome = await chain.leaveFund(part);
      for (const { number, feed } of house.markets) await chain.setPrice(number, feed.price, now);
      return outcome;
    },
  };
}
