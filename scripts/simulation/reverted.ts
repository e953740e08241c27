/** A transaction that the contracts refused. */
export class Reverted extends Error {
  override readonly name = "Reverted";
  /** What they returned: an encoded error. */
  readonly data: string;

  constructor(cause: unknown) {
    // The engine's own error carries the sources of every contract on its way: pages, where a line says it.
    super(cause instanceof Error ? cause.message : String(cause));
    this.data = cause instanceof Error && "data" in cause && typeof cause.data === "string" ? cause.data : "0x";
  }
}
