/** Refusals of the contracts, out of what viem throws. */
import { decodeErrorResult } from "viem";
import { type ContractError, contractError, revertData } from "../client/errors.ts";
import { errorsAbi } from "../generated/abis.ts";

/** The refusal that an error carries, whichever contract it comes from; undefined where it is something else. */
export function decodeError(error: unknown): ContractError | undefined {
  const data = revertData(error);
  if (data === undefined) return undefined;
  try {
    const { abiItem, errorName, args } = decodeErrorResult({ abi: errorsAbi, data });
    const { inputs } = abiItem as { inputs?: readonly { name?: string }[] };
    return contractError(errorName, inputs ?? [], args, error);
  } catch {
    return undefined;
  }
}
