/** What a bench has found out. */
export interface Figure {
  readonly what: string;
  readonly found: number;
  /** What it has to be at least, or at most. */
  readonly target?: { readonly value: number; readonly isFloor: boolean };
}

export const atLeast = (what: string, found: number, value: number): Figure => ({
  ...{ what, found, target: { value, isFloor: true } },
});
export const atMost = (what: string, found: number, value: number): Figure => ({
  ...{ what, found, target: { value, isFloor: false } },
});
export const figure = (what: string, found: number): Figure => ({ what, found });

export function isMet({ found, target }: Figure): boolean {
  return target === undefined || (target.isFloor ? found >= target.value : found <= target.value);
}
