/** What is counted, for Prometheus. */
import { Counter, Gauge, Histogram, Registry } from "prom-client";

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const WEI = 1e18;

export type Metrics = ReturnType<typeof newMetrics>;
export type ChainMetrics = ReturnType<Metrics["of"]>;

export function newMetrics() {
  const registry = new Registry();
  const registers = [registry];
  const gauge = (name: string, help: string) =>
    new Gauge({ name: `zerofloor_keeper_${name}`, help, labelNames: ["chain"], registers });
  const counter = (name: string, help: string, ...labels: string[]) =>
    new Counter({ name: `zerofloor_keeper_${name}`, help, labelNames: ["chain", ...labels], registers });
  const histogram = (name: string, help: string) =>
    new Histogram({ name: `zerofloor_keeper_${name}`, help, labelNames: ["chain"], buckets: SECONDS, registers });

  const all = {
    block: gauge("block", "The last block that was looked at."),
    blockTime: gauge("block_timestamp_seconds", "Its time."),
    accounts: gauge("accounts", "Accounts with a position."),
    warned: gauge("accounts_near_margin", "Accounts that are watched more closely, those below included."),
    liquidatable: gauge("accounts_liquidatable", "Accounts with 0 <= equity < MM, after the last look."),
    inDefault: gauge("accounts_in_default", "Accounts below zero, after the last look."),
    pending: gauge("transactions_pending", "Nonces on their way."),
    balance: gauge("balance", "What the key has for gas, in the chain's own coin."),
    spent: gauge("gas_spent_today", "What gas has cost since midnight UTC, in the chain's own coin."),
    stopped: gauge("stopped", "1 as long as the stop file is there."),
    measured: counter("accounts_measured_total", "Accounts that were measured at a price."),
    transactions: counter("transactions_total", "Transactions that were included.", "kind", "outcome"),
    refused: counter("refused_total", "What was planned and not sent.", "kind", "reason"),
    marginCalls: counter("margin_calls_total", "Margin calls that were delivered."),
    reorganisations: counter("reorganisations_total", "Reorganisations that were stepped back from."),
    failures: counter("failures_total", "Passes that were broken off."),
    pass: histogram("pass_seconds", "A pass, from the question for the newest block on."),
    reaction: histogram("reaction_seconds", "From the question for the newest block to a transaction sent."),
  };
  return {
    registry,
    of: (chain: string) => ({
      block: (number: number, timestamp: number) => {
        all.block.set({ chain }, number);
        all.blockTime.set({ chain }, timestamp);
      },
      accounts: (count: number) => {
        all.accounts.set({ chain }, count);
      },
      standings: (warned: number, liquidatable: number, inDefault: number) => {
        all.warned.set({ chain }, warned);
        all.liquidatable.set({ chain }, liquidatable);
        all.inDefault.set({ chain }, inDefault);
      },
      purse: (pending: number, balance: bigint, spent: bigint) => {
        all.pending.set({ chain }, pending);
        all.balance.set({ chain }, Number(balance) / WEI);
        all.spent.set({ chain }, Number(spent) / WEI);
      },
      stopped: (is: boolean) => {
        all.stopped.set({ chain }, is ? 1 : 0);
      },
      measured: (count: number) => {
        all.measured.inc({ chain }, count);
      },
      included: (kind: string, succeeded: boolean) => {
        all.transactions.inc({ chain, kind, outcome: succeeded ? "succeeded" : "reverted" });
      },
      refused: (kind: string, reason: string) => {
        all.refused.inc({ chain, kind, reason });
      },
      marginCalls: (count: number) => {
        all.marginCalls.inc({ chain }, count);
      },
      reorganised: () => {
        all.reorganisations.inc({ chain });
      },
      failed: () => {
        all.failures.inc({ chain });
      },
      pass: (seconds: number) => {
        all.pass.observe({ chain }, seconds);
      },
      reacted: (seconds: number) => {
        all.reaction.observe({ chain }, seconds);
      },
    }),
  };
}
