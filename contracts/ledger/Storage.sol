// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {CollateralVault} from "../CollateralVault.sol";
import {InsuranceFund} from "../InsuranceFund.sol";
import {MarketGovernor} from "../MarketGovernor.sol";
import {ICollateralVault} from "../interfaces/ICollateralVault.sol";
import {IInsuranceFund} from "../interfaces/IInsuranceFund.sol";
import {IMarketGovernor} from "../interfaces/IMarketGovernor.sol";
import {IPriceOracle} from "../interfaces/IPriceOracle.sol";
import {Courier} from "../periphery/Courier.sol";
import {AccountId, accountId} from "../types/AccountId.sol";
import {EndedGeneration, HaircutLimit, MarketState} from "../types/MarketState.sol";
import {MarketSet} from "../types/MarketSet.sol";
import {Position} from "../types/Position.sol";
import {Rights} from "../types/Rights.sol";
import {PackedRisk} from "../types/RiskParameters.sol";

/// @notice Every slot of the clearing house, and what it is deployed with.
abstract contract Storage {
    /// @dev One slot: 128 + 128 bits.
    struct Account {
        uint128 collateral;
        MarketSet markets;
    }

    ICollateralVault public immutable vault;
    IInsuranceFund public immutable insuranceFund;
    IPriceOracle public immutable oracle;
    IMarketGovernor public immutable governor;
    /// @notice The ledger account that holds the insurance fund's assets.
    AccountId public immutable fundAccount;
    /// @dev Makes the calls of a batch.
    Courier internal immutable _courier = new Courier();
    /// @dev One token unit in 18-decimal money.
    uint256 internal immutable _tokenUnit;

    mapping(AccountId => Account) internal _accounts;
    mapping(AccountId => mapping(uint256 market => Position)) internal _positions;
    mapping(AccountId => mapping(address operator => Rights)) internal _rights;
    mapping(uint256 market => MarketState) internal _markets;
    mapping(uint256 market => PackedRisk) internal _risk;
    mapping(uint256 market => HaircutLimit) internal _haircutLimits;
    mapping(uint256 market => mapping(uint256 generation => EndedGeneration)) internal _ended;
    uint256 public marketCount;

    // ------------------------------------------------------------------ transient: gone with the transaction
    // Small slots and not hashes, each use of which would take 32 bytes of code. The two variables have slots 0 and 1.

    bytes32 internal constant GUARD = bytes32(uint256(2));
    /// @dev A mapping: whose check waits for the end of the batch.
    bytes32 internal constant PENDING_FLAGS = bytes32(uint256(3));
    /// @dev What the oracle said of a market in this transaction, by its number. It is asked once.
    bytes32 internal constant ORACLE_ANSWERS = bytes32(uint256(0x100));
    /// @dev The accounts whose check waits, from here on.
    bytes32 internal constant PENDING_LIST = bytes32(uint256(0x200));

    /// @dev Who runs the batch, zero outside of one.
    address internal transient _batcher;
    uint256 internal transient _pendingCount;

    /// @dev Vault, fund and governor are deployed with the house: there is no moment in which they are not wired.
    constructor(IERC20 token, IPriceOracle oracle_, address authority, uint256 fundCooldown, uint256 fundWindow) {
        CollateralVault vault_ = new CollateralVault(address(token));
        InsuranceFund fund = new InsuranceFund(vault_, authority, fundCooldown, fundWindow);
        vault = vault_;
        insuranceFund = fund;
        oracle = oracle_;
        governor = new MarketGovernor(authority);
        fundAccount = accountId(address(fund), 0);
        _tokenUnit = vault_.unit();
    }
}
