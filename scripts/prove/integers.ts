/**
 * The compiler writes shifts and masks as operations on bit vectors between two conversions, and there z3 gives up. Nearly
 * all of ours are by constants, so this writes them as what they are on integers: products and quotients of powers of two.
 * An equation, not an approximation; where the constant does not show, the result is any number, which can only make
 * less provable.
 */
type Expression = string | Expression[];

const WORD = 1n << 256n;
const HALF = 1n << 255n;

const OPERATIONS: Record<string, string> = { bvshl: "shl", bvlshr: "shr", bvashr: "sar", bvand: "masked" };

/** "if y is `value(k)` then `result(k)`", for every bit, else any number. */
function chain(value: (bit: bigint) => bigint, result: (bit: bigint) => string): string {
  const bits = Array.from({ length: 256 }, (_, bit) => BigInt(bit));
  return bits.reduceRight((rest, bit) => `(ite (= y ${value(bit)}) ${result(bit)} ${rest})`, "(unknown x y)");
}

/** Of `int256` and `uint256`: x is a number in the range of its type, and so is what comes out. */
const DEFINITIONS = `
(declare-fun unknown (Int Int) Int)
(define-fun word ((x Int)) Int (ite (and (<= 0 x) (< x ${WORD})) x (mod x ${WORD})))
(define-fun signed ((x Int)) Int (ite (< x ${HALF}) x (- x ${WORD})))
(define-fun power ((x Int) (y Int)) Int ${chain(
  (bit) => bit,
  (bit) => `${1n << bit}`,
)})
(define-fun shl ((x Int) (y Int)) Int (word (* x (power x y))))
(define-fun shr ((x Int) (y Int)) Int (div (word x) (power x y)))
(define-fun sar ((x Int) (y Int)) Int (div x (power x y)))
(define-fun masked ((x Int) (y Int)) Int ${chain(
  (bit) => (2n << bit) - 1n,
  (bit) => `(mod x ${2n << bit})`,
)})
`;

function parse(text: string): Expression[] {
  const open: Expression[][] = [[]];
  for (const [token] of text.matchAll(/\(|\)|\|[^|]*\||"[^"]*"|[^\s()]+/g)) {
    if (token === "(") open.push([]);
    else if (token === ")") {
      const closed = open.pop() ?? [];
      open.at(-1)?.push(closed);
    } else open.at(-1)?.push(token);
  }
  return open[0] ?? [];
}

function print(expression: Expression): string {
  return typeof expression === "string" ? expression : `(${expression.map(print).join(" ")})`;
}

/** x, where the expression is x as 256 bits: `(ite (>= x 0) ((_ int2bv 256) x) (bvneg ((_ int2bv 256) (- x))))`. */
function integerOf(bits: Expression | undefined): Expression | undefined {
  const positive = bits?.[0] === "ite" ? bits[2] : undefined;
  return Array.isArray(positive) && print(positive[0] ?? "") === "(_ int2bv 256)" ? positive[1] : undefined;
}

/** The operation on integers, where the expression is one on their bits. */
function operation(bits: Expression | undefined): Expression[] | undefined {
  if (!Array.isArray(bits) || typeof bits[0] !== "string") return undefined;
  const [name, left, right] = [OPERATIONS[bits[0]], integerOf(bits[1]), integerOf(bits[2])];
  return name !== undefined && left !== undefined && right !== undefined
    ? [name, rewrite(left), rewrite(right)]
    : undefined;
}

function rewrite(expression: Expression): Expression {
  if (typeof expression === "string") return expression;
  const [head, first] = expression;
  if (head === "bv2nat") {
    const found = operation(first);
    if (found && found[0] !== "sar") return found;
  }
  // As signed: the sign bit is looked at, in `(= ((_ extract 255 255) bits) #b0)`.
  if (head === "ite" && Array.isArray(first) && Array.isArray(first[1])) {
    const [extract = "", bits] = first[1];
    const found = print(extract) === "(_ extract 255 255)" ? operation(bits) : undefined;
    if (found) return found[0] === "sar" ? found : ["signed", found];
  }
  return expression.map(rewrite);
}

/** What the expression divides by what, and the compiler's name of the quotient d: `(= (+ (* d divisor) remainder) number)`. */
function* divisionsIn(
  expression: Expression,
): Generator<{ quotient: string; number: Expression; divisor: Expression }> {
  if (typeof expression === "string") return;
  const [head, sum, number] = expression;
  const product = head === "=" && Array.isArray(sum) && sum[0] === "+" ? sum[1] : undefined;
  if (Array.isArray(product) && number !== undefined) {
    const [, quotient, divisor] = product;
    if (typeof quotient === "string" && /^\|?d_div_mod_/.test(quotient) && divisor !== undefined)
      yield { quotient, number, divisor };
  }
  for (const part of expression) yield* divisionsIn(part);
}

/** That what divides the same by the same is the same. The compiler has a new unknown for each division, and z3 rarely sees it. */
function sameQuotients(expressions: Expression[]): string[] {
  const assertions = expressions
    .flatMap((expression) => [...divisionsIn(expression)])
    .map(({ quotient, number, divisor }) => ["assert", ["=", quotient, ["truncated", number, divisor]]]);
  return ["(declare-fun truncated (Int Int) Int)", ...assertions.map(print)];
}

/**
 * A query in SMT-LIB with its shifts and masks as integer arithmetic, in two forms: as it is, and with what z3 could find by
 * itself about divisions, which helps some questions and hinders others.
 */
export function onIntegers(query: string): [string, string] {
  const all = parse(query.replaceAll(/^;.*$/gm, ""));
  // Who asks says how long.
  const expressions = all.filter(([head]) => head !== "set-option").map(rewrite);
  const isOne = (name: string) => (expression: Expression) => expression[0] === name;
  const start = expressions.findIndex((one) => isOne("assert")(one) || isOne("declare-fun")(one));
  const end = expressions.findIndex(isOne("check-sat"));
  const lines = expressions.map(print);
  const text = (hints: string[]) =>
    [...lines.slice(0, start), DEFINITIONS, ...lines.slice(start, end), ...hints, ...lines.slice(end)].join("\n");
  return [text([]), text(sameQuotients(expressions))];
}
