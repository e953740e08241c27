/**
 * The code that a contract must have on a chain: the artifact's, with its immutables in place, so that equal code proves what
 * a contract is wired to as well. Left out is what no call reaches: the compiler's hash of its own input at the very end,
 * which names files that happened to be compiled in one go.
 */
import { readFileSync } from "node:fs";
import { dataLength, dataSlice, hexlify, getBytes, keccak256, toBeHex } from "ethers";
import { artifacts } from "hardhat";
import { z } from "zod";

const Output = z.object({ output: z.object({ sources: z.record(z.string(), z.object({ ast: z.unknown() })) }) });
const Immutable = z.object({ id: z.number(), name: z.string(), mutability: z.literal("immutable") });
/** The last two bytes say how long the compiler's note before them is. */
const LENGTH_BYTES = 2;
/** Per compilation, the names of immutables by their numbers. */
const namesOf = new Map<string, Map<string, string>>();

/** @param values Of every immutable of the contract, by name. */
export async function expectedCode(name: string, values: Readonly<Record<string, bigint | string>>): Promise<string> {
  const artifact = await artifacts.readArtifact(name);
  const names = await immutableNames(artifact.buildInfoId);
  const code = getBytes(artifact.deployedBytecode);
  for (const [id, places] of Object.entries(artifact.immutableReferences ?? {})) {
    const immutable = names.get(id) ?? "";
    const value = values[immutable];
    if (value === undefined) throw new Error(`${name} has an immutable ${immutable} that nobody knows`);
    const word = getBytes(toBeHex(value, 32));
    for (const { start, length } of places) code.set(word.subarray(32 - length), start);
  }
  return hexlify(code);
}

/** What tells one code from another. */
export function codeText(code: string): string {
  if (dataLength(code) < LENGTH_BYTES) return "no code";
  const metadata = Number(dataSlice(code, dataLength(code) - LENGTH_BYTES)) + LENGTH_BYTES;
  const kept = metadata < dataLength(code) ? dataSlice(code, 0, dataLength(code) - metadata) : code;
  return `keccak256 ${keccak256(kept)}`;
}

async function immutableNames(buildInfo: string | undefined): Promise<Map<string, string>> {
  const path = buildInfo === undefined ? undefined : await artifacts.getBuildInfoOutputPath(buildInfo);
  if (path === undefined) throw new Error("the compiler's output is missing: npm run build");
  const known = namesOf.get(path);
  if (known !== undefined) return known;
  const names = new Map<string, string>();
  const look = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    const { data } = Immutable.safeParse(node);
    if (data !== undefined) names.set(data.id.toString(), data.name);
    Object.values(node).forEach(look);
  };
  const { sources } = Output.parse(JSON.parse(readFileSync(path, "utf8"))).output;
  Object.values(sources).forEach(({ ast }) => {
    look(ast);
  });
  namesOf.set(path, names);
  return names;
}
