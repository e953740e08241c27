/** What the operator can put right: one line on stderr and exit status 2, never a stack trace. */
export class SetupError extends Error {
  override readonly name = "SetupError";
}

/** The first line of whatever was thrown. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return withoutUrls(text.split("\n")[0] ?? "").slice(0, 300);
}

/** The address of a node may have a key in it. */
export function withoutUrls(text: string): string {
  return text.replace(/https?:\/\/[^\s"',)]+/g, "(address)");
}
