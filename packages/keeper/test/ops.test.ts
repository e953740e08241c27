/** What operators are given names only what there is. */
import { readFileSync } from "node:fs";
import { expect } from "chai";
import { newMetrics } from "../src/metrics.ts";

const read = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), "utf8");

describe("what operators are given", () => {
  for (const file of ["ops/alerts.yml", "ops/dashboard.json"]) {
    it(`asks for metrics that there are: ${file}`, async () => {
      const known = new Set((await newMetrics().registry.getMetricsAsJSON()).map(({ name }) => name));
      const asked = read(file).match(/zerofloor_keeper_\w+/g) ?? [];
      expect(asked.length).to.be.above(5);
      for (const name of asked) expect([...known]).to.include(name.replace(/_bucket$/, ""));
    });
  }

  it("is a dashboard in JSON", () => {
    const { panels } = JSON.parse(read("ops/dashboard.json")) as { panels: { id: number }[] };
    expect(new Set(panels.map(({ id }) => id)).size).to.equal(panels.length);
  });

  it("starts what the package builds", () => {
    const { bin } = JSON.parse(read("package.json")) as { bin: Record<string, string> };
    const path = `packages/keeper/${bin["zerofloor-keeper"]?.slice(2) ?? ""}`;
    expect(read("ops/Dockerfile")).to.include(path);
    expect(read("ops/zerofloor-keeper.service")).to.include(path);
  });
});
