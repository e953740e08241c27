/** Every policy, ours first. */
import type { Policy } from "./allocation.ts";
import { fundingIndex } from "./fundingIndex.ts";
import { integerProRata } from "./integerProRata.ts";
import { ours } from "./ours.ts";
import { profitProRata } from "./profitProRata.ts";
import { queue } from "./queue.ts";
import { waterFilling } from "./waterFilling.ts";

export const POLICIES: readonly Policy[] = [ours, queue, profitProRata, waterFilling, fundingIndex, integerProRata];
