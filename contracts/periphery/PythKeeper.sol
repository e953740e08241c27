// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {IPyth} from "@pythnetwork/pyth-sdk-solidity/IPyth.sol";
import {Errors} from "../interfaces/Errors.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {AccountId, NO_ACCOUNT, accountId} from "../types/AccountId.sol";
import {TRADE} from "../types/Rights.sol";

/// @notice Brings Pyth's newest prices and acts on them in one transaction. The caller pays Pyth's fee and gets back what is
/// left of the value sent. Keeps nothing between two calls, but for less than a token unit of bounty.
/// @dev Whoever wants to be `to` or `taker` gives this contract the trade right; it uses that only for those who may trade
/// for the account themselves.
contract PythKeeper {
    IPyth public immutable pyth;
    IClearingHouse public immutable house;
    /// @dev One token unit in 18-decimal money.
    uint256 private immutable _tokenUnit;
    /// @dev Where bounties come in.
    AccountId private immutable _account = accountId(address(this), 0);

    constructor(IPyth pyth_, IClearingHouse house_) {
        (pyth, house, _tokenUnit) = (pyth_, house_, house_.vault().unit());
    }

    /// @notice `IClearingHouse.liquidate` at the prices of `update`.
    /// @dev Errors: `UpdateFeeUnpaid`, `NotPermitted`, and those of Pyth and of the clearing house.
    /// @param update Signed prices, as Pyth's servers give them out.
    function updateAndLiquidate(
        bytes[] calldata update,
        AccountId account,
        uint8 market,
        uint256 size,
        AccountId to
    ) external payable returns (uint256 taken) {
        _requireTrader(to);
        _update(update);
        taken = house.liquidate(account, market, size, to);
        _refund();
    }

    /// @notice `IClearingHouse.deleverage` at the prices of `update`. The bounty is paid to the caller in tokens.
    /// @dev Errors as above.
    function updateAndDeleverage(
        bytes[] calldata update,
        AccountId[] calldata accounts,
        AccountId taker
    ) external payable {
        if (taker != NO_ACCOUNT) _requireTrader(taker);
        _update(update);
        house.deleverage(accounts, taker);
        (uint256 bounty, ) = house.accountOf(_account);
        // Down: what is less than a token unit cannot leave the ledger, and waits for the next bounty.
        if (bounty >= _tokenUnit) house.withdraw(_account, bounty / _tokenUnit, msg.sender);
        _refund();
    }

    function _requireTrader(AccountId account) private view {
        require(house.mayAct(account, msg.sender, TRADE), Errors.NotPermitted(account, msg.sender, TRADE));
    }

    function _update(bytes[] calldata update) private {
        uint256 fee = pyth.getUpdateFee(update);
        require(msg.value >= fee, Errors.UpdateFeeUnpaid(fee, msg.value));
        pyth.updatePriceFeeds{value: fee}(update);
    }

    /// @dev Last: the caller may call anything from here.
    function _refund() private {
        if (address(this).balance != 0) Address.sendValue(payable(msg.sender), address(this).balance);
    }
}
