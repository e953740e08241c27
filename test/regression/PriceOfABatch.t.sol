// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {Errors} from "../../contracts/interfaces/Errors.sol";
import {Call} from "../../contracts/periphery/Courier.sol";
import {AccountId, NO_ACCOUNT} from "../../contracts/types/AccountId.sol";
import {Rights} from "../../contracts/types/Rights.sol";
import {Situations} from "./Situations.sol";

/// @notice Two calls of one transaction.
contract OneTransaction {
    function run(IClearingHouse house, Call[] calldata calls, IClearingHouse.Fill calldata trade) external {
        house.batch(calls);
        house.fill(trade);
    }
}

/// @notice A withdrawal from an account without a position opens no market for itself; in a batch its margin check at the end
/// did. The price that was taken there was not kept, while the transaction went on as if the oracle had vouched for the old
/// mark: whoever saw a new price coming could trade at the old one.
contract PriceOfABatchTest is Situations {
    function test_batch_takesNoPriceThatItDoesNotKeep() public {
        uint8 market = _list(100e18, _plain());
        AccountId maker = _trader("maker", 10_000);
        AccountId thief = _trader("thief", 1_000);
        AccountId flat = _trader("flat", 100);
        // A flat account with a gain that waits in the market.
        _fill(flat, maker, market, 1e18, 100e18);
        _setPrice(market, 103e18);
        _fill(_trader("carol", 100), flat, market, 1e18, 103e18);
        OneTransaction venue = new OneTransaction();
        _lets(flat, address(venue));
        _lets(thief, address(venue));
        _lets(maker, address(venue));

        // The new price is out: nobody may buy at 103 any more, but at the edge of the band around 107.
        _quotePrice(market, 107e18);
        Call[] memory calls = new Call[](1);
        calls[0] = Call(address(house), abi.encodeCall(house.withdraw, (flat, 1e18, address(this))));
        IClearingHouse.Fill memory trade = IClearingHouse.Fill(thief, maker, market, 10e18, 99e18, NO_ACCOUNT, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(Errors.PriceOutOfBand.selector, 99e18, 107e18, 5.35e18));
        venue.run(house, calls, trade);

        trade.price = 107e18;
        venue.run(house, calls, trade);
        assertEq(_markOf(market), 107e18, "kept");
        // 7 would have been the thief's for each.
        assertEq(_equity(thief), int256(1_000e18), "no gain");
    }

    /// @dev To trade and to withdraw.
    function _lets(AccountId id, address operator) private {
        vm.prank(id.owner());
        house.setOperator(0, operator, Rights.wrap(3));
    }
}
