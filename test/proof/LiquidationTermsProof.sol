// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// What is required is assumed, and nobody ever reads why it was not.
// solhint-disable reason-string, gas-custom-errors

import {Health} from "../../contracts/logic/Health.sol";
import {LiquidationTerms} from "../../contracts/logic/LiquidationTerms.sol";
import {ONE, Price} from "../../contracts/types/Price.sol";
import {PPM, PackedRisk} from "../../contracts/types/RiskParameters.sol";
import {Size, ZERO_SIZE} from "../../contracts/types/Size.sol";
import {Usd, ZERO_USD} from "../../contracts/types/Usd.sol";

/// @notice What a liquidator takes and earns, for every account below maintenance margin and every market that the governor
/// accepts.
contract LiquidationTermsProof {
    struct Case {
        Health health;
        Size position;
        Price mark;
        PackedRisk risk;
        Size asked;
        Usd payable_;
    }

    function lemma_incentiveRate_isBetweenItsEnds(Case memory c) external pure {
        _assume(c);
        uint256 rate = LiquidationTerms.incentiveRate(c.health, c.risk);
        assert(rate >= c.risk.incentiveMin() * (ONE / PPM));
        assert(rate <= c.risk.incentiveMax() * (ONE / PPM));
    }

    /// @custom:open z3 finds no input that fulfils what it requires, nor that a size is not negative;
    /// testFuzz_agree_neverLowersHealth tries it
    function lemma_agree_takesNoMoreThanThereIsOrWasAsked(Case memory c) external pure {
        _assume(c);
        LiquidationTerms.Terms memory terms = _agree(c);
        assert(terms.size >= ZERO_SIZE);
        assert(terms.size <= c.position);
        assert(terms.size <= c.asked);
    }

    /// @custom:open z3 finds no input that fulfils what it requires, nor that an incentive is not negative;
    /// testFuzz_agree_neverLowersHealth tries it
    function lemma_agree_partsAreNotNegativeAndCanBePaid(Case memory c) external pure {
        _assume(c);
        LiquidationTerms.Terms memory terms = _agree(c);
        assert(terms.incentive >= ZERO_USD);
        assert(terms.fundFee >= ZERO_USD);
        assert(terms.incentive + terms.fundFee <= c.payable_);
    }

    /// @custom:open quotients of products of four unknowns; testFuzz_agree_neverLowersHealth tries what follows from it
    function lemma_agree_penaltyIsAtMostTheEquityOfThePartTaken(Case memory c) external pure {
        _assume(c);
        LiquidationTerms.Terms memory terms = _agree(c);
        Usd partMargin = c.mark.notionalDown(terms.size).partDown(c.risk.maintenanceMargin());
        uint256 penalty = (terms.incentive + terms.fundFee).raw();
        assert(penalty * c.health.maintenanceMargin.raw() <= c.health.equity.raw() * partMargin.raw());
    }

    /// @dev From what the lemma above proves: equity'/MM' ≥ equity/MM, cross-multiplied, and no deficit.
    function lemma_penalty_withinTheEquityOfThePartLowersNoHealth(
        uint256 equity,
        uint256 margin,
        uint256 partMargin,
        uint256 penalty
    ) external pure {
        require(equity < margin && margin < 2 ** 115 && partMargin <= margin && penalty < 2 ** 115);
        require(penalty * margin <= equity * partMargin);
        assert(penalty <= equity);
        assert((equity - penalty) * margin >= equity * (margin - partMargin));
    }

    function _agree(Case memory c) private pure returns (LiquidationTerms.Terms memory) {
        return LiquidationTerms.agree(c.health, c.position, c.mark, c.risk, c.asked, c.payable_);
    }

    function _assume(Case memory c) private pure {
        require(c.health.equity >= ZERO_USD && c.health.equity < c.health.maintenanceMargin);
        require(c.health.maintenanceMargin < Usd.wrap(2 ** 115));
        require(c.position > ZERO_SIZE && c.position <= Size.wrap(1e30));
        require(c.asked >= ZERO_SIZE && c.asked <= Size.wrap(1e30));
        require(c.payable_ >= ZERO_USD && c.payable_ < Usd.wrap(2 ** 122));
        require(c.mark.raw() > 0 && c.mark.raw() < 2 ** 90);
        uint256 rate = c.risk.maintenanceMargin();
        require(rate >= 1_000 && rate <= 500_000);
        require(c.risk.incentiveMin() <= c.risk.incentiveMax() && c.risk.incentiveMax() + c.risk.fundFee() <= rate / 2);
        require(c.risk.buffer() >= PPM && c.risk.buffer() <= 2 * PPM);
    }
}
