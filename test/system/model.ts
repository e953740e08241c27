import { expect } from "chai";
import { compare } from "../model/agreement.ts";

describe("the model", () => {
  it("and the contracts agree", async () => {
    const t0 = Date.now();
    const { tally, failure } = await compare({
      runs: Number(process.env["RUNS"] ?? 10),
      seed: Number(process.env["SEED"] ?? 1),
    });
    console.log(Date.now() - t0, Object.fromEntries([...tally].sort()));
    expect(failure ?? "", failure).to.equal("");
  }).timeout(1e7);
});
