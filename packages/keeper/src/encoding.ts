/** Actions as calls of the contracts. */
import { type AccountId, NO_ACCOUNT } from "zerofloor";
import {
  ClearingHouse__factory,
  type Client,
  OrderSettlement__factory,
  orderNonce,
  PythKeeper__factory,
  type SignedOrder,
  signOrder,
} from "zerofloor/ethers";
import type { Action, Leg, Sale } from "./plan/action.ts";
import type { Call } from "./sender.ts";

const house = ClearingHouse__factory.createInterface();
const settlement = OrderSettlement__factory.createInterface();
const pythKeeper = PythKeeper__factory.createInterface();

/** Whatever both orders allow. */
const ANY_SIZE = (1n << 128n) - 1n;

/** A sale with the keeper's own signature. */
export interface Signed {
  readonly resting: SignedOrder;
  readonly own: SignedOrder;
}

/** @param sales Those of the action, signed. */
export function encode(
  at: { readonly house: string; readonly settlement: string },
  action: Action,
  own: AccountId,
  sales: readonly Signed[],
): Call {
  const call = (data: string): Call => ({ to: at.house, data, value: 0n });
  if (action.kind === "deleverage")
    return call(house.encodeFunctionData("deleverage", [[...action.accounts], NO_ACCOUNT]));
  if (action.kind === "settle") return call(house.encodeFunctionData("settle", [[...action.accounts]]));
  if (action.kind === "accept") return call(house.encodeFunctionData("accrueFunding", [action.market]));
  const [leg, ...others] = action.legs;
  if (leg !== undefined && others.length === 0 && sales.length === 0) return call(liquidation(leg, own));
  const calls = [
    ...action.legs.map((each) => ({ target: at.house, data: liquidation(each, own) })),
    ...sales.map((each) => ({ target: at.settlement, data: pair(each, own) })),
  ];
  return call(house.encodeFunctionData("batch", [calls]));
}

/** The same behind prices that are brought: one account in default after the other, or one position. */
export function encodeWithPrices(
  keeper: string,
  update: readonly string[],
  fee: bigint,
  action: Action,
  own: AccountId,
): Call | undefined {
  const call = (data: string): Call => ({ to: keeper, data, value: fee });
  if (action.kind === "deleverage")
    return call(pythKeeper.encodeFunctionData("updateAndDeleverage", [[...update], [...action.accounts], NO_ACCOUNT]));
  const [leg] = action.kind === "liquidate" ? action.legs : [];
  if (leg === undefined) return undefined;
  const { account, market, size } = leg;
  return call(pythKeeper.encodeFunctionData("updateAndLiquidate", [[...update], account, market, size, own]));
}

function liquidation({ account, market, size }: Leg, own: AccountId): string {
  return house.encodeFunctionData("liquidate", [account, market, size, own]);
}

function pair({ resting, own }: Signed, feeTo: AccountId): string {
  const [buy, sell] = resting.order.isBuy ? [resting, own] : [own, resting];
  const { order: buying, signature: buyer } = buy;
  const { order: selling, signature: seller } = sell;
  return settlement.encodeFunctionData("settle", [buying, buyer, selling, seller, ANY_SIZE, feeTo]);
}

/** @param nextSequence A number that no order of the keeper has had. */
export async function signSales(
  client: Client,
  sales: readonly Sale[],
  account: AccountId,
  expiry: number,
  nextSequence: () => bigint,
): Promise<Signed[]> {
  if (sales.length === 0) return [];
  const epoch = await client.settlement.epochOf(account);
  return Promise.all(
    sales.map(async ({ resting, size, price }) => {
      const { market, isBuy } = resting.order;
      const nonce = orderNonce(0n, nextSequence());
      const order = { account, market, isBuy: !isBuy, reduceOnly: true, size, price, nonce, epoch, expiry, fee: 0 };
      return { resting, own: await signOrder(client, order) };
    }),
  );
}
