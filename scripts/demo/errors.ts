/** What the person who started the program can put right: one line on stderr and exit status 2, never a stack trace. */
export class InputError extends Error {
  override readonly name = "InputError";
}
