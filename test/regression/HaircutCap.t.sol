// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId} from "../../contracts/types/AccountId.sol";
import {Situations} from "./Situations.sol";

/// @notice What one mark may cost the opposing side: at most the highest mark of today and yesterday for each unit of size.
contract HaircutCapTest is Situations {
    /// @dev The cap is kept per share in 104 bits, and a generation that ends under the same mark multiplies it: it must
    /// saturate there and not wrap, or solvent winners are spared and the market is left with a shortfall.
    function testFuzz_deleverage_keepsItsCapWhenAGenerationEndsUnderTheSameMark(uint256 price) public {
        price = (bound(price, 5e23, 8e23) / 1e10) * 1e10;
        uint8 market = _list(price, _plain());
        AccountId winner = _trader("winner", 1e9);
        AccountId[3] memory losers = [
            _loser("first", 4, price),
            _loser("most", 9_992, price),
            _loser("last", 4, price)
        ];
        _fill(winner, losers[0], market, 4e17, price);
        _fill(winner, losers[1], market, 9_992e17, price);
        _fill(winner, losers[2], market, 4e17, price);

        _setPrice(market, (price * 14) / 10);
        _deleverage(losers[0]);
        assertEq(_marketWords(market).generation, 0, "no generation ended yet");
        _deleverage(losers[1]);
        assertEq(_marketWords(market).generation, 1, "a generation ended");
        _deleverage(losers[2]);
        assertEq(_shortfall(market), 0, "shortfall");
    }

    /// @dev With the margin for `tenths` of a unit.
    function _loser(string memory name, uint256 tenths, uint256 price) private returns (AccountId) {
        return _trader(name, (tenths * price) / 100e18 + 1);
    }

    /// @dev A second price update must not wash the cap out: after 100 → 10 → 1 a short has gained 99 a unit, and a defaulted
    /// long's deficit of 89 a unit is charged in full, though the mark is 1 and was 10 before.
    function test_deleverage_capsByTheHighestMarkOfThePeriodAndNotByTheLast() public {
        uint8 market = _list(100e18, _plain());
        AccountId loser = _trader("loser", 100);
        AccountId winner = _trader("winner", 100);
        _fill(loser, winner, market, 10e18, 100e18);
        _setPrice(market, 10e18);
        house.accrueFunding(market);
        _setPrice(market, 1e18);
        _deleverage(loser);
        assertEq(_shortfall(market), 0, "shortfall");
        _settle(winner);
        // 100 + 990 gained − 890 of haircut
        assertEq(_collateral(winner), 200e18, "winner");
    }

    /// @dev The same where the fall began a day and a second ago: the period before counts.
    function test_deleverage_remembersTheHighestMarkOfThePeriodBefore() public {
        uint8 market = _list(100e18, _plain());
        AccountId loser = _trader("loser", 100);
        AccountId winner = _trader("winner", 100);
        _fill(loser, winner, market, 10e18, 100e18);
        skip(1 days + 1);
        _setPrice(market, 1e18);
        _deleverage(loser);
        assertEq(_shortfall(market), 0, "shortfall");
        assertEq(_equity(winner), int256(200e18), "winner");
    }

    /// @dev The first price of a day must not push out the one that was in force until then: here the fall begins a minute
    /// before midnight, a day after the last price, and goes on a minute after it.
    function test_deleverage_remembersTheMarkThatWasInForceUntilTheFall() public {
        uint8 market = _list(100e18, _plain());
        AccountId loser = _trader("loser", 100);
        AccountId winner = _trader("winner", 100);
        _fill(loser, winner, market, 10e18, 100e18);
        uint256 midnight = (vm.getBlockTimestamp() / 1 days + 2) * 1 days;
        vm.warp(midnight - 60);
        _setPrice(market, 10e18);
        house.accrueFunding(market);
        vm.warp(midnight + 60);
        _setPrice(market, 1e18);
        _deleverage(loser);
        assertEq(_shortfall(market), 0, "shortfall");
        assertEq(_equity(winner), int256(200e18), "winner");
    }

    /// @dev A holder of dust opposite a large deficit pays at most the highest mark for each unit it holds, however often it
    /// is asked under one mark.
    function test_deleverage_chargesAHolderOfDustNoMoreThanTheHighestMark() public {
        Dust memory s = _hugeHaircut(1e16);
        _setPrice(s.market, 40e18);
        house.accrueFunding(s.market);
        int256 before = _equity(s.dust);
        int256 deficit = -_equity(s.bankrupt);
        assertGt(deficit, int256(19e18), "twenty times what may be charged");
        _deleverage(s.bankrupt);
        _deleverage(s.bankrupt);
        // The highest mark was 100.
        assertApproxEqAbs(uint256(before - _equity(s.dust)), 1e18, 200, "its size times the highest mark");
        assertApproxEqAbs(_shortfall(s.market), uint256(deficit) - 1e18, 200, "the rest is shortfall");
    }
}
