/** What can go wrong between a keeper and a node, on the way to a real one: the same faults for the same seed. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";

interface Question {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** How often, of a hundred. */
const RATES = { hang: 2, drop: 3, wrongNonce: 25, noReceipt: 10, behind: 4 };
const MOST_BLOCKS_OF_LOGS = 4;

export type Fault = keyof typeof RATES | "tooManyLogs" | "reordered";

export interface Proxy {
  readonly url: string;
  readonly faults: Map<Fault, number>;
  /** As long as it is, nothing goes wrong. */
  quiet: boolean;
  close(): Promise<void>;
}

export async function startProxy(target: string, seed: number): Promise<Proxy> {
  const random = mulberry(seed);
  const faults = new Map<Fault, number>();
  const count = (fault: Fault) => {
    faults.set(fault, (faults.get(fault) ?? 0) + 1);
    return true;
  };
  const chances = new Map<Fault, number>();
  const happens = (fault: keyof typeof RATES) => {
    if (proxy.quiet) return false;
    const chance = (chances.get(fault) ?? 0) + 1;
    chances.set(fault, chance);
    // Each at least once, whatever the seed.
    const isDue = chance * RATES[fault] >= 100 && !faults.has(fault);
    return (isDue || random() * 100 < RATES[fault]) && count(fault);
  };

  const ask = async (body: string): Promise<unknown> => {
    const headers = { "content-type": "application/json" };
    return (await fetch(target, { method: "POST", headers, body })).json();
  };

  async function distort({ method, params }: Question, answer: Answer): Promise<Answer> {
    const { result } = answer;
    if (method === "eth_getTransactionCount" && happens("wrongNonce")) {
      const wrong = Number(result) + (random() < 0.5 ? -1 : 1 + Math.floor(random() * 3));
      return { ...answer, result: `0x${Math.max(0, wrong).toString(16)}` };
    }
    if (method === "eth_getTransactionReceipt" && happens("noReceipt")) return { ...answer, result: null };
    if (method === "eth_getBlockByNumber" && params[0] === "latest" && happens("behind")) {
      const number = Number((result as { number: string }).number) - 1;
      const question = { jsonrpc: "2.0", id: 1, method, params: [`0x${number.toString(16)}`, false] };
      return { ...answer, result: ((await ask(JSON.stringify(question))) as Answer).result };
    }
    return answer;
  }

  function refusal({ id, method, params }: Question): Answer | undefined {
    if (method !== "eth_getLogs" || proxy.quiet) return undefined;
    const { fromBlock, toBlock } = params[0] as { fromBlock: string; toBlock: string };
    if (Number(toBlock) - Number(fromBlock) < MOST_BLOCKS_OF_LOGS) return undefined;
    count("tooManyLogs");
    return { id, error: { code: -32_005, message: "query returned more than 10000 results" } };
  }

  async function answerTo(question: Question): Promise<Answer> {
    const refused = refusal(question);
    if (refused !== undefined) return { ...refused, ...{ jsonrpc: "2.0" } };
    return distort(question, (await ask(JSON.stringify(question))) as Answer);
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = JSON.parse(await text(request)) as Question | Question[];
    const hangs = happens("hang");
    // Half of what is not answered has arrived all the same.
    if (hangs && random() < 0.5) return;
    const answers = Array.isArray(asked) ? await Promise.all(asked.map(answerTo)) : await answerTo(asked);
    if (hangs) return;
    if (happens("drop")) {
      response.destroy();
      return;
    }
    if (Array.isArray(answers) && answers.length > 1 && !proxy.quiet) {
      count("reordered");
      answers.sort(() => random() - 0.5);
    }
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(answers));
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const proxy: Proxy = {
    url: `http://127.0.0.1:${typeof address === "object" ? (address?.port ?? 0) : 0}/`,
    faults,
    quiet: true,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return proxy;
}

/** Numbers from 0 to 1 that look random, the same for the same seed. */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
