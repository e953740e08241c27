/**
 * Cuts out what no lemma calls. The SMTChecker encodes every function of every file that is imported; with what is left, z3
 * has a hundredth of it to read. And it looks for loops, in which BMC would go around once only.
 */
import { z } from "zod";

const Reference = z.looseObject({ referencedDeclaration: z.number().nullish(), function: z.unknown().optional() });
const Definition = z.looseObject({
  id: z.number(),
  name: z.string(),
  body: z.looseObject({ src: z.string() }).nullish(),
  returnParameters: z.looseObject({ parameters: z.array(z.looseObject({ storageLocation: z.string() })) }).nullish(),
});

const LOOPS = ["ForStatement", "WhileStatement", "DoWhileStatement", "InlineAssembly"];

interface Routine {
  name: string;
  file: string;
  /** Of its body, in bytes of its file; absent where it must stay. */
  body: { start: number; length: number } | undefined;
  uses: Set<number>;
  loops: boolean;
}

/** Everything below a node of the syntax tree that is a node itself. */
function* nodesBelow(node: unknown): Generator<Record<string, unknown>> {
  if (Array.isArray(node)) for (const part of node) yield* nodesBelow(part);
  else if (typeof node === "object" && node !== null) {
    if ("nodeType" in node) yield { ...node };
    for (const part of Object.values(node)) yield* nodesBelow(part);
  }
}

function rangeOf(src: string): { start: number; length: number } {
  const [start = 0, length = 0] = src.split(":").map(Number);
  return { start, length };
}

function routinesOf(file: string, tree: unknown): Map<number, Routine> {
  const found = new Map<number, Routine>();
  for (const node of nodesBelow(tree)) {
    if (node["nodeType"] !== "FunctionDefinition" && node["nodeType"] !== "ModifierDefinition") continue;
    const { id, name, body, returnParameters } = Definition.parse(node);
    const uses = new Set<number>();
    let loops = false;
    for (const inner of nodesBelow(node)) {
      const { referencedDeclaration, function: operator } = Reference.parse(inner);
      if (typeof referencedDeclaration === "number") uses.add(referencedDeclaration);
      if (typeof operator === "number") uses.add(operator);
      loops ||= LOOPS.includes(String(inner["nodeType"]));
    }
    // Without a body, a reference to storage would be returned that refers to nothing.
    const stays = returnParameters?.parameters.some(({ storageLocation }) => storageLocation === "storage");
    found.set(id, { name, file, body: body && !stays ? rangeOf(body.src) : undefined, uses, loops });
  }
  return found;
}

/**
 * The sources, with an empty body for every function that cannot be reached from `root`.
 *
 * @param trees The syntax tree of each file.
 * @throws Where a function that is reached has a loop or assembly.
 */
export function onlyReachable(
  sources: Map<string, string>,
  trees: Map<string, unknown>,
  root: string,
): Map<string, string> {
  const routines = new Map([...trees].flatMap(([file, tree]) => [...routinesOf(file, tree)]));
  const reached = new Set([...routines].filter(([, { file }]) => file === root).map(([id]) => id));
  for (const id of reached) for (const used of routines.get(id)?.uses ?? []) if (routines.has(used)) reached.add(used);

  const buffers = new Map([...sources].map(([file, source]) => [file, Buffer.from(source)]));
  for (const [id, { name, file, body, loops }] of routines) {
    if (reached.has(id)) {
      if (loops) throw new Error(`${file}: ${name} has a loop or assembly, which cannot be proved here`);
    } else if (body) {
      buffers.get(file)?.fill(" ", body.start + 1, body.start + body.length - 1);
    }
  }
  return new Map([...buffers].map(([file, buffer]) => [file, buffer.toString()]));
}
