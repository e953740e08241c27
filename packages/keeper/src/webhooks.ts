/** Messages to people, by HTTP. Knows nothing of what they are about. */
import type { Clock } from "./clock.ts";
import { reasonOf } from "./setupError.ts";
import type { Log } from "./log.ts";

/** Delivers one message, or throws. */
export type Post = (url: string, body: string) => Promise<void>;

export const post: Post = async (url, body) => {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(10_000) });
  await answer.body?.cancel();
  if (!answer.ok) throw new Error(`the webhook answers ${answer.status}`);
};

/** How long the same alert is not repeated. */
const SILENCE_MILLISECONDS = 3_600_000;

/** Something that needs a person: said once an hour as long as it lasts. Never throws and is not waited for. */
export class Alerts {
  readonly #said = new Map<string, number>();

  constructor(
    private readonly url: string | undefined,
    private readonly log: Log,
    private readonly clock: Clock,
    private readonly deliver: Post = post,
  ) {}

  raise(subject: string, text: string): void {
    const last = this.#said.get(subject);
    if (last !== undefined && this.clock.now() - last < SILENCE_MILLISECONDS) return;
    this.#said.set(subject, this.clock.now());
    this.log.error({ alert: subject }, text);
    if (this.url === undefined) return;
    this.deliver(this.url, JSON.stringify({ alert: subject, text })).catch((error: unknown) => {
      this.log.warn({ alert: subject }, `the alert could not be delivered: ${reasonOf(error)}`);
    });
  }

  /** What was wrong is over: the next time it is said at once. */
  clear(subject: string): void {
    this.#said.delete(subject);
  }
}
