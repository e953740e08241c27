/** Bars over bins, and an outline over them where two distributions are compared. */
import { escape } from "../../page/plot.ts";
import { CEILING, FLOOR, round, type Scale } from "./frame.ts";

/** From its zero line, up or down. */
export function bars(values: readonly number[], x: Scale, y: Scale, colour: number): string {
  const zero = y.at(0);
  const drawn = values.map((value, i) => {
    const [left, right] = [x.at(i), x.at(i + 1)];
    const gap = right - left > 4 ? 0.8 : 0;
    return value === 0 ? "" : `M${round(left + gap)},${zero}V${y.at(value)}H${round(right - gap)}V${zero}z`;
  });
  return `<path class="bars" style="--c:var(--c${colour})" d="${drawn.join("")}"/>`;
}

export function outline(values: readonly number[], x: Scale, y: Scale, colour: number): string {
  const steps = values.map((value, i) => `V${y.at(value)}H${x.at(i + 1)}`);
  return `<path class="outline" style="--c:var(--c${colour})" d="M${x.at(0)},${y.at(0)}${steps.join("")}V${y.at(0)}"/>`;
}

/** What a pointer that rests on a bin is told. */
export function hits(says: readonly string[], x: Scale): string {
  return says
    .map((text, i) => {
      const left = x.at(i);
      return `<rect class="hit" x="${left}" y="${CEILING}" width="${round(x.at(i + 1) - left)}" height="${FLOOR - CEILING}"><title>${escape(text)}</title></rect>`;
    })
    .join("");
}
