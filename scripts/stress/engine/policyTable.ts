/** All deleveragings of a run under every policy, added up. */
import { formatFixed } from "../../simulation/fixedPoint.ts";
import { percent } from "../../simulation/wording.ts";
import { type Comparison, CRITERIA, type Criterion, isSlight } from "../policies/compare.ts";
import type { Measures } from "../policies/metrics/measure.ts";
import type { PolicyTable } from "../result.ts";

/** What cannot be added up: the largest of all deleveragings … */
const LARGEST = new Set(["largest part of a profit charged"]);

export class Policies {
  readonly #sums = new Map<string, Map<Criterion, { sum: bigint; weight: bigint }>>();
  #events = 0;

  add({ measures, moment }: Comparison): void {
    ++this.#events;
    const weight = moment.defaulters.reduce((all, { deficit }) => all + deficit, 1n);
    for (const one of measures) this.#addOne(one, weight);
  }

  #addOne(one: Measures, weight: bigint): void {
    const { policy } = one.allocation;
    const sums = this.#sums.get(policy) ?? new Map<Criterion, { sum: bigint; weight: bigint }>();
    this.#sums.set(policy, sums);
    for (const criterion of CRITERIA) {
      const value = criterion.of(one);
      if (value === undefined) continue;
      const known = sums.get(criterion) ?? { sum: 0n, weight: 0n };
      if (LARGEST.has(criterion.name)) known.sum = value > known.sum ? value : known.sum;
      // … and what is a part of something: the mean, weighted by the deficit.
      else known.sum += criterion.unit === "ppm" ? value * weight : value;
      known.weight += weight;
      sums.set(criterion, known);
    }
  }

  /** @param traders Of the run. */
  table(traders: number): PolicyTable | undefined {
    if (this.#events === 0) return undefined;
    const policies = [...this.#sums.keys()];
    const columns = CRITERIA.filter((criterion) => this.#of(policies[0] ?? "", criterion) !== undefined);
    const [ours, ...others] = policies;
    const slight: string[] = [];
    const losses = columns.flatMap((criterion) => {
      const own = this.#of(ours ?? "", criterion) ?? 0n;
      const [best] = others
        .flatMap((policy) => ({ policy, value: this.#of(policy, criterion) ?? own }))
        .sort((a, b) => (a.value < b.value ? -1 : a.value > b.value ? 1 : 0));
      if (best === undefined || best.value >= own) return [];
      if (isSlight(criterion, own, best.value)) {
        slight.push(criterion.name);
        return [];
      }
      return [`${criterion.name}: ours ${inUnits(criterion, own)}, ${best.policy} ${inUnits(criterion, best.value)}`];
    });
    if (slight.length > 0) losses.push(`by no more than rounding: ${slight.join("; ")}`);
    return {
      columns: columns.map(({ name, unit }) => ({ key: name, title: name, unit: unitOf(unit), lowerIsBetter: true })),
      rows: policies.map((policy) => ({
        policy,
        isOurs: policy === ours,
        values: columns.map((criterion) => asNumber(criterion, this.#of(policy, criterion))),
      })),
      traders,
      events: this.#events,
      losses,
    };
  }

  #of(policy: string, criterion: Criterion): bigint | undefined {
    const found = this.#sums.get(policy)?.get(criterion);
    if (found === undefined) return undefined;
    return criterion.unit === "ppm" && !LARGEST.has(criterion.name) ? found.sum / found.weight : found.sum;
  }
}

function unitOf(unit: Criterion["unit"]): string {
  return unit === "ppm" ? "%" : unit;
}

function asNumber({ unit }: Criterion, value: bigint | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (unit === "money" || unit === "size") return Number(value) / 1e18;
  return unit === "ppm" ? Number(value) / 1e4 : Number(value);
}

function inUnits({ unit }: Criterion, value: bigint): string {
  if (unit === "money" || unit === "size") return formatFixed(value);
  return unit === "ppm" ? percent(value) : `${value.toLocaleString("en")} ${unit === "accounts" ? "" : unit}`.trim();
}
