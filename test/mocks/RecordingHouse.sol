// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {Rights} from "../../contracts/types/Rights.sol";

/// @notice Stands in for the clearing house where a venue is tested alone: it books every fill, refuses when told to, and
/// remembers what it was asked. It has no margin and no money.
contract RecordingHouse {
    error Refused();

    bool public refusing;
    uint256 public fillCount;
    IClearingHouse.Fill private _lastFill;
    mapping(AccountId account => mapping(uint8 market => int256)) public sizeOf;
    mapping(AccountId account => mapping(address operator => Rights)) private _rights;

    function fill(IClearingHouse.Fill calldata trade) external {
        require(!refusing, Refused());
        fillCount++;
        _lastFill = trade;
        sizeOf[trade.buyer][trade.market] += int256(trade.size);
        sizeOf[trade.seller][trade.market] -= int256(trade.size);
    }

    function lastFill() external view returns (IClearingHouse.Fill memory) {
        return _lastFill;
    }

    function mayAct(AccountId account, address actor, Rights rights) external view returns (bool) {
        return actor == account.owner() || _rights[account][actor].includes(rights);
    }

    function refuse(bool refusing_) external {
        refusing = refusing_;
    }

    function setSize(AccountId account, uint8 market, int256 size) external {
        sizeOf[account][market] = size;
    }

    function setRights(AccountId account, address operator, Rights rights) external {
        _rights[account][operator] = rights;
    }
}
