/** The command in a crash in which everything goes wrong that can: the rehearsal of the tests, with all of the accounts. */
import { type Fault } from "../test/support/proxy.ts";
import { rehearse } from "../test/support/rehearsal.ts";
import { type Crowded, NUMBERS } from "./crowd.ts";
import { atLeast, count, type Figure, none } from "./figures.ts";

export const PATH = [1_960n, 1_880n, 1_790n, 1_700n, 1_560n, 1_380n];

const NAMES: Readonly<Record<Fault, string>> = {
  hang: "requests without an answer",
  drop: "connections broken off",
  wrongNonce: "wrong nonces",
  noReceipt: "receipts held back",
  behind: "answers of a block ago",
  tooManyLogs: "questions for logs refused as too wide",
  reordered: "answers out of order",
};

export async function measureFaults({ house, key, address }: Crowded, onPrice: () => void): Promise<Figure[]> {
  const found = await rehearse(house, {
    ...{ key, address, numbers: NUMBERS, path: PATH, onPrice },
    ...{ millisecondsPerBlock: 700, timeoutMilliseconds: 3_000 },
  });
  const faults = Object.entries(NAMES).map(([fault, name]) => count(name, found.faults.get(fault as Fault) ?? 0));
  return [
    ...faults,
    {
      ...{ what: "restarts after SIGKILL with a transaction on its way", found: found.kills },
      ...{ unit: "", target: atLeast(1) },
    },
    { what: "blocks replaced by a reorganisation", found: found.replaced, unit: "", target: atLeast(3) },
    count("times that somebody was below margin or zero at a price", found.due),
    none("missed", found.missed),
    none("dealt with twice at the same price", found.twice),
    count("liquidations", found.liquidated),
    count("accounts deleveraged", found.deleveraged),
    count("transactions included", found.transactions),
    none("transactions for nothing", found.inVain.length),
  ];
}
