/** Address and ABI of every contract, as viem and wagmi take them. */
import type { Address, Contracts } from "../client/deployment.ts";
import * as abis from "../generated/abis.ts";

/** `useReadContract({ ...contractsOf(deployment).lens, functionName: "accountHealth", args: [account] })` */
export function contractsOf({ contracts: at }: { readonly contracts: Contracts }) {
  return {
    manager: { address: at.manager as Address, abi: abis.accessManagerAbi },
    token: { address: at.token as Address, abi: abis.permitTokenAbi },
    oracle: { address: at.oracle as Address, abi: abis.priceOracleAbi },
    house: { address: at.house as Address, abi: abis.clearingHouseAbi },
    vault: { address: at.vault as Address, abi: abis.collateralVaultAbi },
    fund: { address: at.fund as Address, abi: abis.insuranceFundAbi },
    governor: { address: at.governor as Address, abi: abis.marketGovernorAbi },
    lens: { address: at.lens as Address, abi: abis.clearingHouseLensAbi },
    settlement: { address: at.settlement as Address, abi: abis.orderSettlementAbi },
  } as const;
}
