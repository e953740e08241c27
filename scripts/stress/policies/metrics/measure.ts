/** Everything that is measured of one policy at one moment. */
import type { Allocation } from "../allocation.ts";
import type { Moment } from "../moment.ts";
import { type BeyondProfit, beyondProfitOf } from "./beyondProfit.ts";
import { type Concentration, concentrationOf } from "./concentration.ts";
import { gasOf } from "./gas.ts";
import { type Hedgers, hedgersAfter } from "./hedgers.ts";
import { type MarkOut, markOutOf } from "./markOut.ts";
import { type NextShock, nextShockAfter } from "./nextShock.ts";
import { type Tracking, trackingOf } from "./overshoot.ts";
import { type Pushed, pushedBy } from "./pushed.ts";
import { type Reach, reachOf } from "./reach.ts";

/** Marks after the moment, where they are known. */
export interface LaterMarks {
  readonly oneMinute: bigint;
  readonly fiveMinutes: bigint;
}

export interface Measures {
  readonly allocation: Allocation;
  readonly tracking: Tracking;
  readonly oneMinute: MarkOut | undefined;
  readonly fiveMinutes: MarkOut | undefined;
  readonly reach: Reach;
  readonly pushed: Pushed;
  readonly beyondProfit: BeyondProfit;
  readonly concentration: Concentration;
  readonly nextShock: NextShock;
  readonly hedgers: Hedgers;
  readonly gas: number;
}

export function measure(moment: Moment, allocation: Allocation, later?: LaterMarks): Measures {
  return {
    allocation,
    tracking: trackingOf(moment, allocation),
    oneMinute: later && markOutOf(moment, allocation, later.oneMinute),
    fiveMinutes: later && markOutOf(moment, allocation, later.fiveMinutes),
    reach: reachOf(moment, allocation),
    pushed: pushedBy(moment, allocation),
    beyondProfit: beyondProfitOf(moment, allocation),
    concentration: concentrationOf(
      allocation,
      moment.opposing.map(({ size }) => size),
    ),
    nextShock: nextShockAfter(moment, allocation),
    hedgers: hedgersAfter(moment, allocation),
    gas: gasOf(moment, allocation),
  };
}
