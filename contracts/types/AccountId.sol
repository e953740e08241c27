// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Names an account: its owner and one of the owner's sub-accounts. Margin is shared inside an account and never
/// between two of them, so a sub-account with one market is an isolated position.
type AccountId is bytes32;

using {owner, subAccount, equals as ==, differs as !=} for AccountId global;

/// @dev The account of nobody: what is passed where no account is meant.
AccountId constant NO_ACCOUNT = AccountId.wrap(bytes32(0));

/// @dev `owner` in the upper 160 bits, `number` in the lower 96.
function accountId(address owner_, uint96 number) pure returns (AccountId) {
    return AccountId.wrap(bytes32((uint256(uint160(owner_)) << 96) | number));
}

function owner(AccountId id) pure returns (address) {
    return address(uint160(uint256(AccountId.unwrap(id)) >> 96));
}

function subAccount(AccountId id) pure returns (uint96) {
    return uint96(uint256(AccountId.unwrap(id)));
}

function equals(AccountId a, AccountId b) pure returns (bool) {
    return AccountId.unwrap(a) == AccountId.unwrap(b);
}

function differs(AccountId a, AccountId b) pure returns (bool) {
    return AccountId.unwrap(a) != AccountId.unwrap(b);
}
