/** Pass after pass, whatever goes wrong in one of them. */
import { expect } from "chai";
import { silent } from "../src/log.ts";
import { newMetrics } from "../src/metrics.ts";
import { keep } from "../src/start.ts";
import { FakeClock } from "./support/fakes.ts";

const CONFIG = { name: "test", pollMilliseconds: 1_000 };

/** Each pass goes as `passes` says, and after the last one it is told to stop. */
async function keepThrough(passes: readonly (Error | undefined)[]) {
  const [clock, stop, left] = [new FakeClock(), new AbortController(), [...passes]];
  const [begunAt, posted]: [number[], string[]] = [[], []];
  const pass = () => {
    begunAt.push((clock.now() - Date.UTC(2026, 0, 31)) / 1_000);
    const failure = left.shift();
    if (left.length === 0) stop.abort();
    return failure === undefined ? Promise.resolve() : Promise.reject(failure);
  };
  const post = (_: string, body: string) => {
    posted.push((JSON.parse(body) as { text: string }).text);
    return Promise.resolve();
  };
  const metrics = newMetrics();
  const around = { log: silent, metrics: metrics.of("test"), alertUrl: "http://127.0.0.1/", clock, post };
  await keep({ keeper: { pass }, config: CONFIG }, around, stop.signal);
  const failures = (await metrics.registry.getSingleMetric("zerofloor_keeper_failures_total")?.get())?.values[0]?.value;
  return { begunAt, posted, failures };
}

describe("keeping on", () => {
  const failure = new Error("no answer of http://somebody:secret@127.0.0.1/key\nand more");

  it("asks a node in trouble less and less often, and as often as ever once it is well", async () => {
    const passes = [undefined, failure, failure, failure, failure, failure, failure, undefined, undefined];
    const { begunAt, failures } = await keepThrough(passes);
    expect(begunAt).to.deep.equal([0, 1, 3, 7, 15, 31, 47, 63, 64]);
    expect(failures).to.equal(6);
  });

  it("tells somebody once nothing has worked for a minute, in a line without secrets", async () => {
    const { posted } = await keepThrough([undefined, ...Array.from({ length: 8 }, () => failure)]);
    expect(posted).to.deep.equal(["chain test: nothing has worked for a minute: no answer of (address)"]);
  });

  it("tells nobody of what is over within a minute, and tells it again the next time", async () => {
    const bad = Array.from({ length: 6 }, () => failure);
    expect((await keepThrough([...bad, undefined, ...bad])).posted).to.deep.equal([]);
    const worse = [...bad, failure, failure];
    expect((await keepThrough([...worse, undefined, ...worse])).posted).to.have.length(2);
  });
});
