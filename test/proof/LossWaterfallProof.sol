// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// What is required is assumed, and nobody ever reads why it was not.
// solhint-disable reason-string, gas-custom-errors

import {LossWaterfall} from "../../contracts/logic/LossWaterfall.sol";
import {Usd, ZERO_USD} from "../../contracts/types/Usd.sol";

/// @notice Whatever is left of a loss is split without remainder, and nobody bears more than its limit.
contract LossWaterfallProof {
    /// @dev Below what two amounts of money may be for their product to fit (docs/rounding.md).
    Usd private constant MOST = Usd.wrap(2 ** 122);

    function lemma_allocate_partsAddUp(
        LossWaterfall.Loss memory loss,
        Usd insured,
        Usd shortLimit,
        Usd longLimit
    ) external pure {
        _assume(loss, insured, shortLimit, longLimit);
        LossWaterfall.Split memory split = LossWaterfall.allocate(loss, insured, shortLimit, longLimit);
        assert(split.byShorts + split.byLongs + split.shortfall + insured == loss.deficit + loss.bounty);
    }

    function lemma_allocate_noPartIsNegative(
        LossWaterfall.Loss memory loss,
        Usd insured,
        Usd shortLimit,
        Usd longLimit
    ) external pure {
        _assume(loss, insured, shortLimit, longLimit);
        LossWaterfall.Split memory split = LossWaterfall.allocate(loss, insured, shortLimit, longLimit);
        assert(split.byShorts >= ZERO_USD);
        assert(split.byLongs >= ZERO_USD);
        assert(split.shortfall >= ZERO_USD);
    }

    function lemma_allocate_noSideIsChargedBeyondItsLimit(
        LossWaterfall.Loss memory loss,
        Usd insured,
        Usd shortLimit,
        Usd longLimit
    ) external pure {
        _assume(loss, insured, shortLimit, longLimit);
        LossWaterfall.Split memory split = LossWaterfall.allocate(loss, insured, shortLimit, longLimit);
        assert(split.byShorts <= shortLimit);
        assert(split.byLongs <= longLimit);
    }

    function lemma_allocate_noSideIsChargedForWhatItDoesNotOppose(
        LossWaterfall.Loss memory loss,
        Usd insured,
        Usd shortLimit,
        Usd longLimit
    ) external pure {
        _assume(loss, insured, shortLimit, longLimit);
        LossWaterfall.Split memory split = LossWaterfall.allocate(loss, insured, shortLimit, longLimit);
        assert(loss.ofLongs != ZERO_USD || split.byShorts == ZERO_USD);
        assert(loss.ofShorts != ZERO_USD || split.byLongs == ZERO_USD);
    }

    function _assume(LossWaterfall.Loss memory loss, Usd insured, Usd shortLimit, Usd longLimit) private pure {
        require(loss.ofLongs >= ZERO_USD && loss.ofShorts >= ZERO_USD && loss.bounty >= ZERO_USD);
        require(loss.deficit > ZERO_USD && loss.deficit < MOST && loss.bounty < MOST);
        require(loss.ofLongs <= loss.deficit && loss.ofShorts <= loss.deficit - loss.ofLongs);
        require(insured >= ZERO_USD && insured <= loss.deficit + loss.bounty);
        require(shortLimit >= ZERO_USD && shortLimit < MOST);
        require(longLimit >= ZERO_USD && longLimit < MOST);
    }
}
