/** The SDK on states that a file describes, against what the contracts have answered about them. */
import { readFileSync } from "node:fs";
import { expect } from "chai";
import {
  accountHealth,
  initialMarginAfter,
  marketSummary,
  openAccount,
  type Opened,
  openMarkets,
  type Portfolio,
  positionsOf,
  type Preview,
  previewDeleverage,
  previewFill,
  previewLiquidation,
  type StoredAccount,
  type StoredHouse,
} from "../src/index.ts";
import { type Answer, makeVectors, type Outcome, read, type Vector, write } from "./differential/vectors.ts";

const vectors = read(readFileSync(new URL("vectors.json", import.meta.url), "utf8"));
const SECONDS = 120;

interface Opening {
  readonly opened: Opened;
  readonly accounts: ReadonlyMap<string, Portfolio>;
}

describe("the vectors", () => {
  it("are what the contracts answer", async function () {
    this.timeout(SECONDS * 1000);
    // As text: the order of fields included.
    expect(write(await makeVectors())).to.equal(write(vectors));
  });

  for (const [n, vector] of vectors.entries()) {
    it(`health, prices, markets and margins in state ${n}`, () => {
      const { opened, accounts } = open(vector);
      const portfolios = [...accounts.values()];
      expect(portfolios.map((account) => whole(accountHealth(opened, account)))).to.deep.equal(vector.healths);
      const positions = portfolios.map((account) => positionsOf(opened, account).map(whole));
      expect(positions).to.deep.equal(vector.positions);
      expect(opened.books.map(({ id }) => whole(marketSummary(opened, id)))).to.deep.equal(vector.markets);
      for (const { market, size, rate } of vector.margins)
        expect(initialMarginAfter(opened, market, size)).to.equal(rate);
    });

    it(`liquidations in state ${n}`, () => {
      const { opened, accounts } = open(vector);
      for (const { account, market, size, outcome } of vector.liquidations)
        expectOutcome(previewLiquidation(opened, named(accounts, account), market, size), outcome, whole);
    });

    it(`fills in state ${n}`, () => {
      const { opened, accounts } = open(vector);
      for (const { trade, outcome } of vector.fills) {
        const { buyer, seller, ...terms } = trade as unknown as Parameters<typeof previewFill>[1];
        const parties = [buyer, seller].map((id) => named(accounts, id as unknown as string));
        const [first, second] = parties as [Portfolio, Portfolio];
        expectOutcome(previewFill(opened, { ...terms, buyer: first, seller: second }), outcome, (filled) => ({
          market: BigInt(terms.market),
          buyer: first.id,
          seller: second.id,
          size: terms.size,
          price: terms.price,
          mark: filled.opened.books.find(({ id }) => id === terms.market)?.mark,
          buyerSize: filled.buyer.size,
          sellerSize: filled.seller.size,
          buyerCollateral: filled.buyer.account.collateral,
          sellerCollateral: filled.seller.account.collateral,
          fees: [filled.buyer, filled.seller].reduce((all, party) => all + party.protocolFee + party.venueFee, 0n),
        }));
      }
    });

    it(`deleveragings in state ${n}`, () => {
      const { opened, accounts } = open(vector);
      for (const { account, events } of vector.deleveragings) {
        const preview = previewDeleverage(opened, [named(accounts, account)]);
        const resolved = preview.resolved.map(({ deficit, covered }) => ({ account, deficit, resolved: covered }));
        expect(resolved).to.deep.equal(events["Deleveraged"]);
        const allocated = preview.allocations
          .filter(({ deficit }) => deficit !== 0n)
          .map(({ market, deficit, bounty, insured, byLongs, byShorts, shortfall }) => ({
            market: BigInt(market),
            deficit,
            bounty,
            insured,
            longHaircut: byLongs,
            shortHaircut: byShorts,
            shortfall,
            mark: preview.opened.books.find(({ id }) => id === market)?.mark,
          }));
        expect(allocated).to.deep.equal(events["DeficitAllocated"]);
        expect(preview.bounty).to.equal(events["BountyPaid"]?.[0]?.["amount"] ?? 0n);
      }
    });
  }

  it("meet every standing, fills that pass and fills that do not, and every bearer of a deficit", () => {
    const standings = new Set(vectors.flatMap(({ healths }) => healths.map(({ standing }) => standing)));
    expect([...standings].sort()).to.deep.equal([0n, 1n, 2n, 3n]);
    const fills = vectors.flatMap((vector) => vector.fills.map(({ outcome }) => "answer" in outcome));
    expect(new Set(fills).size).to.equal(2);
    const allocated = vectors.flatMap(({ deleveragings }) =>
      deleveragings.flatMap(({ events }) => events["DeficitAllocated"] ?? []),
    );
    for (const bearer of ["insured", "longHaircut", "shortHaircut", "shortfall", "bounty"])
      expect(allocated.some((event) => event[bearer] !== 0n)).to.equal(true, bearer);
  });
});

function open(vector: Vector): Opening {
  const opened = openMarkets(vector.house as StoredHouse);
  const accounts = (vector.accounts as StoredAccount[]).map((account) => openAccount(opened, account));
  return { opened, accounts: new Map(accounts.map((account) => [account.id, account])) };
}

function named(accounts: Opening["accounts"], id: string): Portfolio {
  const account = accounts.get(id);
  if (account === undefined) throw new Error(`there is no account ${id}`);
  return account;
}

/** Numbers of markets are bigints there. */
function whole(answer: object): Answer {
  return Object.fromEntries(
    Object.entries(answer)
      .filter(([field]) => field !== "accepted")
      .map(([field, value]: [string, unknown]) => [field, typeof value === "number" ? BigInt(value) : value]),
  );
}

function expectOutcome<Result>(preview: Preview<Result>, outcome: Outcome, describe: (result: Result) => Answer): void {
  if (preview.accepted) expect({ answer: describe(preview) }).to.deep.equal(outcome);
  else if (preview.refusal.name === "OracleRefused") expect("refusal" in outcome).to.equal(true);
  else expect({ refusal: preview.refusal }).to.deep.equal(outcome);
}
