/** Whether each contract is the one of this checkout, and which others it knows. */
import { getCreateAddress, id, TypedDataEncoder, ZeroAddress, type Provider } from "ethers";
import type { ParameterFile } from "../../../deploy/parameterFile.ts";
import { codeText, expectedCode } from "../code.ts";
import type { Client } from "../../../packages/sdk/src/ethers/client.ts";
import type { Deployment } from "../contracts.ts";
import type { Question } from "./question.ts";

const MONEY_DECIMALS = 18;
const SHARE_DECIMALS = 27;
/** Money stays below this: `MAX_LEDGER` of `contracts/types/Ranges.sol`. */
const MAX_LEDGER = 1n << 112n;

/** What the house deploys with itself, in this order. */
export function deployedBy(house: string) {
  const address = (nonce: number) => getCreateAddress({ from: house, nonce });
  return { courier: address(1), vault: address(2), fund: address(3), governor: address(4) };
}

export function codeQuestions(provider: Provider, parameters: ParameterFile, deployment: Deployment): Question[] {
  const { manager, token, oracle, house, lens, settlement } = deployment.contracts;
  const { courier, vault, fund, governor } = deployedBy(house);
  const { decimals } = parameters.token;
  const fundAccount = BigInt(fund) << 96n;
  const tokenUnit = 10n ** BigInt(MONEY_DECIMALS - decimals);
  const offset = BigInt(SHARE_DECIMALS - decimals);
  const domain = (name: string, at: string) =>
    signingDomain({ name, chainId: deployment.chainId, verifyingContract: at });
  const code = (what: string, at: string, contract: string, immutables: Record<string, bigint | string>): Question => ({
    what: `${what}: code`,
    expected: async () => codeText(await expectedCode(contract, immutables)),
    find: async () => codeText(await provider.getCode(at)),
  });
  return [
    code("manager", manager, "AccessManager", {}),
    ...("address" in parameters.token
      ? []
      : [
          code("token", token, "PermitToken", {
            _decimals: BigInt(decimals),
            ...domain(parameters.token.name, token),
          }),
        ]),
    code("oracle", oracle, "PriceOracle", {
      sequencerFeed: parameters.sequencer?.feed ?? ZeroAddress,
      sequencerGrace: parameters.sequencer?.grace ?? 0n,
    }),
    code("house", house, "ClearingHouse", {
      vault,
      insuranceFund: fund,
      oracle,
      governor,
      fundAccount,
      _courier: courier,
      _tokenUnit: tokenUnit,
    }),
    code("courier", courier, "Courier", { _clearingHouse: house }),
    code("vault", vault, "CollateralVault", {
      clearingHouse: house,
      token,
      unit: tokenUnit,
      ledgerLimit: (MAX_LEDGER - 1n) / tokenUnit,
    }),
    code("fund", fund, "InsuranceFund", {
      clearingHouse: house,
      cooldown: parameters.fundCooldown,
      window: parameters.fundWindow,
      _vault: vault,
      _tokenUnit: tokenUnit,
      _offset: offset,
      _sharesAtPar: 10n ** offset,
      _asset: token,
      _underlyingDecimals: BigInt(decimals),
    }),
    code("governor", governor, "MarketGovernor", { _clearingHouse: house }),
    code("lens", lens, "ClearingHouseLens", {
      _house: house,
      _oracle: oracle,
      _vault: vault,
      _fund: fund,
      _fundAccount: fundAccount,
      _tokenUnit: tokenUnit,
    }),
    code("settlement", settlement, "OrderSettlement", {
      house,
      ...domain("Zerofloor Orders", settlement),
    }),
  ];
}

/** What a contract whose users sign for it keeps of its domain (EIP-712). */
function signingDomain(domain: { name: string; chainId: number; verifyingContract: string }) {
  const version = "1";
  return {
    _cachedDomainSeparator: TypedDataEncoder.hashDomain({ ...domain, version }),
    _cachedChainId: BigInt(domain.chainId),
    _cachedThis: domain.verifyingContract,
    _hashedName: id(domain.name),
    _hashedVersion: id(version),
    _name: shortString(domain.name),
    _version: shortString(version),
  };
}

/** As OpenZeppelin keeps it in a word: the letters from the left, their number in the last byte. */
function shortString(text: string): bigint {
  const letters = Buffer.from(text);
  return BigInt(`0x${letters.toString("hex").padEnd(62, "0")}`) * 256n + BigInt(letters.length);
}

export function wiringQuestions(contracts: Client, { contracts: at }: Deployment): Question[] {
  const { oracle, house, vault, fund, governor, settlement } = contracts;
  const own = deployedBy(at.house);
  return [
    { what: "house: vault", expected: own.vault, find: () => house.vault() },
    { what: "house: insurance fund", expected: own.fund, find: () => house.insuranceFund() },
    { what: "house: governor", expected: own.governor, find: () => house.governor() },
    { what: "house: oracle", expected: at.oracle, find: () => house.oracle() },
    { what: "vault: clearing house", expected: at.house, find: () => vault.clearingHouse() },
    { what: "vault: token", expected: at.token, find: () => vault.token() },
    { what: "fund: clearing house", expected: at.house, find: () => fund.clearingHouse() },
    { what: "fund: asset", expected: at.token, find: () => fund.asset() },
    { what: "settlement: house", expected: at.house, find: () => settlement.house() },
    { what: "oracle: authority", expected: at.manager, find: () => oracle.authority() },
    { what: "governor: authority", expected: at.manager, find: () => governor.authority() },
    { what: "fund: authority", expected: at.manager, find: () => fund.authority() },
  ];
}
