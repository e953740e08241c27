/** What other protocols need for the same, from `peers.json`. */
import { readFileSync } from "node:fs";
import { z } from "zod";

const FILE = new URL("peers.json", import.meta.url);

const Peer = z.strictObject({
  protocol: z.string().min(1),
  gas: z.number().int().positive(),
  transactions: z.number().int().positive(),
  /** Signed orders or messages that it checks, where that differs from ours or between peers. */
  signatures: z.number().int().positive().optional(),
  /** What it is for, or what it leaves out. */
  note: z.string().min(1).optional(),
  /** Which of the sources. */
  source: z.string().min(1),
});
export type Peer = z.infer<typeof Peer>;

const Operation = z.strictObject({
  name: z.string().min(1),
  /** Our figures that stand beside it. */
  ours: z.array(z.string().min(1)).min(1),
  /** What is comparable, and what is not. */
  comparable: z.string().min(1),
  peers: z.array(Peer).min(1),
});
export type Operation = z.infer<typeof Operation>;

export const Peers = z
  .strictObject({
    /** Under which rules a transaction is metered. */
    rules: z.string().min(1),
    sources: z.record(z.string(), z.string().min(1)),
    operations: z.array(Operation).min(1),
  })
  .superRefine(({ sources, operations }, context) => {
    const unknown = operations.flatMap(({ peers }) => peers).find(({ source }) => !(source in sources));
    if (unknown !== undefined)
      context.addIssue({ code: "custom", message: `${unknown.protocol}: no source called ${unknown.source}` });
    const names = operations.map(({ name }) => name);
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined) context.addIssue({ code: "custom", message: `${twice} is there twice` });
  });
export type Peers = z.infer<typeof Peers>;

export function readPeers(): Peers {
  return Peers.parse(JSON.parse(readFileSync(FILE, "utf8")));
}

/** Best first. */
export function ranked(peers: readonly Peer[]): Peer[] {
  return [...peers].sort((a, b) => a.gas - b.gas);
}

export function bestFor(peers: Peers, figure: string): Peer | undefined {
  const operation = peers.operations.find(({ ours }) => ours.includes(figure));
  return operation && ranked(operation.peers)[0];
}

/** `JOJO, two signatures`: what must be known to compare. */
export function peerText({ protocol, transactions, signatures, note }: Peer): string {
  const counted = (count: number | undefined, what: string) =>
    count === undefined ? [] : [`${["no", "one", "two"][count] ?? count} ${what}${count === 1 ? "" : "s"}`];
  return [
    protocol,
    ...(transactions === 1 ? [] : counted(transactions, "transaction")),
    ...counted(signatures, "signature"),
    ...(note === undefined ? [] : [note]),
  ].join(", ");
}
