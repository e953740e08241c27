/** Judges mutants in worker processes, so that one which never ends can be ended. */
import { type ChildProcess, fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { OUT_OF_MEMORY, type Report, type Verdict, type Work } from "./protocol.ts";

const WORKERS = Math.min(2, availableParallelism());
const JUDGE = fileURLToPath(new URL("judge.ts", import.meta.url));
/** The longest suite takes a few seconds, the longest compilation a minute; the machine may be busy. */
const LONGEST_RUN = 120_000;
const LONGEST_COMPILATION = 600_000;

export interface Listener {
  judged(file: string, mutant: number, verdict: Verdict, by: string): void;
  unfit(test: string, reason: string): void;
}

export async function judgeAll(works: readonly Work[], listener: Listener): Promise<void> {
  const queue = [...works];
  const workers = Array.from({ length: Math.min(WORKERS, queue.length) }, async () => {
    for (let work = queue.shift(); work !== undefined;)
      work = (await judgeSome(work, queue, listener)) ?? queue.shift();
  });
  await Promise.all(workers);
}

/**
 * One process: from this work on through the queue, until there is no more or a mutant does not end.
 * @return What is left of that mutant's work.
 */
function judgeSome(first: Work, queue: Work[], listener: Listener): Promise<Work | undefined> {
  return new Promise((resolve, reject) => {
    const child: ChildProcess = fork(JUDGE, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    let work = first;
    let open = new Set(work.mutants);
    let running: number | undefined;
    let timer: NodeJS.Timeout | undefined;

    function end(finish: () => void): void {
      clearTimeout(timer);
      child.removeAllListeners();
      child.kill("SIGKILL");
      finish();
    }
    /** The mutant that is being run did not end; its worker ends with it. */
    function giveUp(): void {
      const stuck = running;
      if (stuck === undefined) {
        fail(`${work.file}: the compiler did not end`);
        return;
      }
      listener.judged(work.file, stuck, "timed out", "");
      open.delete(stuck);
      end(() => {
        resolve(open.size > 0 ? { ...work, mutants: [...open] } : undefined);
      });
    }
    function fail(message: string): void {
      end(() => {
        reject(new Error(message));
      });
    }
    function watch(): void {
      clearTimeout(timer);
      timer = setTimeout(giveUp, running === undefined ? LONGEST_COMPILATION : LONGEST_RUN);
    }
    function send(): void {
      open = new Set(work.mutants);
      child.send(work);
    }

    child.on("message", (report: Report) => {
      running = report.type === "begun" ? report.mutant : running;
      watch();
      switch (report.type) {
        case "ready":
          send();
          break;
        case "begun":
          break;
        case "judged":
          open.delete(report.mutant);
          listener.judged(work.file, report.mutant, report.verdict, report.by);
          break;
        case "unfit":
          listener.unfit(report.test, report.reason);
          break;
        case "done": {
          const next = queue.shift();
          if (next === undefined) {
            end(() => {
              resolve(undefined);
            });
          } else {
            running = undefined;
            work = next;
            send();
          }
          break;
        }
        case "failed":
          fail(report.message);
      }
    });
    child.on("exit", (status) => {
      if (status === OUT_OF_MEMORY) giveUp();
      else fail(`${work.file}: the worker ended with status ${status ?? "unknown"}`);
    });
    watch();
  });
}
