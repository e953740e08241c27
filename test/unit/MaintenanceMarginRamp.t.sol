// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Errors} from "../../contracts/interfaces/Errors.sol";
import {IMarketGovernor} from "../../contracts/interfaces/IMarketGovernor.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {MarketStatus, RiskParameters} from "../../contracts/types/RiskParameters.sol";
import {World} from "../utils/World.sol";

/// @notice A maintenance margin that goes up: step by step, by anybody, and never so far in one that it surprises an account
/// with a hundredth more than it.
contract MaintenanceMarginRampTest is World {
    uint64 internal constant GUARDIAN = 7;

    address internal guardian = makeAddr("guardian");
    address internal stranger = makeAddr("stranger");
    uint8 internal market;

    function setUp() public override {
        super.setUp();
        market = _list(100e18, _plain());
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = IMarketGovernor.restrictMarket.selector;
        manager.setTargetFunctionRole(address(governor), selectors, GUARDIAN);
        manager.grantRole(GUARDIAN, guardian, 0);
    }

    // ------------------------------------------------------------------ announcing

    function test_rampOf_isNothingWhereNothingIsAnnounced() public {
        _assertRamp(0, 0);
        (uint24 target, uint40 nextAt) = governor.rampOf(255);
        assertEq(uint256(target) | nextAt, 0, "a market that is not listed");
        assertEq(governor.RAMP_INTERVAL(), 3600, "an hour");
        governor.setRiskParameters(market, _plain());
        _assertRamp(0, 0);
    }

    function test_setRiskParameters_announcesAHigherMarginAndKeepsTheOldOne() public {
        RiskParameters memory next = _with(60_000);
        (next.tradeFee, next.buffer, next.status) = (7, 1_300_000, MarketStatus.ReduceOnly);
        RiskParameters memory inForce = abi.decode(abi.encode(next), (RiskParameters));
        inForce.maintenanceMargin = 50_000;
        vm.expectEmit(address(governor));
        emit IMarketGovernor.RiskParametersSet(market, inForce, 60_000);
        governor.setRiskParameters(market, next);
        _assertParameters(inForce);
        _assertRamp(60_000, vm.getBlockTimestamp() + 1 hours);
    }

    function test_setRiskParameters_announcesThatAMillionthMoreIsToCome() public {
        governor.setRiskParameters(market, _with(50_001));
        _assertMargin(50_000);
        skip(1 hours);
        governor.raiseMaintenanceMargin(market);
        _assertMargin(50_001);
        _assertRamp(0, 0);
    }

    // ------------------------------------------------------------------ stepping

    function test_raise_notBeforeAnHour() public {
        _announce(60_000);
        uint256 due = vm.getBlockTimestamp() + 1 hours;
        _refusesToRaise(60_000, due);
        vm.warp(due - 1);
        _refusesToRaise(60_000, due);
        vm.warp(due);
        governor.raiseMaintenanceMargin(market);
        _assertMargin(50_500);
        _assertRamp(60_000, due + 1 hours);
        _refusesToRaise(60_000, due + 1 hours);
        vm.warp(due + 1 hours - 1);
        _refusesToRaise(60_000, due + 1 hours);
        vm.warp(due + 1 hours);
        governor.raiseMaintenanceMargin(market);
        _assertMargin(51_005);
    }

    function test_raise_byAnybodyAndKeepsTheRest() public {
        RiskParameters memory p = _with(60_000);
        (p.tradeFee, p.bountyRate, p.isolatedOnly, p.volatilityMargin) = (9, 8, true, 7);
        governor.setRiskParameters(market, p);
        skip(1 hours);
        p.maintenanceMargin = 50_500;
        vm.expectEmit(address(governor));
        emit IMarketGovernor.RiskParametersSet(market, p, 60_000);
        vm.prank(stranger);
        governor.raiseMaintenanceMargin(market);
        _assertParameters(p);
    }

    function test_raise_byAHundredthRoundedDown() public {
        _announce(60_000);
        uint256[6] memory margins = [uint256(50_500), 51_005, 51_515, 52_030, 52_550, 53_075];
        for (uint256 i; i < 6; ++i) {
            skip(1 hours);
            governor.raiseMaintenanceMargin(market);
            _assertMargin(margins[i]);
        }
    }

    function test_raise_byAMillionthAtLeast() public {
        _announce(60_000);
        uint24[4] memory from = [uint24(50), 99, 100, 199];
        uint24[4] memory to = [uint24(51), 100, 101, 200];
        for (uint256 i; i < 4; ++i) {
            _decree(market, _with(from[i]));
            skip(1 hours);
            governor.raiseMaintenanceMargin(market);
            _assertMargin(to[i]);
        }
        _decree(market, _with(200));
        skip(1 hours);
        governor.raiseMaintenanceMargin(market);
        _assertMargin(202);
    }

    function test_raise_arrivesExactly() public {
        _announce(50_700);
        skip(1 hours);
        governor.raiseMaintenanceMargin(market);
        _assertMargin(50_500);
        skip(1 hours);
        vm.expectEmit(address(governor));
        emit IMarketGovernor.RiskParametersSet(market, _with(50_700), 0);
        governor.raiseMaintenanceMargin(market);
        _assertMargin(50_700);
        _assertRamp(0, 0);
        skip(1 hours);
        _refusesToRaise(0, 1 hours);
    }

    function test_raise_arrivesInAStepThatIsWhole() public {
        _announce(50_500);
        skip(1 hours);
        governor.raiseMaintenanceMargin(market);
        _assertMargin(50_500);
        _assertRamp(0, 0);
    }

    /// @dev A step that nobody took is lost.
    function test_raise_makesUpForNothing() public {
        _announce(60_000);
        skip(100 days);
        governor.raiseMaintenanceMargin(market);
        _assertMargin(50_500);
        _refusesToRaise(60_000, vm.getBlockTimestamp() + 1 hours);
    }

    /// @dev From 5 % to 7.5 %: an account at 150 % of its margin is told 40 hours before it reaches it.
    function test_raise_byHalfTakesMoreThanFortyHours() public {
        _announce(75_000);
        uint256 start = vm.getBlockTimestamp();
        uint256 steps;
        for (uint24 target = 75_000; target != 0; (target, ) = governor.rampOf(market)) {
            skip(1 hours);
            governor.raiseMaintenanceMargin(market);
            ++steps;
        }
        _assertMargin(75_000);
        assertEq(steps, 41, "steps");
        assertEq(vm.getBlockTimestamp() - start, 41 hours, "time");
    }

    function testFuzz_raise_byItsMeaning(uint24 from, uint24 to) public {
        uint24 margin = uint24(bound(from, 1_000, 499_999));
        uint24 target = uint24(bound(to, margin + 1, 500_000));
        RiskParameters memory p = _bare(margin);
        _decree(market, p);
        p.maintenanceMargin = target;
        governor.setRiskParameters(market, p);
        for (uint256 i; i < 5 && margin != target; ++i) {
            skip(1 hours);
            governor.raiseMaintenanceMargin(market);
            uint256 raised = governor.riskParametersOf(market).maintenanceMargin;
            assertLe(raised * 100, uint256(margin) * 101, "a hundredth at most");
            if (raised != target) assertGt((raised + 1) * 100, uint256(margin) * 101, "and not less");
            assertLe(raised, target, "never beyond");
            margin = uint24(raised);
        }
        (uint24 left, ) = governor.rampOf(market);
        assertEq(uint256(left), margin == target ? 0 : target, "until it is there");
    }

    // ------------------------------------------------------------------ other decisions during a ramp

    function test_setRiskParameters_lowersAtOnceAndEndsTheRamp() public {
        _announce(60_000);
        skip(1 hours);
        governor.raiseMaintenanceMargin(market);
        RiskParameters memory lower = _with(49_000);
        (lower.priceBand, lower.fundFee) = (49_000, 0);
        vm.expectEmit(address(governor));
        emit IMarketGovernor.RiskParametersSet(market, lower, 0);
        governor.setRiskParameters(market, lower);
        _assertParameters(lower);
        _assertRamp(0, 0);
        skip(1 hours);
        _refusesToRaise(0, 1 hours);
    }

    function test_setRiskParameters_atWhereItIsEndsTheRamp() public {
        _announce(60_000);
        skip(1 hours);
        governor.raiseMaintenanceMargin(market);
        governor.setRiskParameters(market, _with(50_500));
        _assertMargin(50_500);
        _assertRamp(0, 0);
        skip(1 hours);
        _refusesToRaise(0, 1 hours);
    }

    /// @dev Whether it is the same target, a nearer or a further one: the hour begins again.
    function test_setRiskParameters_announcesAnew() public {
        uint24[3] memory targets = [uint24(60_000), 55_000, 65_000];
        for (uint256 i; i < 3; ++i) {
            _announce(60_000);
            skip(1 hours - 1);
            _announce(targets[i]);
            uint256 due = vm.getBlockTimestamp() + 1 hours;
            _assertMargin(50_000);
            _assertRamp(targets[i], due);
            skip(1);
            _refusesToRaise(targets[i], due);
            vm.warp(due - 1);
            _refusesToRaise(targets[i], due);
        }
        skip(1);
        governor.raiseMaintenanceMargin(market);
        _assertMargin(50_500);
        _assertRamp(65_000, vm.getBlockTimestamp() + 1 hours);
    }

    function test_restrictMarket_keepsTheRamp() public {
        _announce(60_000);
        uint256 due = vm.getBlockTimestamp() + 1 hours;
        skip(30 minutes);
        RiskParameters memory restricted = _plain();
        restricted.status = MarketStatus.ReduceOnly;
        vm.expectEmit(address(governor));
        emit IMarketGovernor.RiskParametersSet(market, restricted, 60_000);
        vm.prank(guardian);
        governor.restrictMarket(market);
        _assertParameters(restricted);
        _assertRamp(60_000, due);

        vm.warp(due);
        governor.raiseMaintenanceMargin(market);
        restricted.maintenanceMargin = 50_500;
        _assertParameters(restricted);
        _assertRamp(60_000, due + 1 hours);
    }

    function test_endMarket_endsTheRamp() public {
        _announce(60_000);
        RiskParameters memory ended = _plain();
        ended.status = MarketStatus.Settled;
        vm.expectEmit(address(governor));
        emit IMarketGovernor.RiskParametersSet(market, ended, 0);
        governor.endMarket(market);
        _assertParameters(ended);
        _assertRamp(0, 0);
        skip(1 hours);
        vm.expectRevert(abi.encodeWithSelector(Errors.MarketEnded.selector, market), address(governor));
        governor.raiseMaintenanceMargin(market);
        vm.expectRevert(abi.encodeWithSelector(Errors.MarketEnded.selector, market), address(governor));
        governor.setRiskParameters(market, _with(60_000));
        _assertParameters(ended);
        _assertRamp(0, 0);
    }

    function test_ramps_areOneForEachMarket() public {
        uint8 other = _list(50e18, _plain());
        _announce(60_000);
        skip(30 minutes);
        governor.setRiskParameters(other, _with(70_000));
        skip(30 minutes);
        governor.raiseMaintenanceMargin(market);
        vm.expectPartialRevert(Errors.NoMarginToRaise.selector, address(governor));
        governor.raiseMaintenanceMargin(other);
        (uint24 target, uint40 nextAt) = governor.rampOf(other);
        assertEq(uint256(target), 70_000, "target");
        assertEq(uint256(nextAt), vm.getBlockTimestamp() + 30 minutes, "next");
        assertEq(uint256(governor.riskParametersOf(other).maintenanceMargin), 50_000, "margin");
        _assertMargin(50_500);
    }

    // ------------------------------------------------------------------ refused

    function test_raise_refusesWhereNothingIsAnnounced() public {
        _refusesToRaise(0, 1 hours);
        governor.setRiskParameters(market, _with(50_000));
        skip(1 hours);
        _refusesToRaise(0, 1 hours);
    }

    function test_raise_refusesAMarketThatIsNotListed() public {
        vm.expectRevert(abi.encodeWithSelector(Errors.UnknownMarket.selector, 1), address(governor));
        governor.raiseMaintenanceMargin(1);
        vm.expectRevert(abi.encodeWithSelector(Errors.UnknownMarket.selector, 255), address(governor));
        governor.raiseMaintenanceMargin(255);
    }

    /// @dev What is bounded by the margin, against the lower one; what bounds it, against the higher one.
    function test_setRiskParameters_boundsAgainstBothMargins() public {
        RiskParameters memory p = _with(60_000);
        p.priceBand = 50_001;
        _refuses(p, "priceBand", 50_001, 0, 50_000);
        p = _with(60_000);
        (p.incentiveMax, p.fundFee) = (25_000, 5_000);
        _refuses(p, "fundFee", 5_000, 0, 0);
        (p.incentiveMax, p.fundFee) = (25_001, 0);
        _refuses(p, "incentiveMax", 25_001, 5_000, 25_000);
        p = _with(60_000);
        (p.initialMargin, p.initialMarginAtCap) = (60_000, 60_000);
        _refuses(p, "initialMargin", 60_000, 60_001, 1_000_000);
        p = _with(500_001);
        _refuses(p, "maintenanceMargin", 500_001, 1_000, 500_000);
        p = _with(60_000);
        (p.priceBand, p.incentiveMax, p.fundFee) = (50_000, 25_000, 0);
        (p.initialMargin, p.initialMarginAtCap) = (60_001, 60_001);
        governor.setRiskParameters(market, p);
        _assertRamp(60_000, vm.getBlockTimestamp() + 1 hours);
    }

    // ------------------------------------------------------------------ who is safe

    /// @dev 1,000 of notional and 50.5 of equity: 101 % of 50, and exactly what a step asks for.
    function test_raise_leavesAnAccountOfAHundredthMoreSafe() public {
        AccountId alice = _atMark(50.5e18);
        AccountId bob = _trader("keeper", 1_000);
        _announce(60_000);
        skip(1 hours);
        governor.raiseMaintenanceMargin(market);
        vm.expectRevert(abi.encodeWithSelector(Errors.NotLiquidatable.selector, alice, int256(50.5e18), 50.5e18));
        house.liquidate(alice, market, 1, bob);

        // The next hour is its owner's to do something in.
        skip(1 hours - 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.NotLiquidatable.selector, alice, int256(50.5e18), 50.5e18));
        house.liquidate(alice, market, 1, bob);
        skip(1);
        governor.raiseMaintenanceMargin(market);
        assertEq(house.liquidate(alice, market, 1e18, bob), 1e18, "after the next step it is too late");
    }

    function test_raise_byAnnouncementAloneChangesNothing() public {
        AccountId alice = _atMark(50e18);
        AccountId bob = _trader("keeper", 1_000);
        _announce(75_000);
        vm.expectRevert(abi.encodeWithSelector(Errors.NotLiquidatable.selector, alice, int256(50e18), 50e18));
        house.liquidate(alice, market, 1, bob);
    }

    /// @dev A wei less than a hundredth more is not safe.
    function test_raise_reachesAnAccountOfAWeiLess() public {
        AccountId alice = _atMark(50.5e18 - 1);
        AccountId bob = _trader("keeper", 1_000);
        vm.expectRevert(abi.encodeWithSelector(Errors.NotLiquidatable.selector, alice, int256(50.5e18 - 1), 50e18));
        house.liquidate(alice, market, 1, bob);
        _announce(60_000);
        skip(1 hours);
        governor.raiseMaintenanceMargin(market);
        assertEq(house.liquidate(alice, market, 1e18, bob), 1e18, "liquidated");
    }

    // ------------------------------------------------------------------ makings

    function _with(uint24 margin) private pure returns (RiskParameters memory p) {
        p = _plain();
        p.maintenanceMargin = margin;
    }

    /// @dev With nothing that the margin bounds.
    function _bare(uint24 margin) private pure returns (RiskParameters memory p) {
        p = _with(margin);
        (p.incentiveMin, p.incentiveMax, p.fundFee, p.priceBand) = (0, 0, 0, 0);
        (p.initialMargin, p.initialMarginAtCap) = (1_000_000, 1_000_000);
    }

    function _announce(uint24 margin) private {
        governor.setRiskParameters(market, _with(margin));
    }

    /// @dev Long 10 at 100 with so much equity, between MM and IM.
    function _atMark(uint256 equity) private returns (AccountId alice) {
        alice = _trader("alice", 100);
        AccountId bob = _trader("bob", 1_000);
        _fill(alice, bob, market, 10e18, 100e18);
        // A lower margin for a moment lets the rest out.
        RiskParameters memory p = _bare(1_000);
        (p.initialMargin, p.initialMarginAtCap) = (2_000, 2_000);
        _decree(market, p);
        vm.prank(alice.owner());
        house.withdraw(alice, 100e18 - equity, address(this));
        _decree(market, _plain());
    }

    function _refusesToRaise(uint256 target, uint256 nextAt) private {
        uint24 before = governor.riskParametersOf(market).maintenanceMargin;
        vm.expectRevert(
            abi.encodeWithSelector(Errors.NoMarginToRaise.selector, market, target, nextAt),
            address(governor)
        );
        governor.raiseMaintenanceMargin(market);
        _assertMargin(before);
    }

    /// @dev Neither a parameter nor a ramp changes.
    function _refuses(
        RiskParameters memory p,
        string memory name,
        uint256 value,
        uint256 lowest,
        uint256 highest
    ) private {
        vm.expectRevert(
            abi.encodeWithSelector(Errors.ParameterOutOfBounds.selector, name, value, lowest, highest),
            address(governor)
        );
        governor.setRiskParameters(market, p);
        _assertParameters(_plain());
        _assertRamp(0, 0);
    }

    function _assertMargin(uint256 expected) private view {
        assertEq(uint256(governor.riskParametersOf(market).maintenanceMargin), expected, "margin");
    }

    function _assertRamp(uint256 target, uint256 nextAt) private view {
        (uint24 foundTarget, uint40 foundNextAt) = governor.rampOf(market);
        assertEq(uint256(foundTarget), target, "target");
        assertEq(uint256(foundNextAt), nextAt, "next step");
    }

    function _assertParameters(RiskParameters memory p) private view {
        assertEq(keccak256(abi.encode(governor.riskParametersOf(market))), keccak256(abi.encode(p)), "parameters");
    }
}
