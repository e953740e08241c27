// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Attacker} from "./handlers/Attacker.sol";
import {Backers} from "./handlers/Backers.sol";
import {Keepers} from "./handlers/Keepers.sol";
import {Surroundings} from "./handlers/Surroundings.sol";
import {Traders} from "./handlers/Traders.sol";

/// @notice Everything that people do to a clearing house with three markets. Each function names the properties that it
/// proves besides those that hold after every call.
contract Handler is Traders, Keepers, Backers, Surroundings, Attacker {}
