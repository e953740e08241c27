// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Errors} from "../../../contracts/interfaces/Errors.sol";
import {Events} from "../../../contracts/interfaces/Events.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {PackedRisk, RiskParameters, pack} from "../../../contracts/types/RiskParameters.sol";
import {HouseTest} from "./HouseTest.sol";

/// @notice The house's side of governance: it takes the governor's word and nobody else's. Bounds are the governor's matter.
contract GovernanceTest is HouseTest {
    function test_addMarket_beginsWithAMarkOfTheOracle() public {
        uint8 m = _list(2000e18, _plain());
        assertEq(house.marketCount(), 1, "count");
        assertEq(_market(m).mark, 2000e18, "mark");
        assertEq(_market(m).high, 2000e18, "high");
        assertEq(_publishedAt(m), vm.getBlockTimestamp(), "published at");
        assertEq(_market(m).acceptedAt, vm.getBlockTimestamp(), "accepted at");
        // 103 bits less those of 1e24
        assertEq(_market(m).scale, 24, "scale");
        assertEq(_market(m).longBase, 2 ** 126, "A of longs");
        assertEq(_market(m).shortBase, 2 ** 126, "A of shorts");
        assertEq(_market(m).generation, 0, "generation");
    }

    function test_addMarket_isForTheGovernor() public {
        PackedRisk memory risk = pack(_plain());
        vm.expectRevert(abi.encodeWithSelector(Errors.OnlyGovernor.selector, address(this)));
        house.addMarket(risk, 24);
    }

    function test_addMarket_stopsAt128() public {
        vm.store(address(house), bytes32(uint256(7)), bytes32(uint256(128)));
        assertEq(house.marketCount(), 128, "count");
        PackedRisk memory risk = pack(_plain());
        vm.prank(address(governor));
        vm.expectRevert(abi.encodeWithSelector(Errors.TooManyMarkets.selector, 128, 128));
        house.addMarket(risk, 24);
    }

    function test_setRisk_isForTheGovernor() public {
        uint8 m = _list(100e18, _plain());
        PackedRisk memory risk = house.riskOf(m);
        vm.expectRevert(abi.encodeWithSelector(Errors.OnlyGovernor.selector, address(this)));
        house.setRisk(m, risk);
    }

    function test_addMarketAndSetRisk_touchNoOtherMarket() public {
        uint8 m = _list(100e18, _plain());
        uint8 other = _list(100e18, _plain());
        _quotePrice(m, 200e18);
        governor.setRiskParameters(other, _plain());
        _list(100e18, _plain());
        assertEq(_market(m).mark, 100e18, "nobody has asked for its price");
    }

    function test_setRisk_isInForceAtOnceAndTouchesNoBalance() public {
        uint8 m = _list(100e18, _plain());
        AccountId alice = _join("alice", 100);
        AccountId bob = _join("bob", 1_000);
        _fill(alice, bob, m, 10e18, 100e18);
        RiskParameters memory p = _plain();
        (p.initialMargin, p.initialMarginAtCap, p.maintenanceMargin) = (200_000, 200_000, 120_000);
        // Past the governor, which would let it rise by a hundredth an hour.
        _decree(m, p);
        _assertAccount(alice, m, 100e18, 10e18, "alice");
        // MM is 120 now: the position of 1,000 is short of it by 20, and the bounty of that is the liquidator's.
        vm.expectEmit(true, true, true, false, address(house));
        emit Events.Liquidated(alice, m, bob, 0, 0, 0, 0, 0, 0);
        house.liquidate(alice, m, ALL, bob);
        _assertSolvent();
    }

    /// @dev What was traded under the old clamp pays its funding by the old one.
    function test_setRisk_bringsFundingUpUnderTheOldParameters() public {
        RiskParameters memory p = _plain();
        p.maxFundingRate = 28_512;
        uint8 m = _list(100e18, p);
        _fill(_join("alice", 1_000), _join("bob", 1_000), m, 10e18, 101e18);
        _pass(4320);
        p.maxFundingRate = 0;
        governor.setRiskParameters(m, p);
        // A twentieth of a day at the mean of 1 % and 0.568 %.
        assertEq(_market(m).fundingIndex, int256(0.0392e18 << 24), "index");
        assertEq(_market(m).premium, int256(568_000), "premium");
        _pass(1);
        house.accrueFunding(m);
        assertEq(_market(m).fundingIndex, int256(0.0392e18 << 24), "nothing under the new ones");
        assertEq(_market(m).premium, int256(0), "clamped to nothing");
    }

    function test_constructor_wiresEverything() public view {
        assertEq(address(house.oracle()), address(oracle), "oracle");
        assertEq(vault.clearingHouse(), address(house), "vault's house");
        assertEq(vault.token(), address(token), "token");
        assertEq(fund.clearingHouse(), address(house), "fund's house");
        assertEq(IAccessManaged(address(governor)).authority(), address(manager), "authority of the governor");
        assertEq(fund.authority(), address(manager), "authority of the fund");
        assertEq(fundAccount.owner(), address(fund), "fund's account");
        assertEq(fundAccount.subAccount(), 0, "fund's account number");
    }
}
