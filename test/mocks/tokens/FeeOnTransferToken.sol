// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TestToken} from "./TestToken.sol";

/// @notice Burns a part of every transfer: out of what the receiver gets, or on top of what the sender gives. The fee can be
/// turned on later, as the issuers of some well-known tokens can.
contract FeeOnTransferToken is TestToken {
    uint256 public feePpm;
    bool public paidBySender;

    constructor(uint8 decimals_) TestToken("Fee on transfer", "FEE", decimals_) {}

    function setFee(uint256 ppm, bool bySender) external {
        (feePpm, paidBySender) = (ppm, bySender);
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (from == address(0) || to == address(0)) return;
        uint256 fee = (value * feePpm) / 1e6;
        super._update(paidBySender ? from : to, address(0), fee);
    }
}
