// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId, NO_ACCOUNT, accountId} from "../../../contracts/types/AccountId.sol";
import {Test} from "../../utils/Test.sol";

contract AccountIdTest is Test {
    function testFuzz_accountId_givesBackOwnerAndNumber(address owner, uint96 number) public pure {
        AccountId id = accountId(owner, number);
        assertEq(id.owner(), owner, "owner");
        assertEq(uint256(id.subAccount()), number, "number");
    }

    function testFuzz_accountId_isAnothersForAnotherOwnerOrNumber(
        address a,
        uint96 numberA,
        address b,
        uint96 numberB
    ) public pure {
        bool same = a == b && numberA == numberB;
        assertEq(accountId(a, numberA) == accountId(b, numberB), same, "==");
        assertEq(accountId(a, numberA) != accountId(b, numberB), !same, "!=");
    }

    function testFuzz_equals_itself(address owner, uint96 number) public pure {
        assertTrue(accountId(owner, number) == accountId(owner, number), "==");
        assertFalse(accountId(owner, number) != accountId(owner, number), "!=");
    }

    function test_accountId_laysOwnerAboveNumber() public pure {
        AccountId id = accountId(address(type(uint160).max), 0);
        assertEq(AccountId.unwrap(id), bytes32(type(uint256).max << 96), "owner");
        assertEq(AccountId.unwrap(accountId(address(0), type(uint96).max)), bytes32(uint256(2 ** 96 - 1)), "number");
    }

    function test_noAccount_belongsToNobody() public pure {
        assertEq(NO_ACCOUNT.owner(), address(0), "owner");
        assertTrue(NO_ACCOUNT == accountId(address(0), 0), "the first of nobody's");
    }
}
