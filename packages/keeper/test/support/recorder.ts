/** Something between a keeper and a node that writes down what is asked. */
import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";

export interface Recorder {
  readonly url: string;
  /** In the order in which they came. */
  readonly methods: readonly string[];
  close(): Promise<void>;
}

export async function startRecorder(target: string): Promise<Recorder> {
  const methods: string[] = [];
  const pass = async (body: string): Promise<string> => {
    for (const { method } of [JSON.parse(body) as { method: string } | { method: string }[]].flat())
      methods.push(method);
    const headers = { "content-type": "application/json" };
    return (await fetch(target, { method: "POST", headers, body })).text();
  };
  const server = createServer((request, response) => {
    text(request)
      .then(pass)
      .then(
        (answer) => response.end(answer),
        () => response.destroy(),
      );
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? (address?.port ?? 0) : 0}/`,
    methods,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
