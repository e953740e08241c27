/** A table of text: the same for the terminal and for a page. */
import { styleText } from "node:util";
import CliTable from "cli-table3";
import { bare, indent, linesOf } from "../simulation/wording.ts";
import { escape } from "./plot.ts";

/** The first column names the rows. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Columns of words, which begin at the left like the first; and the first, where its names are so long that they wrap. */
  readonly words?: readonly number[];
}

export function heading(words: string): string {
  return `\n${styleText("bold", words)}`;
}

export function tableText({ head, rows, words = [] }: Table): string {
  const isProse = isOfProse(head);
  const table = new CliTable({
    head: [...head],
    colAligns: head.map((_, i) => (i === 0 || isProse || words.includes(i) ? "left" : "right")),
    ...bare(),
  });
  table.push(...rows.map((row) => [...row]));
  return indent(...linesOf(table));
}

export function tableHtml({ head, rows, words = [] }: Table): string {
  const isProse = isOfProse(head);
  const cell = (tag: "th" | "td", text: string, i: number) => {
    const name = i === 0 ? "th" : tag;
    return `<${name}${words.includes(i) ? ' class="words"' : ""}>${escape(text)}</${name}>`;
  };
  const cells = (tag: "th" | "td", row: readonly string[]) => row.map((text, i) => cell(tag, text, i)).join("");
  const top = isProse ? `<th colspan="2">${escape(head[0] ?? "")}</th>` : cells("th", head);
  return `<div class="wide"><table${isProse ? ' class="prose"' : ""}><thead><tr>${top}</tr></thead><tbody>${rows
    .map((row) => `<tr>${cells("td", row)}</tr>`)
    .join("")}</tbody></table></div>`;
}

/** A name and what is said about it, instead of numbers. */
function isOfProse(head: readonly string[]): boolean {
  return head.length === 2 && head[1] === "";
}
