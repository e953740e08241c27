/** Adds up, from the clearing house's events, who bore what. Money throughout. */
import type { ContractTransactionReceipt } from "ethers";
import type { Chain } from "./chain.ts";
import { ONE } from "./fixedPoint.ts";
import type { Reason } from "./limits.ts";
import type { DeficitAllocatedEvent, SideScaledEvent } from "../../typechain/contracts/ClearingHouse.js";
import type { DeleveragedEvent, LiquidatedEvent } from "../../typechain/contracts/ClearingHouse.js";

export class Tally {
  liquidations = 0;
  deleveragings = 0;
  /** At mark, what keepers have taken over. */
  takenOver = 0n;
  incentives = 0n;
  liquidationFees = 0n;
  /** What defaulters could not pay themselves … */
  deficits = 0n;
  /** … and what the callers of the waterfall earned on top; these four bore the two: */
  bounties = 0n;
  insured = 0n;
  haircuts = 0n;
  shortfalls = 0n;
  /** At mark, what was closed on the side that opposed defaulters. */
  closed = 0n;
  /** How often orders of the crowd were filled … */
  fills = 0;
  /** … and how often a limit of the house refused it, by reason. */
  readonly refused = new Map<Reason, number>();
  /** Whom keepers had to act on. */
  readonly failed = new Set<string>();

  readonly #chain: Chain;

  constructor(chain: Chain) {
    this.#chain = chain;
  }

  totals() {
    const { liquidations, deleveragings, takenOver, incentives, liquidationFees } = this;
    const { deficits, bounties, insured, haircuts, shortfalls, closed, fills } = this;
    return {
      ...{ liquidations, deleveragings, takenOver, incentives, liquidationFees },
      ...{ deficits, bounties, insured, haircuts, shortfalls, closed, fills },
      refused: Object.fromEntries(this.refused),
      failed: [...this.failed],
    };
  }

  addFills(filled: number, refused: readonly Reason[]): void {
    this.fills += filled;
    for (const reason of refused) this.refused.set(reason, (this.refused.get(reason) ?? 0) + 1);
  }

  add(receipt: ContractTransactionReceipt): void {
    const marks = new Map<bigint, bigint>();
    for (const log of receipt.logs) {
      const event = this.#chain.house.interface.parseLog(log);
      if (event === null) continue;
      const args: unknown = event.args.toObject();
      switch (event.name) {
        case "Liquidated": {
          const { account, size, mark, incentive, fundFee } = args as LiquidatedEvent.OutputObject;
          this.liquidations += 1;
          this.takenOver += (size * mark) / ONE;
          this.incentives += incentive;
          this.liquidationFees += fundFee;
          this.failed.add(account);
          break;
        }
        case "Deleveraged": {
          this.deleveragings += 1;
          this.failed.add((args as DeleveragedEvent.OutputObject).account);
          break;
        }
        case "DeficitAllocated": {
          const found = args as DeficitAllocatedEvent.OutputObject;
          marks.set(found.market, found.mark);
          this.deficits += found.deficit;
          this.bounties += found.bounty;
          this.insured += found.insured;
          this.haircuts += found.longHaircut + found.shortHaircut;
          this.shortfalls += found.shortfall;
          break;
        }
        case "SideScaled": {
          // Comes after the allocation in the same market.
          const { market, closed } = args as SideScaledEvent.OutputObject;
          this.closed += (closed * (marks.get(market) ?? 0n)) / ONE;
          break;
        }
      }
    }
  }
}
