/** What the house answers when it does not do what it is asked: the name of its error. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}

export function check(holds: boolean, error: string): asserts holds {
  if (!holds) throw new Refusal(error);
}
