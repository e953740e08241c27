// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId} from "../types/AccountId.sol";
import {Rights} from "../types/Rights.sol";

/// @notice What happened in the clearing house, and the state that results, so that an indexer never has to recompute.
/// Money, sizes and prices have 18 decimals; sizes and shares are above zero for longs and below for shorts.
// solhint-disable-next-line interface-starts-with-i
interface Events {
    // ---------------------------------------------------------------- collateral and rights
    event Deposited(AccountId indexed account, address indexed payer, uint256 amount, uint256 collateral);
    event Withdrawn(AccountId indexed account, address indexed to, uint256 amount, uint256 collateral);
    event OperatorSet(AccountId indexed account, address indexed operator, Rights rights);
    /// @notice Losses and gains were moved; `collateral` is what the account has now.
    event Settled(AccountId indexed account, uint256 collateral);

    // ---------------------------------------------------------------- markets
    /// @notice An ended market's sides were closed at its final price; `payout` of every gain is paid, in parts of 2^40;
    /// 1 is nothing.
    event MarketWoundUp(uint8 indexed market, uint256 payout);
    event MarkAccepted(uint8 indexed market, uint256 mark, uint256 publishedAt);
    /// @notice What `fundingIndex` counts from began again at zero, and shares were divided by two to the power of a shift,
    /// or closed where it is 255.
    event GenerationEnded(
        uint8 indexed market,
        uint24 generation,
        int256 longValue,
        int256 shortValue,
        uint8 longShift,
        uint8 shortShift
    );
    /// @param fundingIndex F, in value units.
    /// @param premium What is left of it, parts per hundred million of mark and day, above zero where longs pay.
    event FundingAccrued(uint8 indexed market, int256 fundingIndex, int256 premium);

    // ---------------------------------------------------------------- trading
    event Filled(
        uint8 indexed market,
        AccountId indexed buyer,
        AccountId indexed seller,
        uint256 size,
        uint256 price,
        uint256 mark,
        int256 buyerSize,
        int256 sellerSize,
        uint256 buyerCollateral,
        uint256 sellerCollateral,
        uint256 fees
    );

    // ---------------------------------------------------------------- liquidation and default
    event Liquidated(
        AccountId indexed account,
        uint8 indexed market,
        AccountId indexed to,
        uint256 size,
        uint256 mark,
        uint256 incentive,
        uint256 fundFee,
        int256 sizeLeft,
        uint256 collateral
    );
    /// @notice An account in default was resolved: its positions in markets with a price were closed and its equity is zero
    /// (what belongs to a market that refuses a price stays).
    event Deleveraged(AccountId indexed account, uint256 deficit, uint256 resolved);
    /// @notice Who bore the deficits of one market in one call: `deficit + bounty = insured + Σ haircuts + shortfall`.
    event DeficitAllocated(
        uint8 indexed market,
        uint256 deficit,
        uint256 bounty,
        uint256 insured,
        uint256 longHaircut,
        uint256 shortHaircut,
        uint256 shortfall,
        uint256 mark
    );
    /// @notice Every holder of a side was scaled: `base` is A after it, `cash` is B, `haircut` money and `closed` size are
    /// what the whole side bore.
    event SideScaled(
        uint8 indexed market,
        bool indexed isLong,
        uint256 base,
        int256 cash,
        uint256 haircut,
        uint256 closed
    );
    /// @notice A named taker took a market's net defaulted size over at mark, so that nobody was closed.
    event TakenOver(uint8 indexed market, AccountId indexed taker, int256 size, uint256 mark);
    event BountyPaid(AccountId indexed account, uint256 amount, uint256 collateral);
}
