// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TestToken} from "./TestToken.sol";

/// @notice Says `false` instead of reverting, and moves nothing, while it is broken.
contract FalseReturningToken is TestToken {
    bool public broken;

    constructor(uint8 decimals_) TestToken("False returning", "FALSE", decimals_) {}

    function setBroken(bool broken_) external {
        broken = broken_;
    }

    function transfer(address to, uint256 value) public override returns (bool) {
        return !broken && super.transfer(to, value);
    }

    function transferFrom(address from, address to, uint256 value) public override returns (bool) {
        return !broken && super.transferFrom(from, to, value);
    }
}
