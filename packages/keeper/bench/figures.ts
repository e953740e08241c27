/** What a bench has found out. */
export interface Figure {
  readonly what: string;
  readonly found: number;
  readonly unit: string;
  /** What it has to be at least, or at most. */
  readonly target?: Target;
  /** By which part it may be worse than a committed one; without it, it is not compared with any. */
  readonly tolerance?: number;
}

export interface Target {
  readonly value: number;
  readonly isFloor: boolean;
}

/** What depends on the machine: several times worse is worse. */
export const MACHINE = 3;

export function isMet({ found, target }: Figure): boolean {
  return target === undefined || (target.isFloor ? found >= target.value : found <= target.value);
}

export const atLeast = (value: number): Target => ({ value, isFloor: true });
export const atMost = (value: number): Target => ({ value, isFloor: false });

/** A count that has only one good value. */
export const none = (what: string, found: number): Figure => ({
  ...{ what, found, unit: "accounts", target: atMost(0), tolerance: 0 },
});

export const count = (what: string, found: number): Figure => ({ what, found, unit: "" });
