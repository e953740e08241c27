/** Brings people onto the chain: deposits, the trade right for the venue, and a share of the insurance fund. */
import { accountId, TRADE } from "./accounts.ts";
import type { Chain, Signer } from "./chain.ts";

export interface Account {
  readonly signer: Signer;
  /** Number 0 of the signer. */
  readonly id: string;
  /** Money, what was paid in. */
  readonly deposit: bigint;
}

/** Mints, approves and deposits, and lets the venue trade. */
export async function openAccount(chain: Chain, signer: Signer, deposit: bigint): Promise<Account> {
  const account = { signer, id: accountId(signer.address), deposit };
  await payIn(chain, account);
  const venue = await chain.settlement.getAddress();
  await chain.send((o) => chain.house.connect(signer).setOperator(0, venue, TRADE, o));
  return account;
}

/** The deposit, or the same once more. */
export async function payIn(chain: Chain, { signer, deposit }: Account): Promise<void> {
  const { send, token, house, vault, tokenUnit } = chain;
  const units = deposit / tokenUnit;
  const spender = await vault.getAddress();
  await send((o) => token.mint(signer.address, units, o));
  await send((o) => token.connect(signer).approve(spender, units, o));
  await send((o) => house.connect(signer).deposit(0, units, o));
}

/** Puts `amount` of money into the insurance fund, as a depositor of it. */
export async function insure(chain: Chain, backer: Signer, amount: bigint): Promise<void> {
  const { send, token, fund, tokenUnit } = chain;
  const units = amount / tokenUnit;
  if (units === 0n) return;
  const spender = await fund.getAddress();
  await send((o) => token.mint(backer.address, units, o));
  await send((o) => token.connect(backer).approve(spender, units, o));
  await send((o) => fund.connect(backer).deposit(units, backer.address, o));
}
