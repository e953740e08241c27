/** `/healthz` and `/metrics`. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { Registry } from "prom-client";
import type { Clock } from "./clock.ts";
import { reasonOf, SetupError } from "./setupError.ts";

/** What is asked of a keeper's health. */
export interface Patient {
  readonly name: string;
  /** Time of the last block that was looked at, unix seconds; undefined before the first. */
  readonly lookedAt: () => number | undefined;
}

export interface Server {
  readonly port: number;
  close(): Promise<void>;
}

interface Health {
  readonly chain: string;
  readonly ageSeconds: number | null;
  readonly healthy: boolean;
}

export function healthOf(patients: readonly Patient[], maximumAgeSeconds: number, clock: Clock): Health[] {
  return patients.map(({ name, lookedAt }) => {
    const time = lookedAt();
    const age = time === undefined ? null : Math.max(0, Math.floor(clock.now() / 1_000) - time);
    return { chain: name, ageSeconds: age, healthy: age !== null && age <= maximumAgeSeconds };
  });
}

export async function serve(
  { host, port, maximumAgeSeconds }: { host: string; port: number; maximumAgeSeconds: number },
  patients: readonly Patient[],
  registry: Registry,
  clock: Clock,
): Promise<Server> {
  const server = createServer((request, response) => {
    const answer = (status: number, type: string, body: string) => {
      response.writeHead(status, { "content-type": type }).end(body);
    };
    if (request.url === "/healthz") {
      const chains = healthOf(patients, maximumAgeSeconds, clock);
      const status = chains.every(({ healthy }) => healthy) ? 200 : 503;
      answer(status, "application/json", `${JSON.stringify({ chains })}\n`);
    } else if (request.url === "/metrics") {
      registry.metrics().then(
        (text) => {
          answer(200, registry.contentType, text);
        },
        (error: unknown) => {
          answer(500, "text/plain", `${reasonOf(error)}\n`);
        },
      );
    } else {
      answer(404, "text/plain", "there is /healthz and /metrics\n");
    }
  });
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (cause) {
    throw new SetupError(`server: cannot listen at ${host}:${port}: ${reasonOf(cause)}`, { cause });
  }
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : port,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
