// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId} from "../types/AccountId.sol";
import {Rights} from "../types/Rights.sol";

/// @notice Every refusal of the protocol, with the numbers needed to understand it. Money, sizes and prices have 18 decimals.
library Errors {
    // ---------------------------------------------------------------- who
    /// @notice `actor` lacks `needed` on the account.
    error NotPermitted(AccountId account, address actor, Rights needed);
    error UnknownRights(Rights rights);
    error OnlyClearingHouse(address caller);
    error OnlyGovernor(address caller);
    /// @notice The two parties of a trade or a liquidation must differ.
    error SameAccount(AccountId account);
    /// @notice The insurance fund's account joins no market and has no operators.
    error FundAccountRefused();
    error ZeroAddress();

    // ---------------------------------------------------------------- amounts
    error AmountIsZero();
    error AmountOutOfRange(uint256 amount, uint256 limit);
    error InsufficientCollateral(uint256 collateral, uint256 asked);
    /// @notice The token moved another amount than was asked: fee on transfer, rebasing, or lying.
    error TokenNotExact(uint256 expected, uint256 moved);
    error TokenDecimals(uint256 decimals);
    error VaultFull(uint256 ledgerBalance, uint256 limit);

    // ---------------------------------------------------------------- health
    error InsufficientMargin(AccountId account, int256 secured, uint256 required);
    error HealthWouldFall(AccountId account, int256 equity, uint256 maintenanceMargin);
    error UnpaidLoss(AccountId account, uint256 unpaid);
    error NotLiquidatable(AccountId account, int256 equity, uint256 maintenanceMargin);
    /// @notice Equity is below zero: only the waterfall may touch this account.
    error DeficitMustBeDeleveraged(AccountId account, uint256 deficit);
    error NoPosition(AccountId account, uint8 market);
    /// @notice The account is inside a batch whose final check is still to come.
    error CheckPending(AccountId account);

    // ---------------------------------------------------------------- markets
    error UnknownMarket(uint8 market);
    error TooManyMarkets(uint256 count, uint256 limit);
    /// @notice The mark has just moved further than the maintenance margin: fills there, and withdrawals of whoever has a
    /// position there, wait for the next block.
    error MarkJumped(uint8 market, uint256 mark);
    /// @notice The market has ended for good.
    error MarketEnded(uint8 market);
    /// @notice No higher maintenance margin has been set (`target` is zero), or its next step may be taken from `nextAt` on.
    error NoMarginToRaise(uint8 market, uint256 target, uint256 nextAt);
    error MarketIsReduceOnly(uint8 market, uint256 openInterest, uint256 before);
    error OpenInterestAboveCap(uint8 market, uint256 notional, uint256 cap);
    error PositionTooSmall(uint256 notional, uint256 minimum);
    error SizeOutOfRange(uint256 size, uint256 limit);
    error PriceOutOfBand(uint256 price, uint256 mark, uint256 band);
    error FeeAboveMaximum(uint256 fee, uint256 maximum);
    /// @notice A parameter lies outside its hard bounds. `name` is the field's name.
    error ParameterOutOfBounds(string name, uint256 value, uint256 lowest, uint256 highest);

    // ---------------------------------------------------------------- prices
    error PriceFeedMissing(uint8 market);
    error PriceTooOld(uint8 market, uint256 publishedAt, uint256 maxAge);
    /// @notice One of the sources that a price is made of has none that is new enough.
    error SourceTooOld(address source, uint256 publishedAt, uint256 maxAge);
    error PriceNotPositive(int256 answer);
    error PriceFromTheFuture(uint256 publishedAt, uint256 now_);
    error PriceRoundIncomplete(uint256 roundId);
    /// @notice The oracle vouches for a price that this market cannot take: it is out of the market's range, or was published
    /// before the one accepted last.
    error PriceRefused(uint8 market, uint256 price, uint256 publishedAt);
    error FeedDecimals(uint256 decimals);
    /// @notice A Pyth price times ten to this power cannot be brought to 18 decimals exactly.
    error PriceExponent(int256 exponent);
    /// @notice The publisher itself takes the price to be off by up to `confidence`.
    error PriceUncertain(uint8 market, uint256 confidence, uint256 limit);
    /// @notice The two sources of a market are further apart than `limit`.
    error PricesDeviate(uint8 market, uint256 price, uint256 second, uint256 limit);
    error PriceOutOfBounds(uint8 market, uint256 price, uint256 lowest, uint256 highest);
    /// @notice Further than `limit` from the price accepted last. The limit grows every minute.
    error PriceMoved(uint8 market, uint256 price, uint256 mark, uint256 limit);
    /// @notice The chain's sequencer has been down since then: users could not act.
    error SequencerDown(uint256 since);
    /// @notice It is up since then, which is not long enough for users to have acted.
    error SequencerStarting(uint256 since, uint256 grace);
    error UpdateFeeUnpaid(uint256 fee, uint256 paid);

    // ---------------------------------------------------------------- batch
    error BatchInProgress();

    // ---------------------------------------------------------------- insurance fund
    error LengthsDiffer(uint256 left, uint256 right);
    error WithdrawalPending(address owner, uint256 shares);
    error NoWithdrawalRequested(address owner);
    /// @notice The request may be executed from `opensAt` until before `closesAt`.
    error WithdrawalWindowClosed(uint256 now_, uint256 opensAt, uint256 closesAt);
    error CooldownOutOfBounds(uint256 cooldown, uint256 window);
    /// @notice The token called out while it was being paid in, and the assets now buy fewer shares than were promised.
    error SharePriceMoved(uint256 promised, uint256 bought);

    // ---------------------------------------------------------------- orders
    /// @notice Signed neither by the owner (by key or through ERC-1271) nor by a key that may trade for the account.
    error OrderSignatureInvalid(AccountId account);
    error OrderExpired(AccountId account, uint256 expiry);
    error OrderCancelled(AccountId account, uint256 nonce);
    /// @notice The account has cancelled everything since: the order names an epoch that is over, or none that ever was.
    error OrderEpochEnded(AccountId account, uint256 epoch, uint256 current);
    /// @notice A later order of its lane was filled or cancelled, or the whole lane was.
    error OrderSuperseded(AccountId account, uint256 nonce, uint256 sequence);
    error OrderFilled(AccountId account, uint256 filled, uint256 size);
    error OrdersDoNotCross(uint256 buyPrice, uint256 sellPrice);
    error OrdersDoNotMatch(uint8 buyMarket, uint8 sellMarket);
    /// @notice A buying order stands where a selling one belongs, or the other way round.
    error OrderSideWrong(AccountId account);
    /// @notice A reduce-only order found nothing that it could reduce.
    error OrderWouldIncrease(AccountId account);
}
