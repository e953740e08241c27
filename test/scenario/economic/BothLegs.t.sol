// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId, NO_ACCOUNT} from "../../../contracts/types/AccountId.sol";
import {RiskParameters} from "../../../contracts/types/RiskParameters.sol";
import {Attack} from "./Attack.sol";

/// @notice Both legs of one market in the attacker's accounts: the loser defaults on purpose, the winner keeps what the fund and
/// strangers on its side pay for it. Documented: it pays, and what limits it is stated here.
///
///     profit  ≤  P + (D + b − P) · Q / (q + Q)          P  ≤  min(D + b, what the market may draw, the fund's assets)
///
/// D is the loser's deficit, b the bounty, P what the fund pays, q the attacker's size on the winning side, Q that of strangers.
contract BothLegsTest is Attack {
    uint8 private market;
    AccountId private loser;
    AccountId private winner;

    // The story.
    uint256 private size;
    uint256 private target;

    /// @dev 10 against itself, 30 of strangers, 100 → 80: a deficit of 100, of which the fund may pay 40 and strangers bear 45.
    function test_bothLegs_paysWhatTheFundAndStrangersBear() public {
        _begin(_plain(), 10e18, 30e18, 100e18, 1_000, 40e18);
        target = 80e18;
        assertEq(_profitOf(_gap), int256(40e18 + 45e18), "profit");
        assertEq(_profitOf(_nothing), int256(0), "without the gap");
    }

    /// @dev Alone in its market it takes from nobody but the fund, and no more than the market may draw.
    function test_bothLegs_aloneTakesNoMoreThanTheFundsLimit() public {
        _begin(_plain(), 1_000e18, 0, 100e18, 1_000_000, 40e18);
        target = 1e18;
        assertEq(_profitOf(_gap), int256(40e18), "profit");
    }

    /// hardhat-config: fuzz.runs = 96
    function testFuzz_bothLegs_profitIsBoundByTheFundAndByStrangersPart(uint256 seed) public {
        _boundHolds(seed);
    }

    function test_bothLegs_mostStoriesPay() public {
        _requireMost(_boundHolds, 60);
    }

    function _boundHolds(uint256 seed) private returns (uint256) {
        _seed(seed);
        RiskParameters memory p = _charging(uint24(_draw(0, 2_000)));
        (p.bountyRate, p.bountyCap) = (uint24(_draw(0, p.tradeFee)), uint80(_drawLog(1e18, 1e23)));
        uint256 price = (_drawLog(1e18, 1e22) / 1e10) * 1e10;
        // What a size is worth is what matters.
        uint256 strangers = _chance(80) ? (_drawLog(1e18, 1e24) * WAD) / price : 0;
        _begin(p, (_drawLog(1e20, 1e24) * WAD) / price, strangers, price, _drawLog(1, 1e5), uint128(_drawLog(1, 1e24)));
        target = ((price * _draw(100, 890)) / 1_000 / 1e10) * 1e10;
        uint256 most = _most(strangers, p);
        int256 profit = _profitOf(_gap);
        assertLe(profit, int256(most), "profit");
        // Fees aside, that is what it pays.
        if (p.tradeFee == 0) assertGe(profit + 1e6, int256(most), "the bound is what it pays");
        return _positive(profit);
    }

    /// @dev The formula, from the state after the gap and before anybody acts.
    function _most(uint256 strangers, RiskParameters memory p) private returns (uint256 most) {
        uint256 id = vm.snapshotState();
        _to(market, target);
        uint256 deficit = _positive(-_equity(loser));
        if (deficit != 0) {
            uint256 bounty = _min((((size * target) / WAD) * p.bountyRate) / 1e6, p.bountyCap);
            uint256 loss = deficit + bounty;
            uint256 paid = _min(loss, _min(fund.available(market), _collateral(fundAccount)));
            most = paid + _ceil((loss - paid) * strangers, size + strangers) + 4;
        }
        vm.revertToState(id);
    }

    // ------------------------------------------------------------------ moving equity out before

    /// @dev At the edge of the band a reduction hands MM per unit closed to the other leg: as much as it frees, and not more. The
    /// loser stands no thinner for it.
    function test_reducing_leavesTheLoserNoThinner() public {
        _begin(_plain(), 10e18, 30e18, 100e18, 0, 0);
        // 100 of equity for 10: closing 4 at 95 takes 20, and leaves 80 for 6.
        _fill(winner, loser, market, 4e18, 95e18);
        assertEq(_equity(loser), int256(80e18), "loser");
        size = 6e18;
        target = 80e18;
        // Deficit 6 · 20 − 80, of which strangers have 30 of 36; with all ten it was 100, and 75.
        assertEq(_profitOf(_gap), (int256(40e18) * 30) / 36, "profit");
    }

    /// @dev Reducing fills of any size at any price of the band, at marks at which the loser is healthy, liquidatable or near
    /// zero: while nothing moves nobody gains, the loser's equity never falls below its part of MM, or of what it had, and the
    /// gap afterwards pays no more than the formula.
    /// hardhat-config: fuzz.runs = 96
    function testFuzz_reducing_movesNoEquityOutFromUnderAPosition(uint256 seed) public {
        _seed(seed);
        uint256 price = 100e18;
        uint256 strangers = _drawLog(1e17, 1e21);
        _begin(_plain(), _drawLog(1e18, 1e21), strangers, price, _drawLog(1, 1e4), uint128(_drawLog(1e18, 1e21)));
        price = (price * _draw(9_010, 10_300)) / 10_000;
        _to(market, price);
        int256 before = _equity(loser) + _equity(winner);
        for (uint256 i; i < 12; ++i) _reduce(price);
        assertLe(_equity(loser) + _equity(winner), before, "nobody gains while nothing moves");
        size = uint256(house.sizeOf(loser, market));
        if (size == 0) return;
        target = (price * _draw(100, 950)) / 1_000;
        target = (target / 1e10) * 1e10;
        assertLe(_profitOf(_gap), int256(_most(strangers, _plain())), "profit");
    }

    function _reduce(uint256 price) private {
        uint256 left = uint256(house.sizeOf(loser, market));
        if (left == 0) return;
        HealthWords memory h = _health(loser);
        uint256 part = _chance(10) ? left : _drawLog(1, left);
        uint256 struck = _chance(70) ? (price * 95) / 100 : _draw((price * 95) / 100, (price * 105) / 100);
        try this.fill(winner, loser, part, struck) {
            HealthWords memory now_ = _health(loser);
            assertGe(now_.equity, int256(0), "not below zero");
            bool healthy = now_.equity >= int256(now_.maintenanceMargin);
            // Equity over MM, crosswise; MM is rounded up, each by a wei or two.
            int256 slack = h.equity + int256(h.maintenanceMargin) + 2;
            bool kept =
                (now_.equity + 2) * int256(h.maintenanceMargin) + slack >= h.equity * int256(now_.maintenanceMargin);
            assertTrue(healthy || kept, "no thinner");
        } catch {}
    }

    /// @dev External, to be tried.
    function fill(AccountId buyer, AccountId seller, uint256 amount, uint256 price) external {
        _fill(buyer, seller, market, amount, price);
    }

    // ------------------------------------------------------------------ a holder of dust

    /// @dev The bankrupt, its accomplice and the second are one attacker. The holder has gained 0.4, pays at most the highest
    /// mark for its hundredth of a unit, and the difference is all the profit there is; the rest of the deficit is shortfall,
    /// which is to say what the attacker owes itself.
    function test_dust_bringsNoMoreThanTheHighestMarkOfIt() public {
        assertApproxEqAbs(uint256(_dustProfit(1e16, 40e18)), 6e17, 300, "profit");
    }

    /// hardhat-config: fuzz.runs = 96
    function testFuzz_dust_bringsNoMoreThanTheHighestMarkOfIt(uint256 held, uint256 last) public {
        held = bound(held, 1e12, 1e17);
        last = bound(last, 1e8, 91e8) * 1e10;
        int256 gained = (int256(held) * (80e18 - int256(last))) / 1e18;
        assertLe(_dustProfit(held, last), int256((held * 100e18) / WAD) - gained + 300, "profit");
    }

    function _dustProfit(uint256 held, uint256 last) private returns (int256) {
        Dust memory s = _hugeHaircut(held);
        _control(s.bankrupt);
        _control(s.accomplice);
        _control(s.second);
        (market, loser, target) = (s.market, s.bankrupt, last);
        return _profitOf(_gap);
    }

    // ------------------------------------------------------------------ the set-up

    /// @dev The loser with just its margin and fee, the winner with plenty, strangers against each other, a fund.
    function _begin(
        RiskParameters memory p,
        uint256 own,
        uint256 strangers,
        uint256 price,
        uint256 insured,
        uint128 capacity
    ) private {
        market = _list(price, p);
        if (insured != 0) _insure("backer", insured);
        _limitFund(market, capacity);
        size = own;
        (loser, winner) = (_mine("loser", 0), _mine("winner", 1e12));
        uint256 worth = _ceil(own * price, WAD);
        _deposit(loser, _ceil(worth, 10) + _ceil(worth * p.tradeFee, 1e6));
        if (strangers != 0) _strangers("stranger", market, strangers, price);
        _fill(loser, winner, market, own, price);
    }

    function _gap() private {
        _to(market, target);
        _hunt(_list1(loser), NO_ACCOUNT);
    }
}
