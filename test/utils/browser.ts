/** A real browser for pages, where one is installed. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser as Chromium, chromium } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const HEIGHT = 900;

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
  setDark(isDark: boolean): Promise<void>;
  /** PNG, of the whole page. */
  screenshot(): Promise<Buffer>;
}

export interface Browser {
  open(file: string, width: number): Promise<Page>;
  close(): Promise<void>;
}

export async function launch(executablePath: string): Promise<Browser> {
  // In a container there is no sandbox to be had, and the pages are our own.
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
  return { open: (file, width) => open(browser, file, width), close: () => browser.close() };
}

async function open(browser: Chromium, file: string, width: number): Promise<Page> {
  const shown = await browser.newPage({ viewport: { width, height: HEIGHT }, colorScheme: "light" });
  const complaints: string[] = [];
  const requests: string[] = [];
  shown.on("console", (message) => complaints.push(message.text()));
  shown.on("pageerror", (error) => complaints.push(String(error)));
  shown.on("request", (request) => requests.push(request.url()));
  await shown.goto(pathToFileURL(file).href);
  return {
    ...{ complaints, requests },
    evaluate: (expression) => shown.evaluate(expression),
    setDark: (isDark) => shown.emulateMedia({ colorScheme: isDark ? "dark" : "light" }),
    screenshot: () => shown.screenshot({ fullPage: true }),
  };
}
