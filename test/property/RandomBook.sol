// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId, NO_ACCOUNT, accountId} from "../../contracts/types/AccountId.sol";
import {TRADE} from "../../contracts/types/Rights.sol";
import {RiskParameters} from "../../contracts/types/RiskParameters.sol";
import {LedgerReader} from "../invariant/LedgerReader.sol";

/// @notice Random books of accounts to deleverage, all of them drawn from one seed.
abstract contract RandomBook is LedgerReader {
    uint256 private _entropy;
    AccountId[] internal accounts;

    // ------------------------------------------------------------------ chance

    function _seed(uint256 seed) internal {
        _entropy = seed;
    }

    function _draw(uint256 min, uint256 max) internal returns (uint256) {
        _entropy = uint256(keccak256(abi.encode(_entropy)));
        return min + (_entropy % (max - min + 1));
    }

    function _chance(uint256 percent) internal returns (bool) {
        return _draw(1, 100) <= percent;
    }

    /// @dev Every magnitude between the two as likely as any other.
    function _drawLog(uint256 min, uint256 max) internal returns (uint256 x) {
        uint256 octaves;
        while (min << (octaves + 1) <= max) ++octaves;
        uint256 low = min << _draw(0, octaves);
        x = _draw(low, _min(low * 2, max));
    }

    function _shuffled(AccountId[] memory list) internal returns (AccountId[] memory) {
        for (uint256 i = list.length; i > 1; --i) {
            uint256 j = _draw(0, i - 1);
            (list[i - 1], list[j]) = (list[j], list[i - 1]);
        }
        return list;
    }

    /// @dev `length` accounts, some of them perhaps twice, some unknown.
    function _drawList(uint256 length) internal returns (AccountId[] memory list) {
        list = new AccountId[](length);
        for (uint256 i; i < length; ++i) {
            bool unknown = _chance(5);
            list[i] = unknown ? accountId(address(uint160(_draw(1, 1e9))), 7) : accounts[_draw(0, accounts.length - 1)];
        }
    }

    // ------------------------------------------------------------------ books

    /// @dev Margins so thin that accounts of either side can be near zero at one price.
    function _thin() internal pure returns (RiskParameters memory p) {
        p = _plain();
        (p.initialMargin, p.maintenanceMargin) = (1_001, 1_000);
        (p.incentiveMin, p.incentiveMax, p.fundFee, p.priceBand) = (100, 300, 100, 1_000);
        p.shortfallLimit = 1_000_000;
    }

    function _newAccounts(uint256 count) internal {
        for (uint256 i; i < count; ++i) accounts.push(_trader(string.concat("trader ", vm.toString(i)), 0));
    }

    /// @dev Deposits what the account lacks of the margin for `notional` more.
    function _fundFor(AccountId id, uint8 market, uint256 notional) internal {
        HealthWords memory h = _health(id);
        uint256 margin = h.initialMargin + _ceil(notional * house.riskOf(market).initialMargin(), 1e6) + 10;
        if (h.secured < int256(margin)) _deposit(id, uint256(int256(margin) - h.secured));
    }

    /// @dev A fill at mark between two random accounts, with just the margin it takes.
    function _randomFill(uint8 market, uint256 minSize, uint256 maxSize) internal {
        uint256 a = _draw(0, accounts.length - 1);
        uint256 b = (a + _draw(1, accounts.length - 1)) % accounts.length;
        uint256 size = _drawLog(minSize, maxSize);
        house.accrueFunding(market);
        uint256 mark = _marketWords(market).mark;
        uint256 notional = _ceil(2 * size * mark, WAD);
        _fundFor(accounts[a], market, notional);
        _fundFor(accounts[b], market, notional);
        _fill(accounts[a], accounts[b], market, size, mark);
    }

    /// @dev Multiplies a price by between 1/20 and 5, near one mostly.
    function _moved(uint256 price) internal returns (uint256) {
        uint256 kind = _draw(0, 9);
        if (kind < 5) return (price * _draw(900, 1_100)) / 1_000;
        if (kind < 8) return (price * _draw(500, 2_000)) / 1_000;
        return (price * _draw(50, 5_000)) / 1_000;
    }

    /// @dev How many accounts are below zero at the marks that the house has accepted.
    function _defaulters() internal view returns (uint256 count) {
        for (uint256 i; i < accounts.length; ++i) if (_equity(accounts[i]) < 0) ++count;
    }

    /// @dev Most random books must bring about what they are for: a part in a hundred of them, over forty fixed seeds.
    function _requireMost(function(uint256) internal returns (uint256) run, uint256 percent) internal {
        uint256 id = vm.snapshotState();
        uint256 reached;
        for (uint256 seed; seed < 40; ++seed) {
            if (run(seed) != 0) ++reached;
            vm.revertToState(id);
        }
        assertGe(reached * 100, percent * 40, "of forty books");
    }

    /// @dev Lists of any kind until nobody is below zero.
    function _resolveAll() internal {
        AccountId[] memory all = accounts;
        house.deleverage(all, NO_ACCOUNT);
    }

    function _allow(AccountId id) internal {
        vm.prank(id.owner());
        house.setOperator(uint96(id.subAccount()), address(this), TRADE);
    }
}
