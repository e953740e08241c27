// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Errors} from "../../../contracts/interfaces/Errors.sol";
import {IClearingHouseLens} from "../../../contracts/interfaces/IClearingHouseLens.sol";
import {IInsuranceFund} from "../../../contracts/interfaces/IInsuranceFund.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {RiskParameters} from "../../../contracts/types/RiskParameters.sol";
import {LensWorld} from "./LensWorld.sol";

/// @notice What the lens says of a market's limits, against hand-computed figures and against what the house then lets.
contract LensLimitsTest is LensWorld {
    uint256 private constant PPM = 1e6;
    /// @dev From 10 % to 50 % where so much is open: a hundredth of notional for every 2,500.
    uint256 private constant CAP = 100_000e18;

    uint8 private _market;
    AccountId private _whale;
    AccountId private _other;

    function setUp() public override {
        super.setUp();
        _market = _listFine(100e18, _growing());
        _whale = _trader("whale", 1e9);
        _other = _trader("other", 1e9);
    }

    // ------------------------------------------------------------------ the margin

    function test_marketSummary_ofAnEmptyMarket() public view {
        IClearingHouseLens.MarketSummary memory summary = lens.marketSummary(_market);
        assertEq(summary.initialMargin, 100_000, "initial margin");
        assertEq(summary.volatility, 0, "volatility");
        assertTrue(summary.calm, "its first mark is no jump");
        assertEq(summary.openInterestLimit, CAP, "limit");
        assertEq(summary.settlesAt, 0, "not ended");
    }

    function test_marketSummary_marginGrowsWithWhatIsOpen() public {
        _fill(_whale, _other, _market, 250e18, 100e18);
        assertEq(lens.marketSummary(_market).initialMargin, 200_000, "a quarter of the cap");
        // With a price that nobody has brought yet: 26,000, and a step of 5 % that has begun.
        _announce(_market, 104e18);
        IClearingHouseLens.MarketSummary memory summary = lens.marketSummary(_market);
        assertEq(summary.openInterest, 26_000e18, "open interest");
        assertEq(summary.initialMargin, 204_000, "at the new mark");
        assertEq(summary.volatility, 50_000, "volatility");
        _assertWritten(summary);
        _fill(_whale, _other, _market, 711.538461538461538461e18, 104e18);
        assertEq(lens.marketSummary(_market).initialMargin, 500_000, "at the cap");
    }

    function test_marketSummary_marginGrowsWithTheRange() public {
        _announce(_market, 130e18);
        IClearingHouseLens.MarketSummary memory summary = lens.marketSummary(_market);
        assertEq(summary.volatility, 300_000, "volatility");
        assertEq(summary.initialMargin, 150_000, "half of it");
        _assertWritten(summary);
        assertEq(lens.initialMarginAfter(_market, 250e18), 230_000, "32,500 need more than that");

        // 22:13 has come to midnight. Time alone does not calm it, the first mark of the new day does.
        _wait(6_400);
        assertEq(lens.marketSummary(_market).volatility, 300_000, "without a new mark");
        _quote(_market, 130e18);
        summary = lens.marketSummary(_market);
        assertEq(summary.volatility, 150_000, "half");
        assertEq(summary.initialMargin, 100_000, "of which half is less than an empty market asks");
        _assertWritten(summary);
        _announce(_market, 130e18);
        assertEq(lens.marketSummary(_market).volatility, 150_000, "once a day");
    }

    function test_accountHealth_asksForTheMarketsMargin() public {
        AccountId alice = _trader("alice", 1_000);
        _fill(alice, _other, _market, 10e18, 100e18);
        assertEq(lens.accountHealth(alice).initialMargin, 104e18, "10.4 %");
        _fill(_whale, _other, _market, 240e18, 100e18);
        assertEq(lens.accountHealth(alice).initialMargin, 200e18, "20 %, by what others do");
        assertEq(lens.accountHealth(alice).maintenanceMargin, 50e18, "MM knows nothing of it");
        assertEq(lens.accountHealth(alice).freeCollateral, 800e18, "free");
        _announce(_market, 102e18);
        // 25,500 at 102; a range of 2 %.
        IClearingHouseLens.AccountHealth memory health = lens.accountHealth(alice);
        assertEq(health.initialMargin, 206.04e18, "20.2 % of 1,020");
        assertEq(health.freeCollateral, 793.96e18, "free: the gain waits");
        _assertFree(alice, health);
    }

    // ------------------------------------------------------------------ a jump

    function test_marketSummary_isNotCalmInTheBlockOfAJump() public {
        _announce(_market, 105e18);
        assertTrue(lens.marketSummary(_market).calm, "exactly the maintenance margin");
        _quote(_market, 105e18 + 1);
        assertFalse(lens.marketSummary(_market).calm, "a wei more");
        // As long as nobody has brought it, it is the next call that does.
        _wait(1 hours);
        IClearingHouseLens.MarketSummary memory summary = lens.marketSummary(_market);
        assertFalse(summary.calm, "an hour later");

        bytes memory refusal = abi.encodeWithSelector(Errors.MarkJumped.selector, _market, 105e18 + 1);
        vm.expectRevert(refusal);
        _fill(_whale, _other, _market, 1e18, 105e18);
        _assertWritten(summary);
        vm.expectRevert(refusal);
        _fill(_whale, _other, _market, 1e18, 105e18);
        _wait(1);
        assertTrue(lens.marketSummary(_market).calm, "the next block");
        _fill(_whale, _other, _market, 1e18, 105e18);

        _announce(_market, 100e18);
        assertTrue(lens.marketSummary(_market).calm, "less than the margin back");
        _announce(_market, 99e18);
        assertFalse(lens.marketSummary(_market).calm, "more than it");
        _announce(_market, 100e18);
        assertTrue(lens.marketSummary(_market).calm, "a price that no call has taken leaves nothing behind");
    }

    /// @dev Whoever has a position waits for the next block; whoever has none does not.
    function test_freeCollateral_isNoneInTheBlockOfAJump() public {
        AccountId alice = _trader("alice", 1_000);
        AccountId idle = _trader("idle", 1_000);
        _fill(alice, _other, _market, 10e18, 100e18);
        _announce(_market, 90e18);
        // 900 of notional at 10.36 %; half of a range of three steps would be less.
        IClearingHouseLens.AccountHealth memory health = lens.accountHealth(alice);
        assertEq(health.initialMargin, 93.24e18, "IM");
        assertEq(health.equity, 900e18, "equity");
        assertEq(health.freeCollateral, 0, "free: none");
        vm.expectRevert(abi.encodeWithSelector(Errors.MarkJumped.selector, _market, 90e18));
        vm.prank(alice.owner());
        house.withdraw(alice, 1, address(this));
        assertEq(lens.accountHealth(idle).freeCollateral, 1_000e18, "whoever has none");
        vm.prank(idle.owner());
        house.withdraw(idle, 1_000e18, address(this));

        house.accrueFunding(_market);
        assertEq(lens.accountHealth(alice).freeCollateral, 0, "written in this block");
        _wait(1);
        health = lens.accountHealth(alice);
        assertEq(health.freeCollateral, 806.76e18, "free in the next");
        _assertFree(alice, health);
    }

    // ------------------------------------------------------------------ how much may be open

    function test_openInterestLimit_isWhatTheFundBears() public {
        _limit(2_000e18, 0, 50_000);
        assertEq(lens.marketSummary(_market).openInterestLimit, 0, "an empty fund bears nothing");
        _insure("backer", 1_000);
        assertEq(lens.marketSummary(_market).openInterestLimit, 20_000e18, "what is there");
        _fill(_whale, _other, _market, 200e18, 100e18);
        vm.expectRevert(
            abi.encodeWithSelector(Errors.OpenInterestAboveCap.selector, _market, 20_000e18 + 100, 20_000e18)
        );
        _fill(_whale, _other, _market, 1, 100e18);

        _insure("another", 5_000);
        assertEq(lens.marketSummary(_market).openInterestLimit, 40_000e18, "what may be drawn");
        _limit(2_000e18, 0, 20_000);
        assertEq(lens.marketSummary(_market).openInterestLimit, CAP, "the parameter");
        _limit(2_000e18, 0, 20_001);
        assertEq(lens.marketSummary(_market).openInterestLimit, 99_995_000_249_987_500_624_968, "the fund again");
        _limit(2_000e18, 0, 0);
        assertEq(lens.marketSummary(_market).openInterestLimit, CAP, "without a gap");
        assertEq(lens.marketSummaries()[0].openInterestLimit, CAP, "in the list");
    }

    function test_openInterestLimit_closesWhereTheFundPays() public {
        _limit(2_000e18, 1e18, 50_000);
        _insure("backer", 5_000);
        AccountId alice = _trader("alice", 110);
        _fill(alice, _other, _market, 10e18, 100e18);
        assertEq(lens.marketSummary(_market).openInterestLimit, 40_000e18, "a full bucket");
        _announce(_market, 80e18);
        _deleverage(alice);
        // 200 lost on 110.
        assertEq(lens.marketSummary(_market).openInterestLimit, 38_200e18, "90 less, twenty times");
        _wait(50);
        assertEq(lens.marketSummary(_market).openInterestLimit, 39_200e18, "50 seconds later");
        _wait(40);
        assertEq(lens.marketSummary(_market).openInterestLimit, 40_000e18, "full");
        _wait(1);
        assertEq(lens.marketSummary(_market).openInterestLimit, 40_000e18, "no fuller");
    }

    // ------------------------------------------------------------------ before a trade

    /// @dev Four longs in three: what is asked about is not a whole number of shares.
    function test_initialMarginAfter_isExactWhereLongsWereScaled() public {
        AccountId alice = _trader("alice", 120);
        _fill(_whale, _other, _market, 30e18, 100e18);
        _fill(_whale, alice, _market, 10e18, 100e18);
        _announce(_market, 120e18);
        _deleverage(alice);
        assertEq(lens.marketSummary(_market).openInterest, 3_600e18, "30 are left");
        assertEq(lens.initialMarginAfter(_market, 220e18), 220_000, "30,000");
        assertEq(lens.initialMarginAfter(_market, 220e18 + 1), 220_001, "a size-wei more");
    }

    function test_initialMarginAfter_examples() public {
        assertEq(lens.initialMarginAfter(_market, 0), 100_000, "nothing");
        assertEq(lens.initialMarginAfter(_market, 1), 100_001, "a size-wei");
        assertEq(lens.initialMarginAfter(_market, 250e18), 200_000, "a quarter of the cap");
        assertEq(lens.initialMarginAfter(_market, 1_000e18), 500_000, "the cap");
        assertEq(lens.initialMarginAfter(_market, 1e30), 500_000, "the largest side");
        _fill(_whale, _other, _market, 250e18, 100e18);
        assertEq(lens.initialMarginAfter(_market, 0), 200_000, "nothing more");
        assertEq(lens.initialMarginAfter(_market, 250e18), 300_000, "as much again");
        // With a price that nobody has brought yet, and whatever the fund bears.
        _announce(_market, 110e18);
        _limit(0, 0, 1_000_000);
        assertEq(lens.initialMarginAfter(_market, 0), 210_000, "27,500");
        assertEq(lens.initialMarginAfter(_market, 250e18), 320_000, "55,000");
        assertEq(lens.initialMarginAfter(_market, 1e30), 500_000, "the largest side");
    }

    function test_initialMarginAfter_refuses() public {
        vm.expectRevert(abi.encodeWithSelector(Errors.UnknownMarket.selector, 1));
        lens.initialMarginAfter(1, 1e18);
        vm.expectRevert(abi.encodeWithSelector(Errors.UnknownMarket.selector, 255));
        lens.initialMarginAfter(255, 0);
        vm.expectRevert(abi.encodeWithSelector(Errors.SizeOutOfRange.selector, 1e30 + 1, 1e30));
        lens.initialMarginAfter(_market, 1e30 + 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.SizeOutOfRange.selector, type(uint256).max, 1e30));
        lens.initialMarginAfter(_market, type(uint256).max);
    }

    struct Case {
        uint256 open;
        uint256 size;
        uint256 price;
        bool buys;
        bool written;
    }

    /// @dev With exactly that margin a fill passes, and with a wei less it does not.
    function testFuzz_initialMarginAfter_isWhatAFillNeeds(Case memory c) public {
        c.price = bound(c.price, 60e18, 170e18);
        uint256 room = (CAP * 1e18) / 170e18;
        c.open = bound(c.open, 0, room - 1);
        if (c.open != 0) _fill(_whale, _other, _market, c.open, 100e18);
        _announce(_market, c.price);
        // A jump is over in the next block.
        if (c.written || !lens.marketSummary(_market).calm) {
            house.accrueFunding(_market);
            _wait(1);
        }
        c.size = bound(c.size, 1, room - c.open);
        uint256 rate = lens.initialMarginAfter(_market, c.size);
        uint256 margin = _ceil(_ceil(c.size * c.price, 1e18) * rate, PPM);

        AccountId alice = _trader("alice", 0);
        _deposit(alice, margin - 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.InsufficientMargin.selector, alice, int256(margin) - 1, margin));
        _take(c, alice);
        _deposit(alice, 1);
        _take(c, alice);
        assertEq(lens.marketSummary(_market).initialMargin, rate, "rate");
        assertEq(lens.accountHealth(alice).initialMargin, margin, "IM");
        assertEq(lens.accountHealth(alice).freeCollateral, 0, "nothing is free");
    }

    function _take(Case memory c, AccountId alice) private {
        if (c.buys) _fill(alice, _other, _market, c.size, c.price);
        else _fill(_whale, alice, _market, c.size, c.price);
    }

    /// @dev Where shares stand for fractions, a side may be a size-wei smaller than what was opened: a millionth at most.
    function testFuzz_initialMarginAfter_inADeleveragedMarket(uint256 size, bool ofLongs) public {
        RiskParameters memory risk = _growing();
        (risk.initialMargin, risk.initialMarginAtCap, risk.maintenanceMargin) = (50_000, 250_000, 25_000);
        (risk.incentiveMax, risk.priceBand, risk.volatilityMargin) = (7_500, 25_000, 100_000);
        uint8 market = _listFine(115e18, risk);
        AccountId defaulter = _trader("defaulter", 100);
        _insure("backer", 20);
        if (ofLongs) _fill(defaulter, _other, market, 10e18, 115e18);
        else _fill(_whale, defaulter, market, 10e18, 115e18);
        _fill(_whale, _other, market, 90e18, 115e18);
        // 50 are missing, of which the fund pays 20; the other side loses a tenth of its size.
        _announce(market, ofLongs ? 100e18 : 130e18);
        _deleverage(defaulter);
        _wait(1);
        IClearingHouseLens.MarketSummary memory summary = lens.marketSummary(market);
        assertEq(summary.longSize + summary.shortSize, 180e18 - 1, "one of them by a fraction less");
        assertEq(lens.initialMarginAfter(market, 0), summary.initialMargin, "as it is");

        size = bound(size, 1, 600e18);
        uint256 rate = lens.initialMarginAfter(market, size);
        _fill(_whale, _other, market, size, summary.mark);
        assertApproxEqAbs(lens.marketSummary(market).initialMargin, rate, 1, "rate");
    }

    // ------------------------------------------------------------------ makings

    function _growing() private pure returns (RiskParameters memory risk) {
        risk = _plain();
        (risk.initialMarginAtCap, risk.openInterestCap) = (500_000, uint112(CAP));
        risk.volatilityMargin = 500_000;
    }

    function _limit(uint128 capacity, uint104 refill, uint24 gap) private {
        fund.setLimit(_market, IInsuranceFund.Limit({capacity: capacity, refillPerSecond: refill, gap: gap}));
    }

    /// @dev The next call writes what was previewed, and then it is the same.
    function _assertWritten(IClearingHouseLens.MarketSummary memory summary) private {
        house.accrueFunding(_market);
        uint256 flags = lens.marketOf(_market).flags;
        assertEq((flags >> 4) * 50_000, summary.volatility, "volatility written");
        assertTrue((flags & 8 == 0) == summary.calm, "jump written");
        assertEq(keccak256(abi.encode(lens.marketSummary(_market))), keccak256(abi.encode(summary)), "summary");
    }

    /// @dev What is called free can be withdrawn, and a wei more cannot.
    function _assertFree(AccountId id, IClearingHouseLens.AccountHealth memory health) private {
        uint256 snapshot = vm.snapshotState();
        int256 left = int256(health.initialMargin) - 1;
        vm.expectRevert(abi.encodeWithSelector(Errors.InsufficientMargin.selector, id, left, health.initialMargin));
        vm.prank(id.owner());
        house.withdraw(id, health.freeCollateral + 1, address(this));
        vm.prank(id.owner());
        house.withdraw(id, health.freeCollateral, address(this));
        vm.revertToState(snapshot);
    }

    function _ceil(uint256 x, uint256 divisor) private pure returns (uint256) {
        return (x + divisor - 1) / divisor;
    }
}
