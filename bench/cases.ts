/** What is measured. Each case sets a market up, then measures single transactions that nothing in them has warmed. */
import {
  accountOf,
  at,
  crowd,
  deploy,
  enter,
  fundLimit,
  gasOf,
  composed,
  NO_ACCOUNT,
  now,
  ONE,
  setPrice,
  trade,
  type Signer,
  type World,
} from "./world.js";

export interface Measured {
  readonly name: string;
  readonly gas: bigint;
  readonly reach?: number;
  readonly peer?: string;
}

const PRICE = 2000n * ONE;

export const cases: (() => Promise<Measured[]>)[] = [
  collateral,
  fills,
  fillsAfterDeleveraging,
  liquidation,
  deleverageByCrowd,
  batches,
  prices,
];

async function collateral(): Promise<Measured[]> {
  const world = await deploy(1, PRICE);
  const [, alice, bob, submitter] = four(world);
  await enter(world, alice, 100_000n);
  await enter(world, bob, 100_000n);
  const deposit = await gasOf(world.house.connect(alice).deposit(0n, 5_000_000n));
  await trade(world, submitter, alice, bob, ONE, PRICE, 1n);
  const inMarket = await gasOf(world.house.connect(alice).deposit(0n, 5_000_000n));
  const account = accountOf(alice.address);
  const unchanged = await gasOf(world.house.connect(alice).withdraw(account, 5_000_000n, alice.address));
  await setPrice(world, 0, PRICE + ONE);
  const accepting = await gasOf(world.house.connect(alice).withdraw(account, 5_000_000n, alice.address));
  return [
    { name: "deposit again", gas: deposit, reach: 62_000, peer: "61.7k JOJO" },
    { name: "deposit again, with a position", gas: inMarket },
    { name: "withdraw with a position, price unchanged", gas: unchanged, reach: 92_000, peer: "89.1k JOJO" },
    { name: "withdraw with a position, new price", gas: accepting },
  ];
}

async function fills(): Promise<Measured[]> {
  const world = await deploy(2, PRICE);
  const [, alice, bob, submitter] = four(world);
  for (const signer of [alice, bob]) await enter(world, signer, 100_000n);
  // The market has traded before, and its rounding reserve is full.
  const [carol, dave] = [at(world.signers, 4), at(world.signers, 5)];
  for (const signer of [carol, dave]) await enter(world, signer, 100_000n);
  for (const market of [0n, 1n]) await trade(world, submitter, carol, dave, 10n * ONE, PRICE, market + 1n, market);

  const fresh = await gasOf(trade(world, submitter, alice, bob, ONE, PRICE, 1n));
  await setPrice(world, 0, PRICE + ONE);
  const close = await gasOf(trade(world, submitter, bob, alice, ONE, PRICE + ONE, 2n));
  const reused = await gasOf(trade(world, submitter, alice, bob, ONE, PRICE, 3n, 1n));
  await setPrice(world, 1, PRICE + ONE);
  const increased = await gasOf(trade(world, submitter, alice, bob, ONE, PRICE + ONE, 4n, 1n));
  return [
    {
      name: "two signed orders filled, both sides open, lanes used before",
      gas: reused,
      reach: 178_000,
      peer: "168.0k dYdX v1 (one signature)",
    },
    {
      name: "two signed orders filled, both sides open, lanes never used",
      gas: fresh,
      reach: 212_000,
      peer: "323.0k JOJO (two)",
    },
    { name: "two signed orders filled, both sides close", gas: close, reach: 140_000, peer: "178.3k dYdX v1" },
    { name: "two signed orders filled, both sides grow, new price", gas: increased },
  ];
}

/** A market that has been deleveraged has A and B of its sides to read, and one away from mark a premium to write. */
async function fillsAfterDeleveraging(): Promise<Measured[]> {
  const world = await deploy(1, PRICE);
  const [, alice, bob, submitter, keeper] = four(world);
  await enter(world, alice, 2_200n);
  for (const signer of [bob, keeper]) await enter(world, signer, 1_000_000n);
  await trade(world, submitter, alice, bob, 10n * ONE, PRICE, 1n);
  await trade(world, submitter, keeper, bob, 10n * ONE, PRICE, 2n);
  const low = 1700n * ONE;
  await setPrice(world, 0, low);
  await world.house.connect(keeper).deleverage([accountOf(alice.address)], NO_ACCOUNT);
  await trade(world, submitter, keeper, bob, ONE, low + ONE, 3n);
  await setPrice(world, 0, low + ONE);
  const grown = await gasOf(trade(world, submitter, keeper, bob, ONE, low + 2n * ONE, 4n));
  return [{ name: "the same away from mark, in a market that has been deleveraged", gas: grown }];
}

async function liquidation(): Promise<Measured[]> {
  const world = await deploy(1, PRICE);
  const [, alice, bob, submitter, keeper] = four(world);
  await enter(world, alice, 2_300n);
  for (const signer of [bob, keeper]) await enter(world, signer, 1_000_000n);
  await trade(world, submitter, alice, bob, 10n * ONE, PRICE, 1n);
  await trade(world, submitter, keeper, bob, 10n * ONE, PRICE, 2n);
  await setPrice(world, 0, 1780n * ONE);
  const full = await gasOf(
    world.house.connect(keeper).liquidate(accountOf(alice.address), 0n, 2n ** 255n, accountOf(keeper.address)),
  );
  return [
    {
      name: "full liquidation with insurance fee, keeper already in the market",
      gas: full,
      reach: 110_000,
      peer: "223.4k JOJO (135.8k dYdX v1, no fee)",
    },
  ];
}

async function deleverageByCrowd(): Promise<Measured[]> {
  const results: Measured[] = [];
  for (const people of [10, 10_000]) {
    const world = await deploy(1, PRICE);
    const [, alice, bob, submitter, keeper] = four(world);
    await crowd(world, people, false, PRICE, 1_000_000n);
    for (const signer of [alice, bob]) await enter(world, signer, 2_200n);
    await enter(world, submitter, 1_000_000n);
    await enter(world, keeper, 1_000n);
    await trade(world, submitter, alice, submitter, 10n * ONE, PRICE, 1n);
    await trade(world, submitter, bob, submitter, 10n * ONE, PRICE, 2n);
    // The fund could pay all of it and may pay a part: its bucket for this market holds 400. With that it bears no open
    // interest, so there was more when it was opened.
    await world.fund.setLimit(0n, fundLimit(400n));
    await setPrice(world, 0, 1700n * ONE);
    const gas = await gasOf(world.house.connect(keeper).deleverage([accountOf(alice.address)], NO_ACCOUNT));
    results.push({
      name: `deleverage of one, fund payment and haircut, ${people.toLocaleString("en")} opposing accounts`,
      gas,
      reach: 145_000,
      peer: "143.0k dYdX v1, per counterparty",
    });
  }
  return results;
}

async function batches(): Promise<Measured[]> {
  const many = 21;
  const gas: Record<string, bigint> = {};
  for (const count of [1, many]) {
    for (const kind of ["deleverage", "liquidate"] as const) {
      const world = await deploy(1, PRICE);
      const [, keeper, submitter] = four(world);
      for (const signer of [keeper, submitter]) await enter(world, signer, 10_000_000n);
      await trade(world, submitter, keeper, submitter, ONE, PRICE, 1n);
      const traders = world.signers.slice(10, 10 + count);
      let sequence = 2n;
      for (const trader of traders) {
        await enter(world, trader, 2_300n);
        await trade(world, submitter, trader, submitter, 10n * ONE, PRICE, sequence++);
      }
      await world.fund.setLimit(0n, fundLimit(400n));
      await setPrice(world, 0, (kind === "deleverage" ? 1700n : 1780n) * ONE);
      const accounts = traders.map(({ address }) => accountOf(address));
      const house = world.house.connect(keeper);
      const target = await house.getAddress();
      gas[`${kind} ${count}`] = await gasOf(
        kind === "deleverage"
          ? house.deleverage(accounts, NO_ACCOUNT)
          : house.batch(
              accounts.map((account) => ({
                target,
                data: house.interface.encodeFunctionData("liquidate", [
                  account,
                  0n,
                  2n ** 255n,
                  accountOf(keeper.address),
                ]),
              })),
            ),
      );
    }
  }
  const further = (kind: string): bigint =>
    ((gas[`${kind} ${many}`] ?? 0n) - (gas[`${kind} 1`] ?? 0n)) / BigInt(many - 1);
  return [
    { name: "each further account in one deleverage", gas: further("deleverage"), reach: 32_000, peer: "47–53k" },
    {
      name: "each further account in one batch of liquidate",
      gas: further("liquidate"),
      reach: 50_000,
      peer: "47–53k",
    },
  ];
}

function four({ signers }: World): [Signer, Signer, Signer, Signer, Signer] {
  return [at(signers, 0), at(signers, 1), at(signers, 2), at(signers, 3), at(signers, 6)];
}

/** What a call that needs a mark pays for it: two Chainlink feeds, each behind its proxy, and the sequencer's uptime feed. */
async function prices(): Promise<Measured[]> {
  const world = await deploy(1, PRICE);
  const oracle = await composed(world, PRICE);
  const meter = await world.connection.ethers.deployContract("GasMeter");
  const read = oracle.interface.encodeFunctionData("read", [0, PRICE, await now(world.connection)]);
  const gas = (await meter.getFunction("gasOf").staticCall(oracle, read)) as bigint;
  return [{ name: "mark read from two feeds, with the sequencer's", gas, reach: 45_000 }];
}
