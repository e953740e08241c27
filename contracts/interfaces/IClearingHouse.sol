// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId} from "../types/AccountId.sol";
import {MarketSet} from "../types/MarketSet.sol";
import {Rights} from "../types/Rights.sol";
import {PackedRisk} from "../types/RiskParameters.sol";
import {Call} from "../periphery/Courier.sol";
import {ICollateralVault} from "./ICollateralVault.sol";
import {IInsuranceFund} from "./IInsuranceFund.sol";
import {IMarketGovernor} from "./IMarketGovernor.sol";
import {IPriceOracle} from "./IPriceOracle.sol";

/// @notice Every claim on the collateral: accounts, positions, markets. No account can go below zero, nobody is paid money
/// that has not been collected, and an account without a position never pays for anybody else.
///
/// Units, unless a line says otherwise: *money* is 18-decimal fixed point whatever the token's decimals; *token units* are
/// the token's own; *size* is 18-decimal units of base; *price* is 18-decimal money per whole unit of base; *ppm* is parts
/// per million.
interface IClearingHouse {
    /// @notice A trade that a venue matched.
    struct Fill {
        /// @dev Gains `size`: its long grows or its short shrinks.
        AccountId buyer;
        AccountId seller;
        uint8 market;
        /// @dev Above zero.
        uint256 size;
        /// @dev Within the market's price band around mark.
        uint256 price;
        /// @dev Who earns the venue's fees; `NO_ACCOUNT` where both are zero.
        AccountId feeTo;
        /// @dev The venue's own fee for the buyer, ppm of notional at `price`, at most `MAX_VENUE_FEE`.
        uint24 buyerFee;
        uint24 sellerFee;
    }

    // ------------------------------------------------------------------ collateral

    /// @notice Adds collateral to the caller's own account `number`. Anyone, always; needs no price.
    /// @param amount Token units, above zero. The caller has approved the vault.
    /// @dev Pays unpaid losses of the account first. Errors: `AmountIsZero`, `AmountOutOfRange`, `TokenNotExact`, `VaultFull`.
    function deposit(uint96 number, uint256 amount) external;

    /// @notice The same for anyone's account. The caller pays.
    function depositFor(AccountId account, uint256 amount) external;

    /// @notice Takes free collateral out. The owner, or an operator with the withdraw right.
    /// @dev Needs `secured − amount ≥ IM`: a gain counts once it has been paid into collateral, so whoever wants a waiting
    /// gain settles first. An account with a position needs a fresh price of every market it has a position in; a flat one
    /// needs none, and the former waits a block after a mark that moved further than the maintenance margin (`MarkJumped`).
    /// Errors: `NotPermitted`, `AmountIsZero`, `InsufficientCollateral`, `InsufficientMargin`, `UnpaidLoss`, and
    /// the oracle's refusal.
    /// @param amount Token units.
    function withdraw(AccountId account, uint256 amount, address to) external;

    // ------------------------------------------------------------------ who may act

    /// @notice Sets, for the caller's own account `number`, exactly the rights that `operator` has from now on.
    /// @dev Errors: `UnknownRights`.
    function setOperator(uint96 number, address operator, Rights rights) external;

    // ------------------------------------------------------------------ trading

    /// @notice Books a trade between two accounts. Only a venue (any address) that both gave the trade right.
    /// @dev Both need equity ≥ 0 before. After it, who increased risk needs `secured ≥ IM`; who only reduced needs
    /// `equity ≥ MM`, or `equity ≥ 0` and equity/MM not lower than before. Neither is left with a new or larger unpaid loss.
    /// A reducing fill's fees are cut down to what these rules leave, so reducing at mark is always possible.
    /// Waits a block after a mark that moved further than the maintenance margin (`MarkJumped`).
    /// Errors: `NotPermitted`, `SameAccount`, `AmountIsZero`, `UnknownMarket`, `PriceOutOfBand`, `DeficitMustBeDeleveraged`,
    /// `InsufficientMargin`, `HealthWouldFall`, `UnpaidLoss`, `PositionTooSmall`, `OpenInterestAboveCap`,
    /// `MarketIsReduceOnly`, `TooManyMarkets`, `SizeOutOfRange`, `FeeAboveMaximum`, `InsufficientCollateral`,
    /// `FundAccountRefused`, `ZeroAddress` (a venue's fee to nobody), and the oracle's refusal.
    function fill(Fill calldata trade) external;

    // ------------------------------------------------------------------ liquidation and default

    /// @notice Takes (part of) a position over from an account with 0 ≤ equity < MM, at mark plus an incentive. Anyone with
    /// the trade right on `to`, which pays no fee and needs `secured ≥ IM` afterwards.
    /// @dev Source of the terms: `LiquidationTerms`. Errors: `NotPermitted`, `SameAccount`, `NoPosition`,
    /// `NotLiquidatable`, `DeficitMustBeDeleveraged`, `CheckPending`, `InsufficientMargin`, `UnpaidLoss`,
    /// `TooManyMarkets`, `AmountIsZero`, `FundAccountRefused`, `UnknownMarket`, `PositionTooSmall`, and the oracle's refusal.
    /// @param size The most to take. What may be taken is capped; ask for `type(uint256).max` for all of it.
    /// @return taken What was taken.
    function liquidate(AccountId account, uint8 market, uint256 size, AccountId to) external returns (uint256 taken);

    /// @notice Runs the default waterfall for every listed account with equity < 0; all others are skipped. Anyone.
    /// @dev Never reverts while the markets concerned have an accepted mark. Its gas depends on the accounts and markets in
    /// the call and not on how many exist. The caller's account 0 earns a bounty.
    /// @param taker An account that the caller may trade for and that takes net sizes over where nobody has to pay for
    /// them; `NO_ACCOUNT` for none. Errors: `NotPermitted` for a taker that is not the caller's to use.
    function deleverage(AccountId[] calldata accounts, AccountId taker) external;

    // ------------------------------------------------------------------ settlement

    /// @notice Moves losses into the pools and gains out of them as far as these go. Anyone, for any accounts.
    /// @dev Goes through the list twice, in its order, the second time for those whose gains still wait: listing losers, best
    /// before the winner, pays the winner.
    function settle(AccountId[] calldata accounts) external;

    /// @notice Brings a market's funding index and mark up to date. Anyone.
    function accrueFunding(uint8 market) external;

    // ------------------------------------------------------------------ batch

    /// @notice Several calls in one transaction; initial margin of the accounts that the caller may trade for is
    /// checked once, at the end.
    /// @dev The calls come from the courier, which the clearing house takes for the caller and nobody else takes for anybody.
    /// An account with a check pending can be neither liquidated nor deleveraged and earns no bounty. Batches do not
    /// nest. A revert of any call reverts all, with its reason. Errors: `BatchInProgress`, `InsufficientMargin`.
    function batch(Call[] calldata calls) external;

    // ------------------------------------------------------------------ governance

    /// @notice Adds a market with a first mark from the oracle. Only the market governor, which checks the bounds.
    /// @dev Errors: `OnlyGovernor`, `TooManyMarkets`, and the oracle's refusal.
    /// @param scale Value unit of the market: a price is shifted left by this to become a value per share.
    function addMarket(PackedRisk calldata risk, uint8 scale) external returns (uint8 market);

    /// @notice Replaces a market's parameters; with the status Settled, ends it at the mark in force. Only the market governor,
    /// which checks the bounds.
    /// @dev Errors: `OnlyGovernor`.
    function setRisk(uint8 market, PackedRisk calldata risk) external;

    // ------------------------------------------------------------------ raw state; meaning is added by the lens

    /// @notice Collateral (money) and markets of an account.
    function accountOf(AccountId account) external view returns (uint256 collateral, MarketSet markets);

    /// @notice The size of a position as last written, signed: long above zero, short below. In 18-decimal units of base.
    function sizeOf(AccountId account, uint8 market) external view returns (int256);

    /// @notice A market's parameters, packed; the governor has them in words.
    function riskOf(uint8 market) external view returns (PackedRisk memory);

    /// @notice Storage as it is, slot by slot: what the lens reads positions, markets and generations from.
    function load(bytes32[] calldata slots) external view returns (bytes32[] memory words);

    function rightsOf(AccountId account, address operator) external view returns (Rights);

    /// @notice Whether `actor` is the owner of an account or holds `rights` on it.
    function mayAct(AccountId account, address actor, Rights rights) external view returns (bool);

    function marketCount() external view returns (uint256);

    function vault() external view returns (ICollateralVault);

    function insuranceFund() external view returns (IInsuranceFund);

    function oracle() external view returns (IPriceOracle);

    function governor() external view returns (IMarketGovernor);

    /// @notice The ledger account that holds the insurance fund's assets.
    function fundAccount() external view returns (AccountId);
}
