/**
 * What can be changed in a file, one small thing at a time. Works on the compiler's own syntax tree: it has exact byte ranges,
 * and the types that swapping arguments needs; and it cannot lag behind the language.
 */
import { closure, parse } from "./compiler.ts";
import { z } from "zod";

/** A function, or a constant with its value: what a mutant lies in. */
export interface Unit {
  readonly kind: "function" | "constant" | "other";
  readonly name: string;
  /** All ranges are in bytes. Of the whole definition. */
  readonly range: Range;
  /** Of a function's body with its braces, of a constant's value. */
  readonly body: Range;
  /** Of a function's parameters with their parentheses. */
  readonly parameters: readonly { readonly range: Range; readonly name: string }[];
  /** What stands between name and body in a copy of the function that is called by itself alone. */
  readonly signature: readonly [visibility: string, mutability: string, returns: string];
  /** Of a constant, where it is a number: without it the compiler would choose one by the value. */
  readonly type: string;
}

export interface Range {
  readonly start: number;
  readonly end: number;
}

export interface Mutant extends Range {
  readonly file: string;
  readonly line: number;
  /** Name of the function or constant. */
  readonly within: string;
  /** Index of the unit in its file. */
  readonly unit: number;
  /** What stands in the range instead. */
  readonly text: string;
  /** The change in one line, the same whatever line it stands on: what explanations are found by. */
  readonly change: string;
}

export interface Mutable {
  readonly file: string;
  readonly source: Buffer;
  readonly units: readonly Unit[];
  readonly mutants: readonly Mutant[];
}

const Node = z.looseObject({ nodeType: z.string(), src: z.string() });
type Node = z.infer<typeof Node>;

function isNode(value: unknown): value is Node {
  return Node.safeParse(value).success;
}

function one(node: Node, key: string): Node | undefined {
  return isNode(node[key]) ? node[key] : undefined;
}

function many(node: Node, key: string): Node[] {
  const value = node[key];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

function word(node: Node, key: string): string {
  const value = node[key];
  return typeof value === "string" ? value : "";
}

function typeOf(node: Node): string {
  const found = z.object({ typeDescriptions: z.object({ typeString: z.string().nullish() }) }).safeParse(node);
  return found.success ? (found.data.typeDescriptions.typeString ?? "") : "";
}

function rangeOf({ src }: { src: string }): Range {
  const [start = -1, length = 0] = src.split(":").map(Number);
  return { start, end: start + length };
}

/** One operator against the ones that it is taken for. Comparisons: the boundary, and the opposite. */
const OPERATORS: Readonly<Record<string, readonly string[]>> = {
  "+": ["-"],
  "-": ["+"],
  "*": ["/"],
  "/": ["*"],
  "%": ["*"],
  "**": ["*"],
  "<<": [">>"],
  ">>": ["<<"],
  "|": ["&"],
  "&": ["|"],
  "^": ["|"],
  "&&": ["||"],
  "||": ["&&"],
  "<": ["<=", ">="],
  "<=": ["<", ">"],
  ">": [">=", "<="],
  ">=": [">", "<"],
  "==": ["!="],
  "!=": ["=="],
  "+=": ["-="],
  "-=": ["+="],
  "*=": ["/="],
  "/=": ["*="],
  "|=": ["&="],
  "&=": ["|="],
  "<<=": [">>="],
  ">>=": ["<<="],
};
const COMPARISONS = new Set(["<", "<=", ">", ">=", "==", "!="]);
const CONNECTIVES = new Set(["&&", "||"]);

/** Which way a remainder goes, and which of two is taken. */
const OPPOSITES: readonly (readonly [string, string])[] = [
  ["Down", "Up"],
  ["Floor", "Ceil"],
  ["positivePart", "negativePart"],
];

function opposite(name: string): string | undefined {
  if (name === "min") return "max";
  if (name === "max") return "min";
  for (const [a, b] of OPPOSITES) {
    if (name.endsWith(a)) return name.slice(0, -a.length) + b;
    if (name.endsWith(b)) return name.slice(0, -b.length) + a;
  }
  return undefined;
}

/** In these the first two arguments may stand in either order. */
const COMMUTATIVE = /^(?:min|max|mulDiv|mulShift)/;

const LEAVING = new Set(["Return", "Continue", "Break", "RevertStatement"]);
const CALLABLE = new Set(["FunctionDefinition", "ModifierDefinition"]);

export async function mutantsOf(file: string): Promise<Mutable> {
  const source = Buffer.from(closure(file)[file] ?? "");
  const { errors, trees } = await parse(file);
  const tree = trees.get(file);
  if (!isNode(tree)) throw new Error(errors[0]?.message ?? `${file}: no syntax tree`);

  const units: Unit[] = [];
  const mutants: Mutant[] = [];
  const seen = new Set<string>();
  const shapes = new Map<string, number>();
  const text = ({ start, end }: Range) => source.toString("utf8", start, end);

  /** @param shown The part of the source that the change is shown in. */
  function add(range: Range, replacement: string, shown: Range): void {
    const id = `${range.start}:${range.end}:${replacement}`;
    if (seen.has(id) || text(range) === replacement) return;
    seen.add(id);
    const before = oneLine(text(shown));
    const after = oneLine(
      text({ start: shown.start, end: range.start }) + replacement + text({ start: range.end, end: shown.end }),
    );
    const shape = `${units.length - 1}: ${before} → ${after}`;
    const nth = (shapes.get(shape) ?? 0) + 1;
    shapes.set(shape, nth);
    mutants.push({
      ...range,
      file,
      line: text({ start: 0, end: range.start }).split("\n").length,
      within: units.at(-1)?.name ?? "",
      unit: units.length - 1,
      text: replacement,
      change: `${before} → ${after || "nothing"}${nth === 1 ? "" : ` (#${nth})`}`,
    });
  }

  /** A statement's range may end before it. */
  function withSemicolon(range: Range): Range {
    return text({ start: range.end, end: range.end + 1 }) === ";" ? { ...range, end: range.end + 1 } : range;
  }

  function negate(condition: Node): void {
    const operator = word(condition, "operator");
    if (condition.nodeType === "TupleExpression") {
      for (const inner of many(condition, "components")) negate(inner);
    } else if (CONNECTIVES.has(operator)) {
      for (const side of ["leftExpression", "rightExpression"]) {
        const operand = one(condition, side);
        if (operand) negate(operand);
      }
    } else if (!COMPARISONS.has(operator) && operator !== "!" && condition.nodeType !== "Literal") {
      // The opposite of a comparison is among its operators' already, and so is `!x` without its sign.
      add(rangeOf(condition), `!(${text(rangeOf(condition))})`, rangeOf(condition));
    }
  }

  /** @param from The first argument that has its place. */
  function swap(from: number, ranges: readonly Range[], types: readonly string[], shown: Range): void {
    for (let i = from; i + 1 < ranges.length; ++i) {
      const [a, b] = [ranges[i], ranges[i + 1]];
      if (!a || !b || types[i] !== types[i + 1] || text(a) === text(b)) continue;
      const between = text({ start: a.end, end: b.start });
      add({ start: a.start, end: b.end }, text(b) + between + text(a), shown);
    }
  }

  /** The operator between two operands. */
  function operatorRange(left: Node, right: Node, operator: string): Range {
    const after = rangeOf(left).end;
    const at = text({ start: after, end: rangeOf(right).start }).replace(/\/\/.*|\/\*[^]*?\*\//g, (c) =>
      " ".repeat(Buffer.byteLength(c)),
    );
    const start = after + Buffer.byteLength(at.slice(0, at.indexOf(operator)));
    return { start, end: start + operator.length };
  }

  function change(node: Node): void {
    const range = rangeOf(node);
    const operator = word(node, "operator");
    switch (node.nodeType) {
      case "BinaryOperation":
      case "Assignment": {
        const [left, right] =
          node.nodeType === "Assignment"
            ? [one(node, "leftHandSide"), one(node, "rightHandSide")]
            : [one(node, "leftExpression"), one(node, "rightExpression")];
        if (!left || !right) break;
        const at = operatorRange(left, right, operator);
        for (const other of OPERATORS[operator] ?? []) add(at, other, range);
        if (CONNECTIVES.has(operator)) negate(node);
        break;
      }
      case "UnaryOperation": {
        const operand = one(node, "subExpression");
        if (!operand) break;
        if (operator === "++" || operator === "--") {
          add(range, text(range).replace(operator, operator === "++" ? "--" : "++"), range);
        } else if (operator !== "delete") {
          add(range, text(rangeOf(operand)), range);
        }
        break;
      }
      case "Conditional": {
        const [yes, no] = [one(node, "trueExpression"), one(node, "falseExpression")];
        if (!yes || !no) break;
        const between = text({ start: rangeOf(yes).end, end: rangeOf(no).start });
        const swapped = text(rangeOf(no)) + between + text(rangeOf(yes));
        add({ start: rangeOf(yes).start, end: rangeOf(no).end }, swapped, range);
        break;
      }
      case "IfStatement": {
        const [condition, then] = [one(node, "condition"), one(node, "trueBody")];
        if (condition) negate(condition);
        const statements = then?.nodeType === "Block" ? many(then, "statements") : then ? [then] : [];
        const last = statements.at(-1);
        if (last && LEAVING.has(last.nodeType) && !one(node, "falseBody")) add(withSemicolon(range), "{}", range);
        break;
      }
      case "ForStatement":
      case "WhileStatement": {
        const condition = one(node, "condition");
        if (condition) negate(condition);
        break;
      }
      case "FunctionCall": {
        const callee = one(node, "expression");
        const args = many(node, "arguments");
        if (!callee || word(node, "kind") !== "functionCall") break;
        const name = word(callee, callee.nodeType === "MemberAccess" ? "memberName" : "name");
        const other = opposite(name);
        const { end } = rangeOf(callee);
        if (other) add({ start: end - Buffer.byteLength(name), end }, other, range);
        const [first] = args;
        if ((name === "require" || name === "assert") && callee.nodeType === "Identifier" && first) negate(first);
        else swap(COMMUTATIVE.test(name) ? 1 : 0, args.map(rangeOf), args.map(typeOf), range);
        break;
      }
      case "ExpressionStatement":
      case "EmitStatement": {
        const whole = withSemicolon(range);
        // Without one it is the last part of a loop's head.
        add(whole, whole === range ? "" : "{}", whole);
        break;
      }
      case "Literal":
        if (word(node, "kind") === "bool") add(range, text(range) === "true" ? "false" : "true", range);
        if (word(node, "kind") === "number") add(range, `(${text(range)} + 1)`, range);
        break;
      case "MemberAccess": {
        // `type(T).max`
        const inner = one(node, "expression");
        if (word(node, "memberName") === "max" && inner && typeOf(inner).startsWith("type(")) {
          add(range, `(${text(range)} - 1)`, range);
        }
        break;
      }
    }
  }

  function walk(node: Node): void {
    if (node.nodeType === "InlineAssembly" || node.nodeType.endsWith("TypeName")) return;
    change(node);
    for (const value of Object.values(node)) {
      for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) walk(child);
    }
  }

  function enter(node: Node): void {
    if (CALLABLE.has(node.nodeType)) {
      const body = one(node, "body");
      if (!body) return;
      const isFunction =
        node.nodeType === "FunctionDefinition" && ["function", "freeFunction"].includes(word(node, "kind"));
      const returned = one(node, "returnParameters");
      const parameters = one(node, "parameters");
      units.push({
        kind: isFunction ? "function" : "other",
        name: word(node, "name") || word(node, "kind"),
        range: rangeOf(node),
        body: rangeOf(body),
        parameters: (parameters ? many(parameters, "parameters") : []).map((p) => ({
          range: rangeOf(p),
          name: word(p, "name"),
        })),
        signature: [
          word(node, "kind") === "freeFunction" ? "" : "private",
          word(node, "stateMutability") === "nonpayable" ? "" : word(node, "stateMutability"),
          returned && many(returned, "parameters").length > 0 ? text(rangeOf(returned)) : "",
        ],
        type: "",
      });
      walk(body);
    } else if (node.nodeType === "VariableDeclaration") {
      const value = one(node, "value");
      if (!value) return;
      const kind = node["constant"] === true ? "constant" : "other";
      units.push({
        kind,
        name: word(node, "name"),
        range: rangeOf(node),
        body: rangeOf(value),
        parameters: [],
        signature: ["", "", ""],
        type: /^u?int\d+$/.test(typeOf(node)) ? typeOf(node) : "",
      });
      walk(value);
    } else {
      for (const child of many(node, "nodes")) enter(child);
    }
  }

  enter(tree);
  return { file, source, units, mutants: mutants.filter(({ unit }) => unit >= 0) };
}

function oneLine(text: string): string {
  const line = text
    .replace(/\/\/.*$/gm, "")
    .replace(/\s+/g, " ")
    .trim();
  return line.length <= 160 ? line : `${line.slice(0, 110)} … ${line.slice(-45)}`;
}
