// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TestToken} from "./TestToken.sol";

/// @notice Says that a transfer succeeded and does something else, or says something else about what it did.
contract LyingToken is TestToken {
    enum Lie {
        None,
        /// @dev Moves nothing.
        MoveNothing,
        /// @dev Moves the tokens the other way.
        MoveBackwards,
        /// @dev Moves twice as much as was asked.
        MoveTwice,
        /// @dev Moves what was asked and answers every question for a balance with the same large number.
        SameBalance
    }

    Lie public lie;

    constructor(uint8 decimals_) TestToken("Lying", "LIE", decimals_) {}

    function setLie(Lie lie_) external {
        lie = lie_;
    }

    function balanceOf(address owner) public view override returns (uint256) {
        return lie == Lie.SameBalance ? 1e30 : super.balanceOf(owner);
    }

    function _update(address from, address to, uint256 value) internal override {
        if (from == address(0) || lie == Lie.None || lie == Lie.SameBalance) super._update(from, to, value);
        else if (lie == Lie.MoveBackwards) super._update(to, from, value);
        else if (lie == Lie.MoveTwice) super._update(from, to, 2 * value);
        else emit Transfer(from, to, value);
    }
}
