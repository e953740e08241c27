/** A line of a check whose answer is still to be had. */
export interface Question {
  readonly what: string;
  /** Itself, or how it is found out. */
  readonly expected: string | bigint | number | boolean | (() => Promise<string>);
  readonly find: () => Promise<unknown>;
}
