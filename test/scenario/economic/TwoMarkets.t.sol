// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Errors} from "../../../contracts/interfaces/Errors.sol";
import {AccountId, NO_ACCOUNT} from "../../../contracts/types/AccountId.sol";
import {Attack} from "./Attack.sol";

/// @notice One account in two markets: a gain that nobody has paid as margin in the second, and a choice of which market bears a
/// deficit. The attacker opposes itself wherever that helps; strangers are in both markets, against each other.
contract TwoMarketsTest is Attack {
    // ------------------------------------------------------------------ unpaid gains as margin

    /// @dev The winner and the loser are one attacker, and so is who opposes the winner in the second market: what the winner's
    /// own 200 allow there is 5, and that is opened. In the first market the loser lacks 400; when the second one halves, the
    /// winner owes 250 there of which 200 are collected. The attacker put 1,300 in, and takes 1,300 out and what strangers
    /// bear of 400.
    function test_unpaidGain_carriesNoGapIntoTheSecondMarket() public {
        _adopt();
        _fill(gain.winner, opponent, gain.other, 5e18, 100e18);
        int256 idle = _profitOf(_nothing);
        target = 50e18;
        assertEq(_profitOf(_gapInOther), idle, "the second gap pays nothing");
        // 10 of the attacker's and 30 of strangers on the side that bears the first one.
        assertApproxEqAbs(uint256(idle), (400e18 * 3) / 4, 10, "what strangers bear in the first market");
    }

    /// @dev A wei more than its own money allows is refused, whatever waits for it.
    function test_unpaidGain_isNoMargin() public {
        _adopt();
        vm.expectRevert(
            abi.encodeWithSelector(Errors.InsufficientMargin.selector, gain.winner, int256(200e18), 200e18 + 10)
        );
        _fill(gain.winner, opponent, gain.other, 5e18 + 1, 100e18);
    }

    /// @dev Whatever the winner opens with what it is allowed, whatever the second market does, whoever is settled or resolved in
    /// between and in whatever order: the attacker's profit is at most what its accounts are short of, each beyond its own
    /// money: the loser's deficit in the first market, and what the winner or its opponent loses in the second one beyond its
    /// collateral, as if nothing waited for it.
    /// hardhat-config: fuzz.runs = 96
    function testFuzz_unpaidGain_paysNoMoreThanTheAttackersAccountsAreShortOf(uint256 seed) public {
        _seed(seed);
        _adopt();
        uint256 size = _chance(50) ? 5e18 : _drawLog(1e16, 5e18);
        bool isLong = _chance(50);
        if (isLong) _fill(gain.winner, opponent, gain.other, size, 100e18);
        else _fill(opponent, gain.winner, gain.other, size, 100e18);
        target = _draw(10, 400) * 1e18;
        later = _draw(100, 200) * 1e18;
        shuffle = _draw(0, type(uint64).max);
        int256 profit = _profitOf(_randomly);
        // One of the two loses in the second market, beyond 200 or beyond 1,000.
        uint256 lost = (size * _magnitude(int256(target) - 100e18)) / WAD;
        uint256 money = isLong == (target < 100e18) ? 200e18 : 1_000e18;
        // The loser is short from 100 with 100; the first market may go on to `later`.
        uint256 short = _positive(int256(10 * (_max(later, 150e18) - 100e18)) - 100e18);
        assertLe(profit, int256(short + _positive(int256(lost) - int256(money))) + 100, "profit");
    }

    UnpaidGain private gain;
    AccountId private opponent;
    uint256 private target;
    uint256 private later;
    uint256 private shuffle;

    function _adopt() private {
        gain = _unpaidGain();
        _control(gain.winner);
        _control(gain.loser);
        opponent = _mine("opponent", 1_000);
        house.accrueFunding(gain.market);
        _strangers("first", gain.market, 30e18, 150e18);
        _strangers("second", gain.other, 30e18, 100e18);
    }

    function _gapInOther() private {
        _to(gain.other, target);
    }

    /// @dev Both markets move, and settling and resolving comes in any order in between.
    function _randomly() private {
        _seed(shuffle);
        _meddle();
        _to(gain.other, target);
        _meddle();
        _to(gain.market, later);
        _meddle();
    }

    function _meddle() private {
        for (uint256 i; i < 3; ++i) {
            AccountId id = mine[_draw(1, mine.length - 1)];
            uint256 kind = _draw(0, 3);
            if (kind == 0) _settle(id);
            else if (kind == 1) _hunt(_list1(id), _chance(30) ? opponent : NO_ACCOUNT);
            else if (kind == 2) _collectDebts();
        }
    }

    // ------------------------------------------------------------------ which market bears a deficit

    uint8 private own;
    uint8 private foreign;
    AccountId private debtor;
    AccountId private winner;

    /// @dev Long 10 in both from 100 with 200; alone against the attacker's own winner in the first. That falls by 10, the other
    /// by 20: a deficit of 100, of which each market is to bear by what it lost, a third and two. Settled between the two falls,
    /// its money has paid the first loss whole, and the other market bears all of it: the attacker saves a third of 100.
    function test_choosing_savesNoMoreThanTheFirstMarketsPart() public {
        _inTwoMarkets(10e18, 10e18, 200e18);
        (target, later) = (90e18, 80e18);
        int256 idle = _profitOf(_fallBoth);
        assertApproxEqAbs(_magnitude(idle), 200e18 - 100e18 + uint256(100e18) / 3, 10, "pays its own haircut");
        int256 settled = _profitOf(_fallAndSettleBetween);
        assertEq(settled, int256(-100e18), "what it lost in the other market beyond its money is others' to bear");
        assertApproxEqAbs(uint256(settled - idle), uint256(100e18) / 3, 10, "saved");
    }

    /// @dev Sizes, money, falls, and what the attacker does in between: settling, or trading a little with itself in one of the
    /// markets so that only that one is settled. What it saves is at most its own market's part of the deficit; what strangers
    /// bear is at most what the debtor lost in their market.
    /// hardhat-config: fuzz.runs = 96
    function testFuzz_choosing_savesNoMoreThanTheFirstMarketsPart(uint256 seed) public {
        _seed(seed);
        (uint256 a, uint256 b) = (_drawLog(1e17, 1e20), _drawLog(1e17, 1e20));
        _inTwoMarkets(a, b, (a + b) * 10 + _drawLog(1, 1e20));
        (target, later) = ((_draw(300, 1_000) * 100e18) / 1_000, (_draw(300, 1_000) * 100e18) / 1_000);
        shuffle = _draw(0, type(uint64).max);
        int256 idle = _profitOf(_fallBoth);
        uint256 lostInOwn = (a * (100e18 - target)) / WAD;
        uint256 lostInForeign = (b * (100e18 - later)) / WAD;
        uint256 deficit = _positive(int256(lostInOwn + lostInForeign) - int256(_collateral(debtor)));
        uint256 part = lostInOwn == 0 ? 0 : _ceil(deficit * lostInOwn, lostInOwn + lostInForeign);
        int256 meddled = _profitOf(_fallAndMeddle);
        assertLe(meddled, idle + int256(part) + 1e6, "saved");
        // All of it against strangers' market: what the debtor loses there beyond its money.
        assertLe(meddled, -int256(lostInForeign) + int256(_min(deficit, lostInForeign)) + 1e6, "profit");
    }

    /// @dev No fund. The debtor has the attacker's winner against it in its own market, and strangers in the other.
    function _inTwoMarkets(uint256 inOwn, uint256 inForeign, uint256 money) private {
        (own, foreign) = (_list(100e18, _plain()), _list(100e18, _plain()));
        (debtor, winner) = (_mine("debtor", 0), _mine("winner", 1e12));
        _deposit(debtor, money);
        _fill(debtor, winner, own, inOwn, 100e18);
        _fill(debtor, _trader("stranger", 1e12), foreign, inForeign, 100e18);
    }

    function _fallBoth() private {
        _to(own, target);
        _to(foreign, later);
    }

    function _fallAndSettleBetween() private {
        _to(own, target);
        _settle(debtor);
        _to(foreign, later);
    }

    function _fallAndMeddle() private {
        _seed(shuffle);
        bool ownFirst = _chance(50);
        _to(ownFirst ? own : foreign, ownFirst ? target : later);
        uint256 kind = _draw(0, 2);
        if (kind == 0) _settle(debtor);
        if (kind == 1) _settleByTrading(own);
        if (kind == 2 && _chance(50)) house.settle(mine);
        _to(ownFirst ? foreign : own, ownFirst ? later : target);
        if (_chance(50)) _hunt(_list1(debtor), _chance(50) ? winner : NO_ACCOUNT);
    }

    /// @dev A millionth of the position: any fill settles its own market.
    function _settleByTrading(uint8 market) private {
        uint256 size = uint256(house.sizeOf(debtor, market)) / 1e6;
        try this.fill(winner, debtor, market, size, _marketWords(market).mark) {} catch {}
    }

    function fill(AccountId buyer, AccountId seller, uint8 market, uint256 size, uint256 price) external {
        _fill(buyer, seller, market, size, price);
    }
}
