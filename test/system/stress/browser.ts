/** A real browser for pages: Chromium over its debugging pipe, which needs no package, no driver and no port. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { pathToFileURL } from "node:url";
import { z } from "zod";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const SILENCE_SECONDS = 60;

const Message = z.object({
  id: z.number().optional(),
  method: z.string().optional(),
  sessionId: z.string().optional(),
  params: z.unknown().optional(),
  result: z.unknown().optional(),
  error: z.object({ message: z.string() }).optional(),
});
type Message = z.infer<typeof Message>;

/** Undefined where there is none. */
export function findBrowser(path = process.env["PATH"] ?? ""): string | undefined {
  return path
    .split(delimiter)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .find((file) => existsSync(file));
}

export interface Page {
  /** What the browser has complained about: uncaught errors and lines of the console. */
  readonly complaints: readonly string[];
  /** Everything that was asked for, the page itself included. */
  readonly requests: readonly string[];
  /** The value of an expression, which must be JSON. */
  evaluate(expression: string): Promise<unknown>;
  resize(width: number, isDark?: boolean): Promise<void>;
  /** PNG, of the whole page or of a part of its height. */
  screenshot(part?: { readonly from: number; readonly height: number }): Promise<Buffer>;
}

export interface Browser {
  open(file: string, width: number): Promise<Page>;
  close(): Promise<void>;
}

export function launch(executable: string): Browser {
  const profile = mkdtempSync(join(tmpdir(), "zerofloor-browser-"));
  const child = spawn(
    executable,
    [
      ...["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"],
      ...["--no-first-run", "--disable-background-networking", "--disable-extensions"],
      ...["--remote-debugging-pipe", `--user-data-dir=${profile}`, "about:blank"],
    ],
    { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] },
  );
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const pipe = new Pipe(child.stdio[3] as Writable, child.stdio[4] as Readable);
  child.once("error", (error) => {
    pipe.break(error);
  });
  child.once("exit", () => {
    pipe.break(new Error("the browser has ended"));
  });

  return {
    open: (file, width) => open(pipe, file, width),
    close: async () => {
      pipe.send("Browser.close").catch(() => child.kill("SIGKILL"));
      const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
      await ended;
      clearTimeout(timer);
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function open(pipe: Pipe, file: string, width: number): Promise<Page> {
  const { targetId } = z
    .object({ targetId: z.string() })
    .parse(await pipe.send("Target.createTarget", { url: "about:blank" }));
  const attached = await pipe.send("Target.attachToTarget", { targetId, flatten: true });
  const { sessionId } = z.object({ sessionId: z.string() }).parse(attached);
  const send = (method: string, params: object = {}) => pipe.send(method, params, sessionId);
  const complaints: string[] = [];
  const requests: string[] = [];
  const loaded = new Promise<void>((resolve) => {
    pipe.listen(sessionId, ({ method, params }) => {
      if (method === "Page.loadEventFired") resolve();
      if (method === "Network.requestWillBeSent") requests.push(Requested.parse(params).request.url);
      if (method === "Runtime.exceptionThrown" || method === "Runtime.consoleAPICalled" || method === "Log.entryAdded")
        complaints.push(JSON.stringify(params));
    });
  });
  for (const domain of ["Page", "Runtime", "Network", "Log"]) await send(`${domain}.enable`);
  let now = width;
  const resize = async (to: number, isDark = false) => {
    now = to;
    await send("Emulation.setDeviceMetricsOverride", { width: to, height: 900, deviceScaleFactor: 1, mobile: false });
    const value = isDark ? "dark" : "light";
    await send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value }] });
  };
  await resize(width);
  await send("Page.navigate", { url: pathToFileURL(file).href });
  await loaded;
  return {
    ...{ complaints, requests, resize },
    evaluate: async (expression) => {
      const found = Evaluated.parse(await send("Runtime.evaluate", { expression, returnByValue: true }));
      if (found.exceptionDetails !== undefined) throw new Error(`${expression}: ${found.exceptionDetails.text}`);
      return found.result.value;
    },
    screenshot: async (part) => {
      const clip =
        part === undefined ? {} : { clip: { x: 0, y: part.from, width: now, height: part.height, scale: 1 } };
      const shot = await send("Page.captureScreenshot", { captureBeyondViewport: true, format: "png", ...clip });
      return Buffer.from(z.object({ data: z.string() }).parse(shot).data, "base64");
    },
  };
}

const Requested = z.object({ request: z.object({ url: z.string() }) });
const Evaluated = z.object({
  result: z.object({ value: z.unknown().optional() }),
  exceptionDetails: z.object({ text: z.string() }).optional(),
});

/** Messages as JSON, each closed by a zero byte. */
class Pipe {
  readonly #to: Writable;
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  readonly #listeners = new Map<string, (message: Message) => void>();
  #rest = Buffer.alloc(0);
  #last = 0;
  #broken: Error | undefined;

  constructor(to: Writable, from: Readable) {
    this.#to = to;
    to.on("error", (error) => {
      this.break(error);
    });
    from.on("data", (chunk: Buffer) => {
      this.#read(chunk);
    });
  }

  send(method: string, params: object = {}, sessionId?: string): Promise<unknown> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`the browser does not answer to ${method}`));
      }, SILENCE_SECONDS * 1_000);
      const done =
        <T>(then: (value: T) => void) =>
        (value: T) => {
          clearTimeout(timer);
          this.#waiting.delete(id);
          then(value);
        };
      this.#waiting.set(id, { resolve: done(resolve), reject: done(reject) });
      this.#to.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  listen(sessionId: string, listener: (message: Message) => void): void {
    this.#listeners.set(sessionId, listener);
  }

  break(error: Error): void {
    this.#broken ??= error;
    for (const { reject } of [...this.#waiting.values()]) reject(this.#broken);
  }

  #read(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (let end = this.#rest.indexOf(0); end >= 0; end = this.#rest.indexOf(0)) {
      const text = this.#rest.subarray(0, end).toString("utf8");
      this.#rest = this.#rest.subarray(end + 1);
      this.#hear(Message.parse(JSON.parse(text)));
    }
  }

  #hear(message: Message): void {
    const { id, sessionId, error, result } = message;
    const waiting = id === undefined ? undefined : this.#waiting.get(id);
    if (waiting === undefined) this.#listeners.get(sessionId ?? "")?.(message);
    else if (error === undefined) waiting.resolve(result);
    else waiting.reject(new Error(error.message));
  }
}
