import { expect } from "chai";
import { FakeClock, recordingAlerts } from "./support/fakes.ts";

describe("Alerts", () => {
  it("say the same once an hour, and at once where it was over", () => {
    const clock = new FakeClock();
    const { alerts, raised } = recordingAlerts(clock);
    const say = () => {
      alerts.raise("stuck", "x");
    };
    say();
    say();
    alerts.raise("balance", "y");
    expect(raised).to.deep.equal(["stuck", "balance"]);
    clock.milliseconds += 3_600_000;
    say();
    expect(raised).to.deep.equal(["stuck", "balance", "stuck"]);
    alerts.clear("stuck");
    say();
    expect(raised).to.have.length(4);
  });
});
