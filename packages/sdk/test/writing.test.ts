/** What traders send, against a deployed house: permits, orders, withdrawals that collect, refusals in words. */
import { expect } from "chai";
import { decodeError as decodeWithViem, orderTypedData } from "../src/viem/index.ts";
import { createPublicClient, custom, type PublicClient } from "viem";
import { ONE, ownerOf, type AccountId } from "../src/index.ts";
import {
  batch,
  cancelAllOrders,
  cancelOrder,
  type Client,
  ContractError,
  decoded,
  deposit,
  type Order,
  orderNonce,
  settleOrders,
  signOrder,
  withdraw,
} from "../src/ethers/index.ts";
import { contractsOf } from "../src/viem/index.ts";
import type { CallStruct } from "../../../typechain/contracts/ClearingHouse.js";
import { ETH_MARKET, startHouse, TOKEN, type House } from "./deployedHouse.ts";

const PRICE = 4_010n * ONE;
/** One unit of the token in money. */
const MONEY_OF_TOKEN = 10n ** 12n;

describe("writing with ethers", function () {
  this.timeout(120_000);
  let house: House;

  beforeEach(async () => {
    house = await startHouse();
  });
  afterEach(() => house.close());

  function person(i: number): { client: Client; account: AccountId; signer: House["people"][number]["signer"] } {
    return house.people[i] ?? expect.fail();
  }
  const alice = () => person(0);
  const bob = () => person(1);

  async function order(account: AccountId, isBuy: boolean, size: bigint, changes: Partial<Order> = {}): Promise<Order> {
    const expiry = (await house.now()) + 3_600;
    const nonce = orderNonce(0n, 1n);
    return {
      ...{
        account,
        market: ETH_MARKET,
        isBuy,
        reduceOnly: false,
        size,
        price: PRICE,
        nonce,
        epoch: 0n,
        expiry,
        fee: 0,
      },
      ...changes,
    };
  }

  /** Alice buys from Bob. */
  async function trade(size: bigint): Promise<void> {
    const buy = await signOrder(alice().client, await order(alice().account, true, size));
    const sell = await signOrder(bob().client, await order(bob().account, false, size));
    await settleOrders(person(2).client, { buy, sell });
  }

  async function refusal(send: Promise<unknown>): Promise<ContractError> {
    const thrown = await send.then(
      () => expect.fail("nothing was refused"),
      (error: unknown) => error,
    );
    if (!(thrown instanceof ContractError)) throw thrown;
    return thrown;
  }

  const collateral = async (client: Client, account: AccountId) => (await client.house.accountOf(account)).collateral;

  describe("deposit", () => {
    it("takes a signature in place of an approval, in one transaction", async () => {
      const { client, account } = alice();
      const sent = await deposit(client, { account, amount: 7n * TOKEN, permit: true });
      expect(sent.to).to.equal(house.contracts.house);
      expect(await collateral(client, account)).to.equal(7n * ONE);
      expect(await client.token.allowance(ownerOf(account), client.vault)).to.equal(0n);
    });

    it("signs nothing where there is an allowance", async () => {
      const { client, account } = alice();
      await client.token.approve(client.vault, 7n * TOKEN);
      await deposit(client, { account, amount: 7n * TOKEN, permit: true });
      expect(await client.token.nonces(ownerOf(account))).to.equal(0n);
    });

    it("adds to anybody's account", async () => {
      await deposit(alice().client, { account: bob().account, amount: 3n * TOKEN, permit: true });
      expect(await collateral(alice().client, bob().account)).to.equal(3n * ONE);
    });

    it("says what is missing", async () => {
      const { client, account } = alice();
      const error = await refusal(deposit(client, { account, amount: TOKEN }));
      expect(error.errorName).to.equal("ERC20InsufficientAllowance");
      expect(error.args).to.include({ allowance: 0n, needed: TOKEN });
    });

    it("goes through when somebody has used the signature first", async () => {
      const { client, account } = alice();
      // Whoever sees the batch on its way sends the permit alone, just before it.
      const batch = async ([permit, ...others]: CallStruct[]) => {
        await bob().signer.sendTransaction({ to: permit?.target as string, data: permit?.data as string });
        return client.house.batch([permit ?? expect.fail(), ...others]);
      };
      const exposed: Client = {
        ...client,
        house: new Proxy(client.house, {
          get: (target, key): unknown => (key === "batch" ? batch : Reflect.get(target, key)),
        }),
      };
      const sent = await deposit(exposed, { account, amount: 5n * TOKEN, permit: true });
      expect(client.house.interface.parseTransaction(sent)?.name).to.equal("depositFor");
      expect(await collateral(client, account)).to.equal(5n * ONE);
    });
  });

  describe("orders", () => {
    beforeEach(() => house.fund());

    it("are filled where they cross", async () => {
      await trade(ONE);
      expect(await alice().client.house.sizeOf(alice().account, ETH_MARKET)).to.equal(ONE);
      expect(await alice().client.house.sizeOf(bob().account, ETH_MARKET)).to.equal(-ONE);
    });

    it("have the digest that the contract signs for, with viem too", async () => {
      const { client, account } = alice();
      const one = await order(account, true, ONE);
      const { TypedDataEncoder } = await import("ethers");
      const { hashTypedData } = await import("viem");
      const digest = await client.settlement.hashOrder(one);
      expect(hashTypedData(orderTypedData(house, one))).to.equal(digest);
      const { domain, types } = orderTypedData(house, one);
      expect(TypedDataEncoder.hash(domain, { Order: [...types.Order] }, one)).to.equal(digest);
    });

    it("are void once cancelled, one or all", async () => {
      const { client, account } = alice();
      const one = await order(account, true, ONE);
      expect(await client.settlement.remaining(one)).to.equal(ONE);
      await cancelOrder(client, one);
      expect(await client.settlement.remaining(one)).to.equal(0n);

      const other = await order(account, true, ONE, { nonce: orderNonce(3n, 1n) });
      expect(await client.settlement.remaining(other)).to.equal(ONE);
      await cancelAllOrders(client, account);
      expect(await client.settlement.remaining(other)).to.equal(0n);
    });

    it("are refused before they are signed where they could never be filled", async () => {
      const { client, account } = alice();
      const message = async (changes: Partial<Order>) =>
        signOrder(client, await order(account, true, ONE, changes)).then(
          () => "signed",
          (error: unknown) => String(error),
        );
      expect(await message({ size: 0n })).to.match(/^OutOfRange: size must be from 1 /);
      expect(await message({ fee: 10_001 })).to.equal("OutOfRange: fee must be from 0 to 10000, not 10001");
      expect(await message({ price: 0n })).to.match(/^OutOfRange: price must be from 1 /);
    });
  });

  describe("withdraw", () => {
    beforeEach(() => house.fund());

    it("collects what it has won from those who lost it, in the same transaction", async () => {
      await trade(10n * ONE);
      await house.setPrice(PRICE + 100n * ONE);
      const { client, account } = alice();
      // A gain of 1,000 waits, and 2,060 have to stay.
      const { unsettled } = await client.lens.accountHealth(account);
      expect(unsettled).to.equal(1_000n * ONE);
      const amount = (await collateral(client, account)) / MONEY_OF_TOKEN - 1_100n * TOKEN;
      const to = ownerOf(account);
      const early = await refusal(decoded(client.house.withdraw(account, amount, to)));
      expect(early.errorName).to.equal("InsufficientMargin");

      const held = await client.token.balanceOf(to);
      await withdraw(client, { account, amount, to, losers: [person(2).account, bob().account] });
      expect(await client.token.balanceOf(to)).to.equal(held + amount);
      // Carol owed nothing, and was left alone.
      const { length } = await client.house.queryFilter(client.house.filters.Settled(person(2).account));
      expect(length).to.equal(0);
    });

    it("is a plain withdrawal where nothing waits", async () => {
      const { client, account } = alice();
      const sent = await withdraw(client, { account, amount: TOKEN, to: ownerOf(account), losers: [bob().account] });
      expect(client.house.interface.parseTransaction(sent)?.name).to.equal("withdraw");
    });
  });

  describe("refusals", () => {
    it("come with their numbers, in one line, and their cause", async () => {
      const { client, account } = alice();
      const error = await refusal(withdraw(client, { account, amount: 5n * TOKEN, to: ownerOf(account) }));
      expect(error.errorName).to.equal("InsufficientCollateral");
      expect(error.args).to.deep.equal({ collateral: 0n, asked: 5n * ONE });
      expect(error.shortMessage).to.equal("InsufficientCollateral: collateral 0, asked 5");
      expect(error.cause).to.be.an("error");
    });

    it("of another contract than the one that was called are decoded as well", async () => {
      const { client, account } = alice();
      const steps = [client.house.depositFor.populateTransaction(account, TOKEN)];
      const error = await refusal(batch(client, steps));
      expect(error.errorName).to.equal("ERC20InsufficientAllowance");
    });

    it("are the same with viem", async () => {
      const { account } = alice();
      const client: PublicClient = createPublicClient({ transport: custom(house.provider) });
      const thrown: unknown = await client
        .simulateContract({
          ...contractsOf(house).house,
          account: ownerOf(account),
          functionName: "withdraw",
          args: [account, 5n * TOKEN, ownerOf(account)],
        })
        .catch((error: unknown) => error);
      expect(decodeWithViem(thrown)?.message).to.equal("InsufficientCollateral: collateral 0, asked 5");
    });

    it("leave alone what is none", () => {
      expect(decodeWithViem(new Error("the line is dead"))).to.equal(undefined);
      expect(decodeWithViem({ data: "0xdeadbeef" })).to.equal(undefined);
      expect(decodeWithViem(undefined)).to.equal(undefined);
    });
  });
});
