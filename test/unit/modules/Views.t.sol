// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Errors} from "../../../contracts/interfaces/Errors.sol";
import {AccountId, accountId} from "../../../contracts/types/AccountId.sol";
import {MarketSet} from "../../../contracts/types/MarketSet.sol";
import {Rights, TRADE, WITHDRAW} from "../../../contracts/types/Rights.sol";
import {PackedRisk, RiskParameters, pack} from "../../../contracts/types/RiskParameters.sol";
import {HouseTest} from "./HouseTest.sol";

/// @notice Raw state, as last written.
contract ViewsTest is HouseTest {
    function test_accountOf_givesCollateralAndMarkets() public {
        (uint8 a, uint8 b) = (_list(100e18, _plain()), _list(100e18, _plain()));
        AccountId alice = _join("alice", 1_000);
        AccountId bob = _join("bob", 1_000);
        _fill(alice, bob, b, 10e18, 101e18);
        (uint256 collateral, MarketSet markets) = house.accountOf(alice);
        assertEq(collateral, 990e18, "collateral");
        assertFalse(markets.contains(a), "not in the first");
        assertTrue(markets.contains(b), "in the second");
        assertEq(markets.count(), 1, "one");
        (collateral, markets) = house.accountOf(_account("unknown"));
        assertEq(collateral, 0, "unknown: collateral");
        assertTrue(markets.isEmpty(), "unknown: markets");
    }

    function test_sizeOf_isSigned() public {
        uint8 m = _list(100e18, _plain());
        AccountId alice = _join("alice", 1_000);
        AccountId bob = _join("bob", 1_000);
        _fill(alice, bob, m, 10e18, 100e18);
        assertEq(house.sizeOf(alice, m), int256(10e18), "long");
        assertEq(house.sizeOf(bob, m), -10e18, "short");
        assertEq(house.sizeOf(_account("unknown"), m), int256(0), "none");
    }

    function test_sizeOf_refusesUnknownMarkets() public {
        AccountId alice = _account("alice");
        vm.expectRevert(abi.encodeWithSelector(Errors.UnknownMarket.selector, 0));
        house.sizeOf(alice, 0);
        vm.expectRevert(abi.encodeWithSelector(Errors.UnknownMarket.selector, 200));
        house.sizeOf(alice, 200);
    }

    function test_riskOf_isWhatWasPacked() public {
        RiskParameters memory p = _plain();
        p.minNotional = 7e18;
        uint8 m = _list(100e18, p);
        PackedRisk memory packed = house.riskOf(m);
        assertEq(keccak256(abi.encode(packed)), keccak256(abi.encode(pack(p))), "packed");
        assertEq(keccak256(abi.encode(packed.unpack())), keccak256(abi.encode(p)), "in words");
        assertEq(keccak256(abi.encode(house.riskOf(99))), keccak256(new bytes(64)), "unknown: all zero");
    }

    function test_rightsOf_isWhatWasSet() public {
        address operator = makeAddr("operator");
        house.setOperator(5, operator, WITHDRAW);
        AccountId own = accountId(address(this), 5);
        assertEq(Rights.unwrap(house.rightsOf(own, operator)), 2, "withdraw");
        assertEq(Rights.unwrap(house.rightsOf(own, address(this))), 0, "the owner needs none");
        assertTrue(house.mayAct(own, address(this), TRADE), "and may all the same");
        assertFalse(house.mayAct(own, operator, TRADE), "not granted");
    }

    function test_load_readsStorageAsItIs() public {
        _list(100e18, _plain());
        bytes32[] memory slots = new bytes32[](3);
        slots[0] = bytes32(uint256(7));
        slots[1] = keccak256("nothing here");
        slots[2] = slots[0];
        bytes32[] memory words = house.load(slots);
        assertEq(words.length, 3, "length");
        assertEq(words[0], vm.load(address(house), slots[0]), "as the chain has it");
        assertEq(words[0], bytes32(house.marketCount()), "the number of markets");
        assertEq(words[1], bytes32(0), "nothing");
        assertEq(words[2], words[0], "twice");
        assertEq(house.load(new bytes32[](0)).length, 0, "none");
    }

    function test_load_findsAnAccount() public {
        AccountId alice = _join("alice", 7);
        uint8 m = _list(100e18, _plain());
        _fill(alice, _join("bob", 1_000), m, 0.1e18, 100e18);
        bytes32[] memory slots = new bytes32[](1);
        slots[0] = keccak256(abi.encode(alice, 0));
        uint256 word = uint256(house.load(slots)[0]);
        assertEq(uint128(word), 7e18, "collateral");
        assertEq(word >> 128, 1 << m, "markets");
    }
}
