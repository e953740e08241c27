/** JSON lines on standard output. */
import { pino } from "pino";

type Write = (fields: object, text: string) => void;

/** What of pino is used. */
export interface Log {
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
}

export function jsonLog(level: string, fields: Readonly<Record<string, string>> = {}): Log {
  return pino({ level, base: fields, timestamp: pino.stdTimeFunctions.isoTime });
}

const nothing: Write = () => undefined;
export const silent: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
