/**
 * Many mutants in one compilation. Every mutant becomes a copy of its function, which the function itself calls when the number
 * in `MUTANT` says so. That number is a constant that no real number is: it is found in the compiled code and replaced, so
 * going from one mutant to the next costs no compilation.
 */
import type { Mutable, Mutant, Range } from "./mutants.ts";

const NUMBER = "6d7574616e74206d7574616e74206d7574616e74206d7574616e74206d757461";

export interface Embedded {
  readonly source: string;
  /** Where each mutant's text is now: an error of the compiler in it means that the mutant is none. */
  readonly ranges: readonly (Range & { readonly mutant: Mutant })[];
}

/** Whether a mutant can share a compilation with others. */
export function embeds({ units }: Mutable, { unit }: Mutant): boolean {
  return units[unit]?.kind !== "other";
}

/** One mutant alone, as if a person had typed it. */
export function typed({ source }: Mutable, { start, end, text }: Mutant): string {
  return source.toString("utf8", 0, start) + text + source.toString("utf8", end);
}

/** @param mutants Their numbers are their places in this list, from 1. Zero is the code as it is. */
export function embed({ source, units }: Mutable, mutants: readonly Mutant[]): Embedded {
  const text = ({ start, end }: Range) => source.toString("utf8", start, end);
  const ranges: (Range & { mutant: Mutant })[] = [];
  let result = "";
  let length = 0;
  let copied = 0;
  function put(piece: string): void {
    result += piece;
    length += Buffer.byteLength(piece);
  }
  function copyUpTo(position: number): void {
    put(text({ start: copied, end: position }));
    copied = position;
  }
  function putMutant(mutant: Mutant, within: Range): void {
    const start = length;
    put(text({ start: within.start, end: mutant.start }) + mutant.text + text({ start: mutant.end, end: within.end }));
    ranges.push({ start, end: length, mutant });
  }

  for (const [index, unit] of units.entries()) {
    const own = mutants.map((mutant, i) => ({ mutant, number: i + 1 })).filter(({ mutant }) => mutant.unit === index);
    const [first, last] = [own[0]?.number, own.at(-1)?.number];
    if (first === undefined || last === undefined) continue;

    if (unit.kind === "constant") {
      copyUpTo(unit.body.start);
      put("(");
      for (const { mutant, number } of own) {
        put(`MUTANT == ${number} ? ${unit.type}(`);
        putMutant(mutant, unit.body);
        put(`) : ${unit.type}(`);
      }
      copyUpTo(unit.body.end);
      put(")".repeat(own.length + 1));
      continue;
    }

    const names: string[] = [];
    const declared: string[] = [];
    for (const { range, name } of unit.parameters) {
      copyUpTo(range.end);
      const given = name || `unnamed${names.length}`;
      if (!name) put(` ${given}`);
      names.push(given);
      declared.push(text(range) + (name ? "" : ` ${given}`));
    }
    const [visibility, mutability, returned] = unit.signature;
    copyUpTo(unit.body.start + 1);
    put(` if (MUTANT >= ${first} && MUTANT <= ${last}) {`);
    for (const { number } of own) {
      const call = `${unit.name}Mutant${number}(${names.join(", ")})`;
      put(` if (MUTANT == ${number}) ${returned ? `return ${call};` : `{ ${call}; return; }`}`);
    }
    put(" }");
    copyUpTo(unit.range.end);
    for (const { mutant, number } of own) {
      const returns = returned ? `returns ${returned}` : "";
      put(`\nfunction ${unit.name}Mutant${number}(${declared.join(", ")}) ${visibility} ${mutability} ${returns} `);
      putMutant(mutant, unit.body);
    }
  }
  copyUpTo(source.length);
  put(`\nuint256 constant MUTANT = 0x${NUMBER};\n`);
  return { source: result, ranges };
}

/** The same bytecode with the mutant of this number at work; zero for none. */
export function choose(bytecode: string, number: number): string {
  return bytecode.replaceAll(NUMBER, number.toString(16).padStart(NUMBER.length, "0"));
}
