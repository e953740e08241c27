/** Who may do what, and after how many seconds. */
import type { History } from "../access.ts";
import type { Client } from "../../../packages/sdk/src/ethers/client.ts";
import type { Deployment } from "../contracts.ts";
import { ADMIN, GUARDIAN, RESTRICTED, RISK, ROLE_NAMES, selectorOf } from "../roles.ts";
import type { Question } from "./question.ts";

/** Who holds which role, and after how many seconds each call of theirs may be made. */
export type Members = ReadonlyMap<bigint, Readonly<Record<string, bigint>>>;

/** The roles as the deployment leaves them. */
export function membersBefore({ deployer }: Deployment): Members {
  return new Map([
    [ADMIN, { [deployer]: 0n }],
    [RISK, { [deployer]: 0n }],
    [GUARDIAN, {}],
  ]);
}

/** The roles as the handover leaves them. */
export function membersAfter(to: {
  multisig: string;
  guardian: string;
  riskDelay: bigint;
  adminDelay: bigint;
}): Members {
  return new Map([
    [ADMIN, { [to.multisig]: to.adminDelay }],
    [RISK, { [to.multisig]: to.riskDelay }],
    [GUARDIAN, { [to.guardian]: 0n }],
  ]);
}

export function roleQuestions(
  contracts: Client,
  history: History,
  { deployer, contracts: at }: Deployment,
  expected: Members,
  adminDelay: bigint,
): Question[] {
  const { manager } = contracts;
  const known = [...ROLE_NAMES];
  const holders = async (role: bigint): Promise<Record<string, bigint>> => {
    const found: Record<string, bigint> = {};
    for (const account of history.members.get(role) ?? []) {
      const { since, currentDelay } = await manager.getAccess(role, account);
      if (since !== 0n) found[account] = currentDelay;
    }
    return found;
  };
  const targets = { oracle: at.oracle, governor: at.governor, fund: at.fund };
  const restricted = new Set(RESTRICTED.map((one) => `${targets[one.contract]}.${selectorOf(contracts, one)}`));
  const roleText = (role: bigint) => ROLE_NAMES.get(role) ?? role.toString();
  return [
    ...known.map(([role, name]) => ({
      what: `role ${name}: held by`,
      expected: membersText(expected.get(role) ?? {}),
      find: async () => membersText(await holders(role)),
    })),
    {
      what: "other roles that somebody holds",
      expected: "none",
      find: async () => {
        const others = [...history.members.keys()].filter((role) => !ROLE_NAMES.has(role));
        const held = await Promise.all(others.map(async (role) => Object.keys(await holders(role)).length > 0));
        return listText(others.filter((_, i) => held[i]).map(String));
      },
    },
    {
      what: `deployer ${deployer}: holds`,
      expected: listText(
        known.filter(([role]) => expected.get(role)?.[deployer] !== undefined).map(([, name]) => name),
      ),
      find: async () => {
        const held = await Promise.all(known.map(async ([role]) => (await holders(role))[deployer] !== undefined));
        return listText(known.filter((_, i) => held[i]).map(([, name]) => name));
      },
    },
    ...known.flatMap(([role, name]) => [
      {
        what: `role ${name}: given by`,
        expected: "ADMIN",
        find: async () => roleText(await manager.getRoleAdmin(role)),
      },
      {
        what: `role ${name}: cancelled by`,
        expected: "ADMIN",
        find: async () => roleText(await manager.getRoleGuardian(role)),
      },
    ]),
    ...RESTRICTED.map((one) => ({
      what: `${one.contract}.${one.name}: only`,
      expected: roleText(one.role),
      find: async () =>
        roleText(await manager.getTargetFunctionRole(targets[one.contract], selectorOf(contracts, one))),
    })),
    {
      what: "other functions that are open to a role",
      expected: "none",
      find: async () => {
        const others = history.functions.filter(({ target, selector }) => !restricted.has(`${target}.${selector}`));
        const roles = await Promise.all(
          others.map(({ target, selector }) => manager.getTargetFunctionRole(target, selector)),
        );
        const open = others.filter((_, i) => roles[i] !== ADMIN);
        return listText(open.map(({ target, selector }) => `${selector} of ${target}`));
      },
    },
    {
      what: "contracts that are closed",
      expected: "none",
      find: async () => {
        const closed = await Promise.all([...history.targets].map((target) => manager.isTargetClosed(target)));
        return listText([...history.targets].filter((_, i) => closed[i]));
      },
    },
    ...Object.entries(targets).map(([name, target]) => ({
      what: `${name}: seconds before the admin's changes, as set last`,
      expected: adminDelay,
      find: () => Promise.resolve(history.adminDelays.get(target) ?? 0n),
    })),
  ];
}

function membersText(members: Readonly<Record<string, bigint>>): string {
  return listText(Object.entries(members).map(([account, delay]) => `${account} after ${delay} s`));
}

function listText(texts: readonly string[]): string {
  return texts.length === 0 ? "none" : texts.toSorted().join(", ");
}
