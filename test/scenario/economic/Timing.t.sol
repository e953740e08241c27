// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Errors} from "../../../contracts/interfaces/Errors.sol";
import {AccountId, NO_ACCOUNT} from "../../../contracts/types/AccountId.sol";
import {Attack} from "./Attack.sol";

/// @notice Being there at the right moment: out between a gap and what answers it, into the fund before income and out before a
/// loss, and acting while a price stands still.
contract TimingTest is Attack {
    uint8 private market;
    AccountId private loser;
    AccountId private winner;
    AccountId private street;
    uint256 private target;
    uint256 private plan;

    // ------------------------------------------------------------------ between the gap and the deleveraging

    /// @dev The loser is 10 long from 100 with 150, the attacker's; its winner opposes it beside 30 of strangers; no fund.
    function _beforeTheGap(uint256 own, uint256 strangers, uint256 money) private {
        market = _list(100e18, _plain());
        (loser, winner) = (_mine("loser", 0), _mine("winner", 1e9));
        _deposit(loser, money);
        street = _trader("the street", 1e12);
        if (strangers != 0) _strangers("stranger", market, strangers, 100e18);
        _fill(loser, winner, market, own, 100e18);
    }

    /// @dev From the moment in which the gap is published, the loser's collateral is behind its loss: not a wei comes out.
    function test_withdraw_takesNothingFromBehindALossThatIsPublished() public {
        _beforeTheGap(10e18, 30e18, 150e18);
        _setPrice(market, 80e18);
        vm.expectRevert(abi.encodeWithSelector(Errors.UnpaidLoss.selector, loser, 50e18 + 1));
        vm.prank(loser.owner());
        house.withdraw(loser, 1, thief);
        // Nor through a trade with the winner at the edge of the band: a position with a deficit is not traded.
        vm.expectRevert(abi.encodeWithSelector(Errors.DeficitMustBeDeleveraged.selector, loser, 50e18));
        _fill(winner, loser, market, 5e18, 76e18);
        // Nor out of the winner before the loser has paid: its 200 wait.
        vm.expectRevert(abi.encodeWithSelector(Errors.InsufficientMargin.selector, winner, int256(80e18 - 1), 80e18));
        vm.prank(winner.owner());
        house.withdraw(winner, 1e27 - 80e18 + 1, thief);
    }

    /// @dev Documented: who leaves the opposing side before the call is spared, and who enters in between shares it. The winner
    /// sells out to the street at mark: it saves its quarter of 50, and no more, and the street bears it.
    function test_leaving_sparesTheWinnerItsOwnHaircut() public {
        _beforeTheGap(10e18, 30e18, 150e18);
        target = 80e18;
        int256 stays = _profitOf(_gap);
        int256 leaves = _profitOf(_gapAndLeave);
        assertApproxEqAbs(uint256(stays), (50e18 * 3) / 4, 10, "three quarters are strangers'");
        assertApproxEqAbs(uint256(leaves), 50e18, 10, "all of it");
    }

    /// hardhat-config: fuzz.runs = 96
    function testFuzz_leaving_savesNoMoreThanTheWinnersOwnHaircut(uint256 seed) public {
        _seed(seed);
        (uint256 own, uint256 strangers) = (_drawLog(1e17, 1e21), _drawLog(1e17, 1e21));
        // Just its margin: what is more could be withdrawn before.
        _beforeTheGap(own, strangers, own * 10);
        if (_chance(50)) _insure("backer", _drawLog(1, 1e4));
        target = (_draw(100, 1_000) * 100e18) / 1_000;
        plan = _draw(0, type(uint64).max);
        uint256 id = vm.snapshotState();
        _to(market, target);
        uint256 deficit = _positive(-_equity(loser));
        uint256 haircut = deficit - _min(deficit, _collateral(fundAccount));
        vm.revertToState(id);
        int256 stays = _profitOf(_gap);
        int256 slips = _profitOf(_slipAway);
        assertLe(slips, stays + int256((haircut * own) / (own + strangers)) + 1e3, "saved");
        assertLe(slips, int256(deficit) + 1e3, "and never more than the deficit");
    }

    function _gap() private {
        _to(market, target);
        _hunt(_list1(loser), NO_ACCOUNT);
    }

    function _gapAndLeave() private {
        _to(market, target);
        _fill(winner, street, market, 10e18, target);
        _hunt(_list1(loser), NO_ACCOUNT);
    }

    /// @dev Withdrawing what can be withdrawn, selling a part at any price of the band to itself, before and after the price.
    function _slipAway() private {
        _seed(plan);
        if (_chance(50)) _tryAnything();
        _to(market, target);
        for (uint256 i; i < 4; ++i) _tryAnything();
        if (_chance(50)) house.settle(mine);
    }

    function _tryAnything() private {
        uint256 kind = _draw(0, 3);
        uint256 mark = _marketWords(market).mark;
        uint256 held = _magnitude(house.sizeOf(winner, market));
        if (kind == 0) {
            HealthWords memory h = _health(loser);
            uint256 most = _positive(h.secured - int256(h.initialMargin));
            vm.prank(loser.owner());
            try house.withdraw(loser, _draw(1, most + 1), thief) {} catch {}
        } else if (kind == 1 && held != 0) {
            try this.fill(winner, street, market, _draw(1, held), mark) {} catch {}
        } else if (kind == 2 && held != 0) {
            uint256 edge = _chance(50) ? (mark * 95) / 100 : (mark * 105) / 100;
            try this.fill(winner, loser, market, _draw(1, held), edge) {} catch {}
        } else {
            house.settle(mine);
        }
    }

    function fill(AccountId buyer, AccountId seller, uint8 in_, uint256 size, uint256 price) external {
        _fill(buyer, seller, in_, size, price);
    }

    // ------------------------------------------------------------------ the insurance fund

    /// @dev Documented: whoever deposits just before a sweep shares in fees earned before. 1,000 beside 3,000, and 20 of fees
    /// of which one stays as the reserve: a quarter of what comes in, once, for a week of bearing losses.
    function test_fund_depositBeforeIncomeEarnsItsPartOfIt() public {
        _earning(3_000, 10_000e18);
        (invested, target) = (1_000, 100e18);
        uint256 income = _waiting();
        assertEq(income, 19e18, "fees but for the reserve");
        assertApproxEqAbs(uint256(_profitOf(_investBeforeIncome)), income / 4, 10, "a quarter");
    }

    /// hardhat-config: fuzz.runs = 96
    function testFuzz_fund_depositBeforeIncomeEarnsNoMoreThanItsPart(uint256 seed) public {
        _seed(seed);
        uint256 others = _drawLog(1, 1e6);
        _earning(others, _drawLog(1e20, 4e23));
        (invested, target) = (_drawLog(1, 1e7), 100e18);
        uint256 most = (_waiting() * invested) / (others + invested);
        assertLe(_profitOf(_investBeforeIncome), int256(most), "its part");
    }

    uint256 private invested;

    /// @dev Strangers have paid fees that nobody has swept.
    function _earning(uint256 others, uint256 size) private {
        market = _list(100e18, _charging(10));
        _insure("backer", others);
        _strangers("trading", market, size, 100e18);
    }

    function _waiting() private view returns (uint256) {
        return _positive(int256(_marketWords(market).fees) - 1e18);
    }

    function _investBeforeIncome() private {
        _buyShares(invested);
        house.accrueFunding(market);
    }

    /// @dev Out of the fund before a loss that is published and not yet resolved: whoever has not asked a cooldown ago bears it
    /// like everybody else, whatever it does now. Inside an open window it leaves in full: documented, an eighth of the time.
    function test_fund_noWayOutBeforeALossButThroughAnOpenWindow() public {
        _insured(3_000, 1_000);
        target = 80e18;
        // 100 of 1,000 in all are lost with 10 · 20 − 100: a quarter of 100.
        assertApproxEqAbs(_magnitude(_profitOf(_askAtTheGap)), 25e18, 10, "asked at the gap");
        assertApproxEqAbs(_magnitude(_profitOf(_askBeforeTheGap)), 25e18, 10, "asked a day before");
        assertEq(_profitOf(_askAWeekBefore), int256(0), "asked a week before, and gone");
        assertApproxEqAbs(_magnitude(_profitOf(_askTooEarly)), 25e18, 10, "asked eight days before");
    }

    /// hardhat-config: fuzz.runs = 96
    function testFuzz_fund_noWayOutBeforeALoss(uint256 seed) public {
        _seed(seed);
        (uint256 others, uint256 own) = (_drawLog(1, 1e4), _drawLog(1, 1e4));
        _insured(others, own);
        target = (_draw(100, 899) * 100e18) / 1_000;
        askedBefore = _chance(50) ? _draw(0, 7 days - 1) : _draw(8 days, 20 days);
        uint256 deficit = (10e18 * (100e18 - target)) / WAD - 100e18;
        uint256 paid = _min(deficit, (others + own) * one);
        // Rounded in favour of those who stay.
        int256 loss = int256((paid * own) / (others + own));
        assertLe(_profitOf(_askAndGap), -loss + 10, "bears its part");
        assertGe(_profitOf(_askAndGap), -loss - 10, "and no more");
    }

    uint256 private askedBefore;

    /// @dev A stranger is long 10 against a stranger, with 100.
    function _insured(uint256 others, uint256 own) private {
        market = _list(100e18, _plain());
        _insure("backer", others);
        _buyShares(own);
        loser = _trader("careless", 100);
        _fill(loser, _trader("stranger", 1e9), market, 10e18, 100e18);
    }

    function _askAtTheGap() private {
        askedBefore = 0;
        _askAndGap();
    }

    function _askBeforeTheGap() private {
        askedBefore = 1 days;
        _askAndGap();
    }

    function _askAWeekBefore() private {
        askedBefore = 7 days;
        _askAndGap();
    }

    function _askTooEarly() private {
        askedBefore = 8 days;
        _askAndGap();
    }

    /// @dev Asks some time before the gap, tries to leave as soon as it is published, and then somebody resolves it.
    function _askAndGap() private {
        uint256 shares = fund.balanceOf(thief);
        vm.prank(thief);
        fund.requestWithdrawal(shares);
        skip(askedBefore);
        _setPrice(market, target);
        // The second in which the price is published counts as before.
        vm.warp(vm.getBlockTimestamp() - 1);
        vm.prank(thief);
        try fund.redeem(shares, thief, thief) {} catch {}
        vm.warp(vm.getBlockTimestamp() + 1);
        _deleverage(loser);
    }

    // ------------------------------------------------------------------ a price that stands still

    /// @dev Whatever the attacker does while the feed is dead, between its own accounts, with settling, resolving, withdrawing and
    /// gifts: when the price is back it has no more than if it had done nothing. It may be ahead by nothing but rounding.
    /// hardhat-config: fuzz.runs = 96
    function testFuzz_stale_bringsNothing(uint256 seed) public {
        _seed(seed);
        stale = _staleMarket();
        _control(stale.trader);
        opposite = _mine("opposite", 1e6);
        _strangers("alive", stale.alive, _drawLog(1e17, 1e20), 100e18);
        target = (_draw(500, 1_500) * 100e18) / 1_000;
        plan = _draw(0, type(uint64).max);
        int256 idle = _profitOf(_wakeUp);
        assertLe(_profitOf(_useTheStandstill), idle + 1e3, "profit");
    }

    Stale private stale;
    AccountId private opposite;

    function _wakeUp() private {
        _to(stale.dead, target);
    }

    function _useTheStandstill() private {
        _seed(plan);
        for (uint256 i; i < 8; ++i) _tryWhileStale();
        _wakeUp();
    }

    function _tryWhileStale() private {
        uint256 kind = _draw(0, 6);
        uint256 size = _drawLog(1e15, 3e19);
        uint256 price = _draw(95, 105) * 1e18;
        if (kind == 0) {
            try this.fill(opposite, stale.trader, stale.dead, size, price) {
                fail("traded at a price that nobody vouches for");
            } catch {}
        } else if (kind == 1) {
            try this.fill(stale.trader, opposite, stale.alive, size, price) {
                fail("took new risk beside a position without a price");
            } catch {}
        } else if (kind == 2) {
            vm.prank(stale.trader.owner());
            try house.withdraw(stale.trader, _draw(1, 200e18), thief) {
                fail("took collateral from behind it");
            } catch {}
        } else if (kind == 3) {
            _hunt(_list2(stale.trader, opposite), _chance(50) ? opposite : NO_ACCOUNT);
        } else if (kind == 4) {
            house.settle(mine);
        } else if (kind == 5) {
            _give(stale.maker, _drawLog(1, 1e20));
        } else {
            try house.liquidate(stale.trader, stale.dead, type(uint256).max, opposite) {
                fail("liquidated without a price");
            } catch {}
        }
    }

    /// @dev A price that is published counts from then on, whether anybody has told the house or not: nobody trades, withdraws or
    /// takes over at the mark before.
    function test_stale_nobodyTradesAtTheMarkBeforeTheLast() public {
        _beforeTheGap(10e18, 30e18, 150e18);
        _setPrice(market, 110e18);
        vm.expectRevert(abi.encodeWithSelector(Errors.PriceOutOfBand.selector, 100e18, 110e18, 55e17));
        _fill(loser, winner, market, 1e18, 100e18);
        vm.expectRevert(abi.encodeWithSelector(Errors.InsufficientMargin.selector, winner, int256(0), 110e18));
        vm.prank(winner.owner());
        house.withdraw(winner, 1e27 - 100e18, thief);
    }
}
