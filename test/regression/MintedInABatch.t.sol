// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Errors} from "../../contracts/interfaces/Errors.sol";
import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {Call} from "../../contracts/periphery/Courier.sol";
import {AccountId, NO_ACCOUNT, accountId} from "../../contracts/types/AccountId.sol";
import {Situations} from "./Situations.sol";

/// @notice Margin checks wait for the end of a batch, so inside one an account without money can trade with its owner's other
/// account at the edge of the band: the one's gain must not be paid out of the pool before the other's loss has been paid in.
contract MintedInABatchTest is Situations {
    uint8 private market;
    address private thief;
    AccountId private poor;
    AccountId private rich;

    function setUp() public override {
        super.setUp();
        market = _waitingPool();
        thief = makeAddr("thief");
        (poor, rich) = (accountId(thief, 0), accountId(thief, 1));
    }

    function test_batch_paysNoGainThatNobodyPaidFor() public {
        _deposit(rich, 1e18);
        Call[] memory calls = new Call[](2);
        // 105 % of 110 is 115.5: a gain of 5.5 a unit.
        calls[0] = _call(_trade(poor, rich, 100e18, 1155e17));
        calls[1] = _call(abi.encodeCall(house.withdraw, (rich, 551e18, thief)));
        vm.expectRevert(abi.encodeWithSelector(Errors.UnpaidLoss.selector, poor, 550e18));
        vm.prank(thief);
        house.batch(calls);
    }

    /// @dev With the loss paid, the thief is where it was: its two accounts have traded with each other.
    function test_batch_movesMoneyBetweenOnesOwnAccountsAndMakesNone() public {
        _deposit(poor, 550e18);
        Call[] memory calls = new Call[](3);
        calls[0] = _call(_trade(poor, rich, 100e18, 1155e17));
        calls[1] = _call(_trade(rich, poor, 100e18, 110e18));
        calls[2] = _call(abi.encodeCall(house.withdraw, (rich, 550e18, thief)));
        vm.prank(thief);
        house.batch(calls);
        assertEq(token.balanceOf(thief), 550e18, "out is what went in");
        assertEq(_collateral(poor) + _collateral(rich), 0, "nothing is left");
        assertEq(_pool(market), 1_000e18, "pool");
    }

    function _trade(
        AccountId buyer,
        AccountId seller,
        uint256 size,
        uint256 price
    ) private view returns (bytes memory) {
        return abi.encodeCall(house.fill, (IClearingHouse.Fill(buyer, seller, market, size, price, NO_ACCOUNT, 0, 0)));
    }

    function _call(bytes memory data) private view returns (Call memory) {
        return Call(address(house), data);
    }
}
