// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {IInsuranceFund} from "../../contracts/interfaces/IInsuranceFund.sol";

/// @notice All that one can call on the insurance fund: what it adds to the ERC-4626 vault that it is, and that vault.
interface IFund is IInsuranceFund, IERC4626, IAccessManaged {}
