// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Actors} from "./Actors.sol";

/// @notice Depositors of the insurance fund, who come and go.
abstract contract Backers is Actors {
    function insure(uint256 amount) external watched {
        _insure("backer", bound(amount, 1, 500));
        _record("insure", true);
    }

    function leaveFund(uint256 part) external watched {
        uint256 shares = fund.maxRedeem(backer);
        if (shares != 0) {
            _acts(fundAccount);
            vm.prank(backer);
            fund.redeem(shares, backer, backer);
        } else {
            (uint256 requested, , , ) = fund.withdrawalOf(backer);
            uint256 free = fund.balanceOf(backer) - requested;
            shares = free / (1 + (part % 4));
            if (requested != 0 || fund.convertToAssets(shares) == 0) return;
            vm.prank(backer);
            fund.requestWithdrawal(shares);
        }
        _record("leaveFund", true);
    }
}
