// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IPriceOracle} from "./interfaces/IPriceOracle.sol";
import {Batching} from "./modules/Batching.sol";
import {Collateral} from "./modules/Collateral.sol";
import {Deleveraging} from "./modules/Deleveraging.sol";
import {Governance} from "./modules/Governance.sol";
import {Storage} from "./ledger/Storage.sol";
import {Liquidation} from "./modules/Liquidation.sol";
import {Settlement} from "./modules/Settlement.sol";
import {Trading} from "./modules/Trading.sol";
import {Views} from "./modules/Views.sol";

/// @title The clearing house
/// @notice A table of contents: what it does is in `modules/`, what it decides in `logic/`, what it promises in
/// {IClearingHouse}.
contract ClearingHouse is Collateral, Trading, Liquidation, Deleveraging, Settlement, Batching, Governance, Views {
    /// @notice Deploys its vault and its insurance fund with itself, so that they are never unwired.
    /// @param authority OpenZeppelin AccessManager.
    constructor(
        IERC20 token,
        IPriceOracle oracle,
        address authority,
        uint256 fundCooldown,
        uint256 fundWindow
    ) Storage(token, oracle, authority, fundCooldown, fundWindow) {}
}
