// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// What tests deploy and no contract imports.
import "@openzeppelin/contracts/access/manager/AccessManager.sol";
