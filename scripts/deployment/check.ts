/** What a deployment must be, line by line, and what the chain says. Reads the chain and asks nobody else. */
import type { Provider } from "ethers";
import type { ParameterFile } from "../../deploy/parameterFile.ts";
import { noProgress } from "../simulation/progress.ts";
import type { Progress } from "../simulation/run.ts";
import { readHistory } from "./access.ts";
import { connect } from "../../packages/sdk/src/ethers/client.ts";
import { type Deployment } from "./contracts.ts";
import { roleQuestions, type Members } from "./questions/members.ts";
import type { Question } from "./questions/question.ts";
import { marketQuestions, moneyQuestions } from "./questions/settings.ts";
import { codeQuestions, wiringQuestions } from "./questions/wiring.ts";

export interface Line {
  readonly what: string;
  readonly expected: string;
  readonly found: string;
}

const AT_ONCE = 8;

/**
 * @param members Who must have the roles.
 * @param adminDelay What must have been set on oracle, governor and fund.
 */
export async function check(
  provider: Provider,
  parameters: ParameterFile,
  deployment: Deployment,
  members: Members,
  adminDelay: bigint,
  progress: Progress = noProgress(),
): Promise<Line[]> {
  const contracts = connect(deployment, provider);
  const history = await readHistory(provider, contracts, deployment.startBlock);
  const questions = [
    ...codeQuestions(provider, parameters, deployment),
    ...wiringQuestions(contracts, deployment),
    ...roleQuestions(contracts, history, deployment, members, adminDelay),
    ...moneyQuestions(contracts, parameters),
    { what: "markets", expected: Object.keys(parameters.markets).length, find: () => contracts.house.marketCount() },
    ...Object.entries(parameters.markets).flatMap(([name, market], number) =>
      marketQuestions(provider, contracts, history, { name, number, market, deployment }),
    ),
  ];
  progress.stage("checking", questions.length);
  const answered = (question: Question) =>
    lineOf(question).finally(() => {
      progress.advance();
    });
  const lines: Line[] = [];
  // A few at a time: one by one takes minutes through a public node, and all at once it refuses.
  for (let i = 0; i < questions.length; i += AT_ONCE) {
    lines.push(...(await Promise.all(questions.slice(i, i + AT_ONCE).map(answered))));
  }
  progress.end();
  return lines;
}

async function lineOf({ what, expected, find }: Question): Promise<Line> {
  return {
    what,
    expected: typeof expected === "function" ? await answer(expected) : String(expected),
    found: await answer(find),
  };
}

/** A contract that is not there, or another one, answers nothing: that is a difference like any other. */
async function answer(find: () => Promise<unknown>): Promise<string> {
  try {
    return String(await find());
  } catch (cause) {
    const why = cause instanceof Error ? (cause.message.split(/[\n(]/)[0] ?? "").trim() : "";
    return `no answer: ${why}`;
  }
}
