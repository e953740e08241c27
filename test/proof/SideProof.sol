// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// What is required is assumed, and nobody ever reads why it was not.
// solhint-disable reason-string, gas-custom-errors

import {Rounding} from "../../contracts/math/Rounding.sol";
import {BASE_BITS, ONE_BASE, Side} from "../../contracts/types/Side.sol";
import {Size} from "../../contracts/types/Size.sol";

/// @notice Shares, sizes and values of a side, over all of the supported ranges (docs/rounding.md).
contract SideProof {
    uint256 private constant LOWEST_BASE = 1 << 116;
    uint256 private constant MOST_SHARES = 1 << 111;
    uint256 private constant MOST_SIZE = 1e30;
    int256 private constant FARTHEST = 1 << 110;

    function lemma_exposure_isTheFloorOfALong(Side memory side, int256 distance) external pure {
        _assume(side);
        require(side.isLong && -FARTHEST < distance && distance < FARTHEST);
        int256 rest = int256(side.base) * distance - side.exposure(distance) * int256(ONE_BASE);
        assert(rest >= 0);
        assert(rest < int256(ONE_BASE));
    }

    function lemma_exposure_isTheFloorOfAShort(Side memory side, int256 distance) external pure {
        _assume(side);
        require(!side.isLong && -FARTHEST < distance && distance < FARTHEST);
        int256 rest = -int256(side.base) * distance - side.exposure(distance) * int256(ONE_BASE);
        assert(rest >= 0);
        assert(rest < int256(ONE_BASE));
    }

    function lemma_exposure_ofBothSidesGivesNothingAway(
        Side memory long,
        Side memory short,
        int256 distance
    ) external pure {
        _assume(long);
        require(long.isLong && !short.isLong && short.base == long.base);
        require(-FARTHEST < distance && distance < FARTHEST);
        int256 sum = long.exposure(distance) + short.exposure(distance);
        assert(sum <= 0);
        assert(sum >= -1);
    }

    function lemma_sizeOf_isAtMostTheShares(Side memory side, uint256 shares) external pure {
        _assume(side);
        require(shares < MOST_SHARES);
        assert(uint256(Size.unwrap(side.sizeOf(shares))) <= shares);
    }

    function lemma_sizeOf_partsAreNoMoreThanTheWhole(Side memory side, uint256 one, uint256 other) external pure {
        _assume(side);
        require(one < MOST_SHARES && other < MOST_SHARES);
        assert(side.sizeOf(one) + side.sizeOf(other) <= side.sizeOf(one + other));
        assert(side.sizeOf(one) + side.sizeOf(other) + Size.wrap(1) >= side.sizeOf(one + other));
    }

    function lemma_sharesDown_standForTheAmountAtMost(Side memory side, uint256 amount) external pure {
        _assume(side);
        require(amount <= MOST_SIZE);
        Size opened = side.sizeOf(side.sharesDown(Size.wrap(int256(amount))));
        assert(opened <= Size.wrap(int256(amount)));
        assert(opened + Size.wrap(1) >= Size.wrap(int256(amount)));
    }

    function lemma_sharesUp_standForTheAmount(Side memory side, uint256 amount) external pure {
        _assume(side);
        require(amount <= MOST_SIZE);
        assert(side.sizeOf(side.sharesUp(Size.wrap(int256(amount)))) == Size.wrap(int256(amount)));
    }

    function lemma_shares_bracketTheAmount(Side memory side, uint256 amount) external pure {
        _assume(side);
        require(amount <= MOST_SIZE);
        uint256 down = side.sharesDown(Size.wrap(int256(amount)));
        uint256 up = side.sharesUp(Size.wrap(int256(amount)));
        assert(down <= up);
        assert(up <= down + 1);
    }

    function lemma_close_leavesNoMoreThanAskedAndAtMostOneLess(Side memory side, uint256 left) external pure {
        require(side.shares > 0 && side.shares < MOST_SHARES && left <= side.shares);
        side.base = Rounding.shiftDivDown(left, BASE_BITS, side.shares);
        assert(side.size() <= Size.wrap(int256(left)));
        assert(side.size() + Size.wrap(1) >= Size.wrap(int256(left)));
    }

    function lemma_charge_takesTheAmountAndLessThanAUnitAShareMore(
        Side memory side,
        uint256 amount,
        uint256 unit
    ) external pure {
        _assume(side);
        uint256 shares = side.shares;
        require(shares > 0 && amount < 2 ** 112 && unit > 0 && unit < 2 ** 130);
        uint256 perShare = side.charge(amount, unit);
        assert(perShare * shares >= amount * unit);
        assert(perShare * shares - amount * unit < shares);
    }

    function _assume(Side memory side) private pure {
        require(side.base > LOWEST_BASE && side.base <= ONE_BASE && side.shares < MOST_SHARES);
    }
}
