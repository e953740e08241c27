// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// What is required is assumed, and nobody ever reads why it was not.
// solhint-disable reason-string, gas-custom-errors

import {FundingRate} from "../../contracts/logic/FundingRate.sol";
import {Price} from "../../contracts/types/Price.sol";
import {Size} from "../../contracts/types/Size.sol";

/// @notice A premium fades to nothing, funding has its sign, and neither leaves the clamp.
contract FundingRateProof {
    /// @dev The clamp's hard bound, ppm of mark per day, and the same in parts per hundred million.
    uint256 private constant MAX_RATE = 40_000;
    int256 private constant MAX_PREMIUM = 4_000_000;

    function lemma_accrued_premiumFadesTowardsZero(
        int256 premium,
        uint256 elapsed,
        uint256 mark,
        uint256 rate
    ) external pure {
        _assume(premium, mark, rate);
        (, int256 left) = FundingRate.accrued(premium, elapsed, mark, rate);
        assert(premium < 0 || (left >= 0 && left <= premium));
        assert(premium > 0 || (left <= 0 && left >= premium));
    }

    function lemma_accrued_nothingIsLeftAfterTheFade(
        int256 premium,
        uint256 elapsed,
        uint256 mark,
        uint256 rate
    ) external pure {
        _assume(premium, mark, rate);
        require(elapsed >= 8 hours);
        (, int256 left) = FundingRate.accrued(premium, elapsed, mark, rate);
        assert(left == 0);
    }

    function lemma_accrued_fundingHasTheSignOfThePremium(
        int256 premium,
        uint256 elapsed,
        uint256 mark,
        uint256 rate
    ) external pure {
        _assume(premium, mark, rate);
        (int256 gained, ) = FundingRate.accrued(premium, elapsed, mark, rate);
        assert(premium < 0 || gained >= 0);
        assert(premium > 0 || gained <= 0);
    }

    /// @dev A third of a day at the clamp, at half of it on average: less than a sixth of 4 % of mark, and the floor's unit.
    /// @custom:open three unknowns in one product; testFuzz_accrued_isTheSumOverSeconds compares it with the sum itself
    function lemma_accrued_fundingOfOneAccrualIsBounded(
        int256 premium,
        uint256 elapsed,
        uint256 mark,
        uint256 rate
    ) external pure {
        _assume(premium, mark, rate);
        (int256 gained, ) = FundingRate.accrued(premium, elapsed, mark, rate);
        assert(gained <= int256(mark / 149));
        assert(gained >= -int256(mark / 149) - 1);
    }

    function lemma_afterFill_staysWithinTheClamp(
        int256 premium,
        Price price,
        Price mark,
        Size size,
        Size openInterest,
        uint256 rate
    ) external pure {
        _assumeFill(premium, price, mark, size, openInterest, rate);
        int256 next = FundingRate.afterFill(premium, price, mark, size, openInterest, rate);
        assert(next <= int256(rate * 100));
        assert(next >= -int256(rate * 100));
    }

    /// @dev Between the premium before, as far as the clamp lets it count, and the fill's own distance.
    function lemma_afterFill_aFillAboveMarkLowersNoPremiumBelowIts(
        int256 premium,
        Price price,
        Price mark,
        Size size,
        Size openInterest,
        uint256 rate
    ) external pure {
        _assumeFill(premium, price, mark, size, openInterest, rate);
        require(price.raw() >= mark.raw());
        int256 next = FundingRate.afterFill(premium, price, mark, size, openInterest, rate);
        assert(premium < 0 || next >= 0);
    }

    function _assume(int256 premium, uint256 mark, uint256 rate) private pure {
        require(premium >= -MAX_PREMIUM && premium <= MAX_PREMIUM && mark < 2 ** 104 && rate <= MAX_RATE);
    }

    function _assumeFill(
        int256 premium,
        Price price,
        Price mark,
        Size size,
        Size openInterest,
        uint256 rate
    ) private pure {
        require(premium >= -MAX_PREMIUM && premium <= MAX_PREMIUM && rate <= MAX_RATE);
        require(price.raw() < 2 ** 90 && mark.raw() > 0 && mark.raw() < 2 ** 90);
        require(size > Size.wrap(0) && size <= Size.wrap(1e30));
        require(openInterest >= Size.wrap(0) && openInterest <= Size.wrap(1e30));
    }
}
