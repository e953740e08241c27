/** Refusals of the contracts, out of what ethers throws. */
import { Interface } from "ethers";
import { type ContractError, contractError, revertData } from "../client/errors.ts";
import { errorsAbi } from "../generated/abis.ts";

const errors = new Interface(errorsAbi);

/** The refusal that an error carries, whichever contract it comes from; undefined where it is something else. */
export function decodeError(error: unknown): ContractError | undefined {
  const data = revertData(error);
  const found = data === undefined ? null : errors.parseError(data);
  return found === null ? undefined : contractError(found.name, found.fragment.inputs, [...found.args], error);
}

/** Waits for `call` and throws the contracts' own refusal where it fails with one. */
export async function decoded<Result>(call: Promise<Result>): Promise<Result> {
  try {
    return await call;
  } catch (error) {
    throw decodeError(error) ?? error;
  }
}
