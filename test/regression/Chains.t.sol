// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId, NO_ACCOUNT} from "../../contracts/types/AccountId.sol";
import {RiskParameters} from "../../contracts/types/RiskParameters.sol";
import {LedgerReader} from "../invariant/LedgerReader.sol";
import {GasBounds} from "../utils/GasBounds.sol";

/// @notice One default that makes the next, one generation after the other, and the last wei.
contract ChainsTest is LedgerReader, GasBounds {
    /// @dev A haircut may put a newcomer of the opposing side in default, and what that one is short of the next: whoever is
    /// listed is at or above zero when the call ends.
    function test_deleverage_leavesNobodyOfTheListBelowZeroThoughOneDefaultMakesTheNext() public {
        uint8 market = _list(100e18, _plain());
        AccountId first = _trader("first", 100);
        AccountId early = _trader("early", 1_000);
        _fill(first, early, market, 10e18, 100e18);
        // At 60, newcomers with thin margins stand on both sides, and the first one's deficit of 300 has not been resolved.
        _setPrice(market, 60e18);
        AccountId second = _trader("second", 61);
        AccountId third = _trader("third", 61);
        _fill(early, second, market, 10e18, 60e18);
        AccountId fourth = _trader("fourth", 61);
        _fill(third, fourth, market, 10e18, 60e18);

        AccountId[] memory list = new AccountId[](4);
        (list[0], list[1], list[2], list[3]) = (third, fourth, second, first);
        house.deleverage(list, NO_ACCOUNT);
        for (uint256 i; i < 4; ++i) assertGe(_equity(list[i]), int256(0), "listed");
        _settle(early);
        // Of the 400 that he is owed the others had 283 in all: the rest is shortfall.
        assertEq(_collateral(early), 1_283e18, "the one who left has all there is");
    }

    /// @dev A wei is nothing to close a market for: a holder at exactly zero, whose whole side is closed, may be rounded below
    /// zero by a wei of the charge and a wei of its value.
    function testFuzz_deleverage_roundsAHolderAtZeroByTwoWeiAtMost(uint256 q, uint256 z, uint256 step) public {
        q = bound(q, 1e15, 1e21);
        z = bound(z, 1e13, q - 1e13);
        step = bound(step, 1, 30e8) * 1e10;
        uint8 market = _list(100e18, _plain());
        AccountId long = _trader("long", 0);
        AccountId rich = _trader("rich", 0);
        AccountId zero = _trader("zero", 0);
        _deposit(long, q * 10);
        _deposit(rich, q * 100);
        _deposit(zero, z * 9);
        _fill(long, rich, market, q, 100e18);
        _setPrice(market, 81e18);
        _fill(rich, zero, market, z, 81e18);
        _setPrice(market, 90e18);
        house.accrueFunding(market);
        assertEq(_equity(long), int256(0), "long");
        assertEq(_equity(zero), int256(0), "short");

        _setPrice(market, 90e18 - step);
        _deleverage(long);
        assertGe(_equity(zero), int256(-2), "two wei");
        assertLe(_equity(zero), int256(0), "it gained and paid the same");
        _deleverage(zero);
        assertEq(_equity(zero), int256(0), "resolved");
        assertLe(_shortfall(market), 2, "shortfall");
        // The market is open all the same.
        AccountId buyer = _trader("buyer", 1_000);
        _fill(buyer, rich, market, 1e16, 90e18 - step);
    }

    /// @dev Whoever ends a market's generations one after another, at the price of a default each, makes a sleeper's touch
    /// dearer by a bounded amount each, and changes nothing of what it is worth.
    function test_settle_walksManyGenerationsOfTheOtherSidesMaking() public {
        RiskParameters memory p = _plain();
        (p.initialMargin, p.maintenanceMargin) = (1_001, 1_000);
        (p.incentiveMin, p.incentiveMax, p.fundFee, p.priceBand) = (100, 300, 100, 1_000);
        uint8 market = _list(100e18, p);
        AccountId sleeper = _trader("sleeper", 1_000_000);
        AccountId maker = _trader("maker", 1e12);
        _fill(maker, sleeper, market, 1_000e18, 100e18);
        uint256 price = 100e18;
        for (uint256 i; i < 30; ++i) {
            AccountId short = _trader(string.concat("short ", vm.toString(i)), 0);
            _deposit(short, (uint256(2_000_000) * price) / 990);
            _fill(maker, short, market, 2_000_000e18, price);
            price += 1e18;
            _setPrice(market, price);
            _deleverage(short);
            // The long side is brought back to what opposes the sleeper.
            uint256 long = _sideSize(_marketWords(market).long);
            assertApproxEqAbs(long, 1_000e18, 100, "what is left of the longs");
        }
        assertEq(_marketWords(market).generation, 30, "generations");
        assertEq(_equity(sleeper), int256(1_000_000e18 - 30_000e18), "the sleeper lost what the price cost it");
        uint256 gas = gasleft();
        _settle(sleeper);
        assertGasLe(gas - gasleft(), 150_000 + 30 * 5_000, "gas of waking up");
        assertEq(house.sizeOf(sleeper, market), -1_000e18, "size");
    }
}
