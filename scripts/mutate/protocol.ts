/** What a worker and its pool say to each other. */
export interface Work {
  readonly file: string;
  /** By their places among the file's mutants. */
  readonly mutants: readonly number[];
  /** Whether survivors are compiled once more, optimised, to see whether they are anything: takes longer than all the rest. */
  readonly compare: boolean;
}

export type Verdict = "killed" | "survived" | "invalid" | "equivalent" | "timed out";

export type Report =
  | { readonly type: "ready" }
  /** Begins to compile, or to run tests on this mutant. */
  | { readonly type: "begun"; readonly mutant?: number }
  | { readonly type: "judged"; readonly mutant: number; readonly verdict: Verdict; readonly by: string }
  /** Fails without a mutant, so it is not asked. */
  | { readonly type: "unfit"; readonly test: string; readonly reason: string }
  | { readonly type: "done" }
  | { readonly type: "failed"; readonly message: string };

/** The exit status of a worker whose mutant has used up the memory that it may have. */
export const OUT_OF_MEMORY = 77;
