// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId} from "../types/AccountId.sol";
import {EndedGeneration, HaircutLimit, MarketState} from "../types/MarketState.sol";
import {Position} from "../types/Position.sol";
import {MarketStatus, RiskParameters} from "../types/RiskParameters.sol";
import {IClearingHouse} from "./IClearingHouse.sol";

/// @notice What the clearing house's numbers mean: account health, liquidation and bankruptcy prices, terms of a
/// liquidation, and the balance sheet. Owns nothing and can change nothing; anyone may deploy another.
///
/// *As of now* means: what a call of the clearing house in this block would start from. The oracle is asked and its price
/// accepted or refused by the same rules, a market without an acceptable price stands at its last accepted mark, and
/// funding has accrued to this second, through the end of a generation where that is due. Equal to the wei, because it is
/// computed by the same libraries.
/// Warning: a clearing house asks the oracle once per transaction and keeps the answer to its end. Whoever calls this lens in
/// the middle of a transaction that changes what the oracle says, or in which an account's margin check is still pending,
/// sees what the next transaction would.
/// *As written* means: what the last call of the clearing house left in storage.
///
/// Units as in {IClearingHouse}: money, sizes and prices have 18 decimals.
interface IClearingHouseLens {
    /// @notice What may be done to an account now.
    enum Standing {
        /// @dev equity ≥ MM
        Healthy,
        /// @dev 0 ≤ equity < MM, and it has a position in a market with a price: `liquidate` takes it.
        Liquidatable,
        /// @dev equity < 0, and `deleverage` resolves it, as far as its markets have a price.
        InDefault,
        /// @dev equity < MM, and no market in which something could be done has a price: its keepers wait.
        Waiting
    }

    /// @notice An account as of now.
    struct AccountHealth {
        AccountId account;
        Standing standing;
        /// @dev Whether every market in which it has a position has a price. Where not, new risk and withdrawals wait.
        bool fresh;
        /// @dev Money, as written: what has been paid in and collected.
        uint256 collateral;
        /// @dev Gains that wait (above zero) and losses that are due (below), over all markets.
        int256 unsettled;
        /// @dev collateral + Σ unsettled
        int256 equity;
        /// @dev collateral + Σ min(0, unsettled): waiting gains count for nothing.
        int256 secured;
        /// @dev IM = Σ ⌈initial margin rate · ⌈|size| · mark⌉⌉
        uint256 initialMargin;
        /// @dev MM, likewise.
        uint256 maintenanceMargin;
        /// @dev Money that may be withdrawn without settling first: max(0, min(collateral, secured − IM)), and zero while a
        /// market in which it has a position refuses its price or has just jumped. In whole token units, rounded down: what `withdraw` takes.
        uint256 freeCollateral;
    }

    /// @notice One market of an account, as of now.
    struct PositionHealth {
        uint8 market;
        /// @dev Whether the oracle vouches for `mark`.
        bool fresh;
        /// @dev Signed: long above zero, short below. Zero where only an unpaid amount is left.
        int256 size;
        uint256 mark;
        /// @dev ⌈|size| · mark⌉, money: what the margins are taken of.
        uint256 notional;
        /// @dev shares · (V − V_paid) + owed: what is not settled yet, funding and haircuts included.
        int256 unsettled;
        /// @dev The part of it that shares do not explain any more.
        int256 owed;
        /// @dev The mark of this market, all others standing still, from which on equity < MM: on the way against the
        /// position the first, exact to the wei. The account is below its margin there, and one wei better it is not. Where
        /// it is below its margin already, this lies on the other side of the mark: the way back. Zero for a long and
        /// `type(uint256).max` for a short that no price of the market can bring there; the market's highest acceptable
        /// price for a long and 1 for a short that no price can save. Zero without a size.
        /// Below MM is not above zero: where the price jumps, both this and the next may have been passed.
        uint256 liquidationPrice;
        /// @dev The same for equity < 0.
        uint256 bankruptcyPrice;
    }

    /// @notice What `liquidate` would do now.
    struct LiquidationPreview {
        /// @dev What would be taken, at most what was asked.
        uint256 size;
        uint256 mark;
        /// @dev What the liquidator would earn, money …
        uint256 incentive;
        /// @dev … and the part of it that would not be collateral at once but a claim on the market's pool, out of the gain
        /// that the account waits for there. Settling may have paid it already when the call ends.
        uint256 claim;
        /// @dev What the market's shortfall and then the insurance fund would earn, money.
        uint256 fundFee;
    }

    /// @notice A market as of now.
    struct MarketSummary {
        uint8 market;
        MarketStatus status;
        /// @dev Whether open interest may not grow, by its status or because its shortfall is above its limit.
        bool reduceOnly;
        /// @dev Whether the oracle vouches for `mark`.
        bool fresh;
        uint256 mark;
        uint256 publishedAt;
        uint256 generation;
        /// @dev What the two sides stand for. They differ by rounding only.
        uint256 longSize;
        uint256 shortSize;
        /// @dev ⌈larger side · mark⌉, money: what the open interest cap is compared with.
        uint256 openInterest;
        /// @dev Up to where it may grow now, money: the cap, or what the insurance fund bears where that is less.
        uint256 openInterestLimit;
        /// @dev The initial margin rate as it is now, ppm of notional: with open interest and volatility in it.
        uint256 initialMargin;
        /// @dev The range of marks that counts for it, ppm of the lowest, in whole twentieths.
        uint256 volatility;
        /// @dev Whether fills, and withdrawals of whoever has a position, need not wait for the next block.
        bool calm;
        /// @dev Unix seconds from which on the market is wound up and gains are paid; zero unless it has ended and waits for that.
        uint256 settlesAt;
        /// @dev Collected from losers and not yet paid to winners, and the fees below, money. As written.
        uint256 pool;
        /// @dev Owed to winners with nobody left to pay it, money. As written, and none once winding up is due.
        uint256 shortfall;
        /// @dev Of the pool: fees, money, as written, less what winding up takes of them once it is due. One token of them
        /// stays there against rounding, the rest pays the market's shortfall and then the insurance fund when it is swept.
        uint256 fees;
        /// @dev F: what a long of one unit has paid shorts since the generation began, times 2^scale.
        int256 fundingIndex;
        /// @dev The funding rate: parts per hundred million of mark and day, above zero where longs pay. It fades while nothing trades.
        int256 premium;
        uint256 scale;
    }

    /// @notice One market's line of the balance sheet, money, as written.
    struct MarketSheet {
        uint256 pool;
        uint256 shortfall;
        /// @dev Of the pool.
        uint256 fees;
    }

    /// @notice What is there and whose it is, as written. Money, except where token units are named.
    struct BalanceSheet {
        /// @dev The vault's count of tokens in money: everything that is owed to anybody comes out of this.
        uint256 ledger;
        /// @dev Σ collateral over all accounts, the insurance fund's included: `ledger − pools`. There is no running sum:
        /// property P1 says that the two are equal, exactly, after every call.
        uint256 collateral;
        /// @dev The insurance fund's part of it, without the fees that still wait in the pools.
        uint256 fundAssets;
        /// @dev Σ over markets.
        uint256 pools;
        /// @dev Σ over markets. Not a liability of the ledger: gains that no money stands for.
        uint256 shortfalls;
        /// @dev Of the pools: what a sweep would leave as rounding reserves, use against shortfalls and give to the fund.
        uint256 fees;
        /// @dev The vault's own count, token units …
        uint256 ledgerBalance;
        /// @dev … and what the token says the vault has, token units: never less.
        uint256 tokenBalance;
        /// @dev By market number.
        MarketSheet[] markets;
    }

    // ------------------------------------------------------------------ as of now

    /// @notice What an account is worth, what it must be worth, and what may be done to it.
    function accountHealth(AccountId account) external view returns (AccountHealth memory);

    /// @notice The same for many accounts, each market asked once.
    function healths(AccountId[] calldata accounts) external view returns (AccountHealth[] memory);

    /// @notice Only what may be done to each, in the order of the list.
    function standings(AccountId[] calldata accounts) external view returns (Standing[] memory);

    /// @notice Every market that an account is in, by number.
    function positionsOf(AccountId account) external view returns (PositionHealth[] memory);

    /// @notice What `liquidate` with the same arguments would do, for a taker that can bear it.
    /// @dev Looks neither at the taker's rights nor at its margin. Reverts as `liquidate` would: `AmountIsZero`,
    /// `UnknownMarket`, `DeficitMustBeDeleveraged`, `NotLiquidatable`, `NoPosition`, `PositionTooSmall`, and the
    /// oracle's refusal.
    /// @param size The most to take.
    function previewLiquidation(
        AccountId account,
        uint8 market,
        uint256 size
    ) external view returns (LiquidationPreview memory);

    /// @dev Errors: `UnknownMarket`.
    function marketSummary(uint8 market) external view returns (MarketSummary memory);

    /// @notice All markets, by number.
    function marketSummaries() external view returns (MarketSummary[] memory);

    /// @notice The initial margin rate that a market would ask for, ppm of notional, if its open interest grew by `size`.
    /// @dev Errors: `UnknownMarket`, `SizeOutOfRange`.
    function initialMarginAfter(uint8 market, uint256 size) external view returns (uint256);

    // ------------------------------------------------------------------ as written

    /// @notice Who owns what of the vault's tokens.
    function balanceSheet() external view returns (BalanceSheet memory);

    /// @notice A position as stored: perhaps of a generation that has ended since.
    function positionOf(AccountId account, uint8 market) external view returns (Position memory);

    /// @notice A market as stored. One that is not listed has no price and no parameters, and sides of base 1 without shares.
    function marketOf(uint8 market) external view returns (MarketState memory);

    /// @notice What bounds the haircuts of a market, as stored.
    function haircutLimitOf(uint8 market) external view returns (HaircutLimit memory);

    /// @notice How a generation ended. All zero for one that has not.
    function endedGenerationOf(uint8 market, uint24 generation) external view returns (EndedGeneration memory);

    /// @notice A market's parameters as they are in force. All zero for one that is not listed.
    function riskParametersOf(uint8 market) external view returns (RiskParameters memory);

    /// @notice The clearing house that is looked at.
    function house() external view returns (IClearingHouse);
}
