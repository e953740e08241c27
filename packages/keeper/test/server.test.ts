import { expect } from "chai";
import { newMetrics } from "../src/metrics.ts";
import { serve, type Server } from "../src/server.ts";
import { SetupError } from "../src/setupError.ts";
import { FakeClock } from "./support/fakes.ts";

describe("server", () => {
  const clock = new FakeClock();
  const metrics = newMetrics();
  let lookedAt: number | undefined;
  let server: Server;
  const get = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${server.port}${path}`);
    return { status: answer.status, text: await answer.text() };
  };
  const where = { host: "127.0.0.1", port: 0, maximumAgeSeconds: 60 };

  before(async () => {
    server = await serve(where, [{ name: "one", lookedAt: () => lookedAt }], metrics.registry, clock);
  });
  after(() => server.close());

  it("is healthy as long as the last block that was looked at is young", async () => {
    expect(await get("/healthz")).to.deep.equal({
      status: 503,
      text: '{"chains":[{"chain":"one","ageSeconds":null,"healthy":false}]}\n',
    });
    lookedAt = clock.now() / 1_000 - 60;
    expect(await get("/healthz")).to.deep.equal({
      status: 200,
      text: '{"chains":[{"chain":"one","ageSeconds":60,"healthy":true}]}\n',
    });
    clock.milliseconds += 1_000;
    expect((await get("/healthz")).status).to.equal(503);
  });

  it("shows what is counted", async () => {
    const chain = metrics.of("one");
    chain.block(12, 1_700_000_000);
    chain.included("liquidate", true);
    chain.reacted(0.2);
    const { status, text } = await get("/metrics");
    expect(status).to.equal(200);
    expect(text).to.include('zerofloor_keeper_block{chain="one"} 12');
    expect(text).to.include('zerofloor_keeper_transactions_total{chain="one",kind="liquidate",outcome="succeeded"} 1');
    expect(text).to.include('zerofloor_keeper_reaction_seconds_bucket{le="0.25",chain="one"} 1');
  });

  it("has nothing else", async () => {
    expect((await get("/")).status).to.equal(404);
  });

  it("says so where it cannot listen", async () => {
    const error: unknown = await serve({ ...where, port: server.port }, [], metrics.registry, clock).catch(
      (cause: unknown) => cause,
    );
    expect(error).to.be.instanceOf(SetupError);
    expect(String(error)).to.include("EADDRINUSE");
  });
});
