/** `npm run bench` as a person meets it. */
import { join } from "node:path";
import { expect } from "chai";
import { runScript, temporaryFolder } from "../../utils/commands.ts";

const { folder, remove } = temporaryFolder();
const bench = (...args: string[]) => runScript("../bench/bench.ts", ...args);

describe("wrong input to the benchmark", () => {
  after(remove);

  const cases: [string, string[], string | RegExp][] = [
    ["a part that is none", ["--only", "speed"], '--only must be one of gas, scaling, sdk, keeper, not "speed"'],
    ["a name that every object has", ["--only", "toString"], /^--only must be one of /],
    ["an unknown option", ["--write"], "Unknown option '--write' (--help shows the options)"],
    ["a page that cannot be written", ["--html", join(folder, "no", "such.html")], /such\.html: cannot be written$/],
  ];
  for (const [what, args, message] of cases) {
    it(`refuses ${what}`, () => {
      const { status, stdout, stderr } = bench(...args);
      expect(stderr).to.match(/^zerofloor: [^\n]+\n$/);
      const said = stderr.slice("zerofloor: ".length, -1);
      if (typeof message === "string") expect(said).to.equal(message);
      else expect(said).to.match(message);
      expect({ status, stdout }).to.deep.equal({ status: 2, stdout: "" });
    });
  }

  it("prints its options when asked", () => {
    const { status, stdout, stderr } = bench("--help");
    expect(stdout).to.match(/^Usage: npm run bench -- \[options\]/);
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: "" });
  });
});
