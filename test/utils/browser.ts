/** A page as a browser lays it out: Chromium without a window, where the machine has one. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/** Undefined where none is installed. */
export function findBrowser(): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find((file) => existsSync(file));
}

/**
 * What `script`, the body of a function, answers inside the page once it is loaded. The page itself has no script, so this is
 * added to a copy of it.
 */
export function evaluate(browser: string, html: string, width: number, script: string): unknown {
  const folder = mkdtempSync(join(tmpdir(), "zerofloor-page-"));
  try {
    const file = join(folder, "page.html");
    const answer = `<script>document.title = "answer" + JSON.stringify((() => { ${script} })());</script>`;
    writeFileSync(
      file,
      html.replace("</body>", () => `${answer}</body>`),
    );
    const { stdout, stderr, error } = spawnSync(
      browser,
      [
        ...[
          "--headless",
          "--no-sandbox",
          "--disable-gpu",
          "--hide-scrollbars",
          `--user-data-dir=${join(folder, "user")}`,
        ],
        ...[`--window-size=${width},2000`, "--dump-dom", pathToFileURL(file).href],
      ],
      { encoding: "utf8", timeout: 60_000 },
    );
    const found = /<title>answer(.*?)<\/title>/s.exec(stdout)?.[1];
    if (found === undefined) throw new Error(`the browser did not answer: ${stderr}`, { cause: error });
    return JSON.parse(found.replaceAll("&amp;", "&").replaceAll("&lt;", "<").replaceAll("&gt;", ">"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
