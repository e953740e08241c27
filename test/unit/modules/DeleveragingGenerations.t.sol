// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Events} from "../../../contracts/interfaces/Events.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {LONG_COUNTS, SHORT_COUNTS} from "../../../contracts/types/MarketState.sol";
import {RiskParameters} from "../../../contracts/types/RiskParameters.sol";
import {HouseTest} from "./HouseTest.sol";

/// @notice How a generation ends and what becomes of those who sleep through it: by a shift when a side has shrunk far, by
/// closing when nothing is left of it, by drift of B or F.
contract DeleveragingGenerationsTest is HouseTest {
    int256 private constant UNIT = 2 ** 24;

    // ------------------------------------------------------------------ shrunk far

    function test_deleverage_endsAGeneration_whenASideHasShrunk() public {
        (uint8 m, AccountId bull, AccountId sleeper, AccountId bear, AccountId keeper) = _shrink();
        // V = B − A · mark and a short of the first generation has been paid up to −100.
        vm.expectEmit(address(house));
        emit Events.GenerationEnded(m, 0, 50e18 * UNIT, -50e18 * UNIT, 0, 11);
        _deleverage(bull);

        assertEq(_market(m).generation, 1, "generation");
        assertEq(_market(m).shortBase, 2 ** 126, "A is one again");
        assertEq(_market(m).longBase, 2 ** 126, "and so it was for longs");
        assertEq(_market(m).shortShares, 1e16, "shares shifted");
        assertEq(_endedGeneration(m, 0).shortShift, 11, "shift");
        assertEq(_endedGeneration(m, 0).longShift, 0, "longs are not shifted");
        assertEq(_endedGeneration(m, 0).longValue, 50e18 * UNIT, "V of longs");
        assertEq(_endedGeneration(m, 0).shortValue, -50e18 * UNIT, "V of shorts");

        // Whoever touches it afterwards has 1/2048 of the size and the whole gain.
        assertEq(house.sizeOf(sleeper, m), -int256(2 ** 22 * 1e9), "before the touch");
        house.settle(_list3(sleeper, bear, keeper));
        _assertAccount(sleeper, m, 1_000e18 + (2 ** 33 * 1e9 * 50), -int256(2 ** 22 * 1e9), "sleeper");
        assertEq(house.sizeOf(keeper, m), int256(1e16), "the other long");
        assertEq(_position(sleeper, m).generation, 1, "generation of the position");
        _assertSolvent();
    }

    function test_settle_walksSeveralGenerations() public {
        (uint8 m, AccountId bull, AccountId sleeper, AccountId bear, AccountId keeper) = _shrink();
        _deleverage(bull);
        for (uint256 round = 1; round < 3; ++round) {
            _setPrice(m, 100e18);
            bull = _join(vm.toString(round), 205);
            _fill(bull, bear, m, 20.47e18, 100e18);
            _setPrice(m, 50e18);
            _deleverage(bull);
            assertEq(_market(m).generation, round + 1, "generation");
        }
        // 2^33 · 1e9 size-wei, divided by 2^11 three times; back and forth between the shifts, the gain is that of the
        // first fall: what the rises took, the next falls gave back.
        assertEq(_position(sleeper, m).generation, 0, "asleep");
        assertEq(house.sizeOf(sleeper, m), -1e9, "size");
        house.settle(_list3(keeper, bear, sleeper));
        assertEq(_collateral(sleeper), 1_000e18 + (2 ** 33 * 1e9 * 50), "collateral");
        assertEq(_position(sleeper, m).generation, 3, "awake");
        _assertSolvent();
    }

    function test_fill_bringsASleeperUpToDate() public {
        (uint8 m, AccountId bull, AccountId sleeper, AccountId bear, ) = _shrink();
        _deleverage(bull);
        vm.expectEmit(address(house));
        emit Events.Filled(
            m,
            bear,
            sleeper,
            1e15,
            50e18,
            50e18,
            -int256(1e16 - 2 ** 22 * 1e9 - 1e15),
            -int256(2 ** 22 * 1e9 + 1e15),
            // The other long has not paid its half token.
            100_000e18 + (20.48e18 - 2 ** 33 * 1e9) * 50 - 0.5e18,
            1_000e18 + 2 ** 33 * 1e9 * 50,
            0
        );
        _fill(bear, sleeper, m, 1e15, 50e18);
        _assertSolvent();
    }

    /// @dev Longs of 20.48 against as many shorts, 2^33 · 1e9 wei of them held by someone who sleeps. The long that is
    /// in default holds all of it but 1/2048. The fund pays.
    function _shrink() private returns (uint8 m, AccountId bull, AccountId sleeper, AccountId bear, AccountId keeper) {
        m = _list(100e18, _plain());
        _insure("backer", 10_000);
        sleeper = _join("sleeper", 1_000);
        bear = _join("bear", 100_000);
        bull = _join("bull", 205);
        keeper = _join("keeper", 100);
        uint256 asleep = 2 ** 33 * 1e9;
        _fill(bull, sleeper, m, asleep, 100e18);
        _fill(bull, bear, m, 20.47e18 - asleep, 100e18);
        _fill(keeper, bear, m, 1e16, 100e18);
        _setPrice(m, 50e18);
    }

    // ------------------------------------------------------------------ gone

    function test_deleverage_startsAnew_whenASideIsGone() public {
        (uint8 m, AccountId alice, AccountId bob) = _gone();
        _deleverage(alice);
        assertEq(_market(m).generation, 1, "generation");
        assertEq(_market(m).longShares | _market(m).shortShares, 0, "nobody");
        assertEq(_market(m).longBase, 2 ** 126, "A of longs");
        assertEq(_market(m).shortBase, 2 ** 126, "A of shorts");

        // Bob, closed and not settled, opens anew: what he is owed is brought along and paid as far as the pool goes.
        AccountId carol = _join("carol", 1_000);
        _fill(carol, bob, m, 5e18, 80e18);
        _assertAccount(bob, m, 10_100e18, -5e18, "bob");
        _assertAccount(carol, m, 1_000e18, 5e18, "carol");
        _assertSolvent();
    }

    function _gone() private returns (uint8 m, AccountId alice, AccountId bob) {
        m = _list(100e18, _plain());
        alice = _join("alice", 100);
        bob = _join("bob", 10_000);
        _fill(alice, bob, m, 10e18, 100e18);
        _setPrice(m, 80e18);
    }

    // ------------------------------------------------------------------ dust

    function test_settle_burnsWhatHasShrunkToNothing() public {
        uint8 m = _list(100e18, _plain());
        AccountId bull = _join("bull", 205);
        AccountId dust = _join("dust", 10);
        AccountId bear = _join("bear", 100_000);
        _fill(bull, dust, m, 1000, 100e18);
        _fill(bull, bear, m, 20.47e18 - 1000, 100e18);
        AccountId keeper = _join("keeper", 100);
        _fill(keeper, bear, m, 1e16, 100e18);
        _setPrice(m, 50e18);
        _insure("backer", 10_000);
        _deleverage(bull);
        assertEq(house.sizeOf(dust, m), int256(0), "1000 / 2048");
        assertTrue(_isIn(dust, m), "still in the market");
        uint256 shares = _market(m).shortShares;
        house.settle(_list3(keeper, bear, dust));
        assertEq(_collateral(dust), 10e18 + 50_000, "with its gain");
        assertFalse(_isIn(dust, m), "has left");
        assertEq(_position(dust, m).shares, int256(0), "no shares");
        assertLe(_market(m).shortShares, shares, "totals stay upper bounds");
        _assertSolvent();
    }

    function test_settle_burnsSharesTooSmallForASizeWei() public {
        uint8 m = _list(100e18, _plain());
        AccountId bull = _join("bull", 100);
        AccountId d = _join("d", 10_000);
        AccountId dust = _join("dust", 10);
        AccountId bear = _join("bear", 100_000);
        _fill(bull, dust, m, 1, 100e18);
        _fill(bull, bear, m, 10e18 - 1, 100e18);
        _fill(d, bear, m, 10e18, 100e18);
        _setPrice(m, 80e18);
        // A of shorts is a half: one share stands for half a size-wei.
        _deleverage(bull);
        assertEq(house.sizeOf(dust, m), int256(0), "no size");
        uint256 shares = _market(m).shortShares;
        house.settle(_list2(dust, bear));
        assertEq(_market(m).shortShares, shares - 1, "burnt");
        assertFalse(_isIn(dust, m), "has left");
        _assertSolvent();
    }

    // ------------------------------------------------------------------ the haircut's bound across a shift

    /// @dev Under one mark, two calls may charge together what one could, though a generation ends in between.
    function test_deleverage_keepsTheHaircutsBound_acrossAShift() public {
        uint8 m = _list(2000e18, _plain());
        AccountId l1 = _join("l1", 409_940);
        AccountId l2 = _join("l2", 520);
        AccountId bear = _join("bear", 10_000_000);
        _fill(l1, bear, m, 2047e18, 2000e18);
        _fill(l2, bear, m, 1e18, 2000e18);
        _setPrice(m, 980e18);
        vm.expectEmit(address(house));
        emit Events.DeficitAllocated(m, 1_678_000e18, 0, 0, 0, 1_678_000e18, 0, 980e18);
        _deleverage(l1);
        vm.expectEmit(address(house));
        emit Events.DeficitAllocated(m, 500e18, 0, 0, 0, 500e18, 0, 980e18);
        _deleverage(l2);
        _settle(bear);
        assertApproxEqAbs(_collateral(bear), 10_000_000e18 + 2048 * 1020e18 - 1_678_500e18, 2, "bear");
        _assertSolvent();
    }

    function test_deleverage_shiftsTheHaircutsBound() public {
        uint8 m = _list(100e18, _plain());
        AccountId bull = _join("bull", 20_480);
        AccountId bear = _join("bear", 1_000_000);
        _fill(bull, bear, m, 2047e18, 100e18);
        _fill(_join("keeper", 1_000), bear, m, 1e18, 100e18);
        _quotePrice(m, 50e18);
        _deleverage(bull);
        // 100 a share, less what was charged, rounded up; and a new share is 2,048 old ones.
        uint256 haircut = 2047e18 * 50 - 20_480e18;
        uint256 perShare = (haircut * 1e18 * uint256(UNIT) + 2048e18 - 1) / 2048e18;
        assertEq(_haircutLimit(m).shortLeft, (100e18 * uint256(UNIT) - perShare) << 11);
        assertEq(_haircutLimit(m).markAcceptedAt, vm.getBlockTimestamp(), "under this mark");
    }

    // ------------------------------------------------------------------ drift

    function test_accrueFunding_endsAGeneration_whenTheFundingIndexHasDrifted() public {
        RiskParameters memory p = _plain();
        p.maxFundingRate = 40_000;
        uint8 m = _list(100e18, p);
        // Years of funding in one direction, before anyone is in: V of the first position starts where the index stands.
        int256 drift = 2 ** 109 - 1;
        _setSlot(m, 2, 0, 112, uint256(drift));
        assertEq(_market(m).fundingIndex, drift, "index");
        AccountId alice = _join("alice", 1_000);
        AccountId bob = _join("bob", 1_000);
        _fill(alice, bob, m, 10e18, 104e18);
        assertEq(_collateral(alice), 960e18, "at 104");

        _pass(8 hours);
        // 4 % a day, fading to nothing within eight hours, 139 of 4,000,000 parts a second: two thirds of a percent of mark.
        int256 twiceArea = 28_776 * 4_000_136 + 136;
        int256 accrued = (int256(100e18) * UNIT * twiceArea) / (2e8 * 1 days);
        int256 longValue = 100e18 * UNIT - drift - accrued;
        vm.expectEmit(address(house));
        emit Events.GenerationEnded(m, 0, longValue, -longValue, 0, 0);
        house.accrueFunding(m);
        assertEq(_market(m).fundingIndex, 0, "begins again");
        assertEq(_market(m).generation, 1, "generation");

        house.settle(_list2(alice, bob));
        // Of 10 · 100, up to the wei that a payer bears.
        uint256 funding = (1_000e18 * uint256(twiceArea)) / (2e8 * 1 days);
        assertEq(_collateral(bob), 1_040e18 + funding, "bob");
        _assertAccount(alice, m, 960e18 - funding - 1, 10e18, "alice, whose size stays");
        _assertSolvent();
    }

    function test_accrueFunding_endsAGeneration_whenTheCashOfASideHasDrifted() public {
        for (uint256 short; short < 2; ++short) {
            RiskParameters memory p = _plain();
            p.maxFundingRate = 1;
            uint8 m = _list(100e18, p);
            int256 cash = short == 0 ? int256(2 ** 109 + 1) : -int256(2 ** 109) - 1;
            _setSlot(m, 3 + short, 128, 128, uint256(cash) & type(uint128).max);
            _setSlot(m, 0, 248, 8, short == 0 ? LONG_COUNTS : SHORT_COUNTS);
            AccountId alice = _join("alice", 1_000);
            AccountId bob = _join("bob", 1_000);
            _fill(alice, bob, m, 10e18, 104e18);
            _pass(1);
            house.accrueFunding(m);
            assertEq(_market(m).generation, 1, "generation");
            assertEq(_market(m).longCash, -100e18 * UNIT, "longs begin at V = 0");
            assertEq(_market(m).shortCash, 100e18 * UNIT, "shorts begin at V = 0");
            assertEq(house.sizeOf(alice, m), int256(10e18), "alice");
            assertEq(house.sizeOf(bob, m), -10e18, "bob");
        }
    }

    /// @dev Writes bits of a slot of the market, as nobody can: what would take years otherwise.
    function _setSlot(uint8 m, uint256 slot, uint256 shift, uint256 width, uint256 bits) private {
        bytes32 place = bytes32(uint256(keccak256(abi.encode(m, 3))) + slot);
        uint256 mask = ((1 << width) - 1) << shift;
        uint256 word = uint256(vm.load(address(house), place));
        vm.store(address(house), place, bytes32((word & ~mask) | (bits << shift)));
    }
}
