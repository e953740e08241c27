// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {Events} from "../../../contracts/interfaces/Events.sol";
import {Call} from "../../../contracts/periphery/Courier.sol";
import {AccountId, NO_ACCOUNT} from "../../../contracts/types/AccountId.sol";
import {Vm} from "../../utils/Vm.sol";
import {Keepers} from "./Keepers.sol";

/// @notice Somebody with several accounts and a venue of their own, who knows everybody's health and makes any calls in any
/// order, most of them in one batch.
abstract contract Attacker is Keepers {
    uint256 private constant MOST_CALLS = 5;

    Call[] private calls;

    /// @dev P12 where nobody is in default: at the prices that are accepted now, the others and the fund lose nothing but
    /// penalties. P4 inside of batches: what is refused is refused by name.
    function attack(uint256 seed, uint256 length) external watched {
        _acceptPrices();
        _waitABlock(seed);
        delete calls;
        for (uint256 i; i < attackers.length; ++i) _acts(attackers[i]);
        // Paying is what it is for.
        _acts(fundAccount);
        bool isPeace = _isNobodyInDefault() && _shortfalls() == 0;
        int256 others = _others();
        length = 1 + (length % MOST_CALLS);
        touches += 4 * length + 6;
        for (uint256 i; i < length; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            _plan(seed);
        }

        vm.recordLogs();
        vm.prank(attackers[0].owner());
        try house.batch(calls) {
            uint256 penalties = _penalties(vm.getRecordedLogs());
            if (isPeace) {
                _count("peace", 1);
                uint256 rounding = forgiven * known.length * MARKETS;
                assertGe(_others(), others - int256(penalties + rounding), "P12: the others and the fund");
                assertTrue(_isNobodyInDefault(), "P12: a batch puts nobody in default");
            }
            _record("attack", true);
        } catch (bytes memory reason) {
            _requireNamed(reason);
            _record("attack", false);
        }
    }

    /// @dev One call of the batch.
    function _plan(uint256 seed) private {
        AccountId mine = attackers[seed % 3];
        AccountId other = attackers[(seed + 1) % 3];
        uint8 market = _living(uint8((seed >> 8) % MARKETS));
        uint256 kind = (seed >> 16) % 8;
        if (kind < 3) return _planFill(mine, other, market, seed >> 32);
        if (kind == 3) return _planLiquidation(mine, market, seed >> 32);
        if (kind == 4) return _planWithdrawal(mine, seed >> 32);
        if (kind == 5) {
            _plan(abi.encodeCall(house.deleverage, (_drawList(seed, 6), seed % 2 == 0 ? mine : NO_ACCOUNT)));
        } else if (kind == 6) {
            _plan(abi.encodeCall(house.settle, (_drawList(seed, 6))));
        } else {
            // A unit of money for somebody who did not ask, to dodge or to provoke.
            _depositMoney(known[(seed >> 32) % known.length], 1);
        }
    }

    /// @dev Both legs of one market, or one against a trader who trusts this venue, at any price in the band.
    function _planFill(AccountId mine, AccountId other, uint8 market, uint256 seed) private {
        if (_isRefused(market) || _equity(mine) < 0) return;
        MarketWords memory m = _marketWords(market);
        uint256 mark = m.mark;
        uint256 size = ((10e18 << (seed % 12)) * WAD) / mark;
        (bool buys, bool reduces) = ((seed >> 8) % 2 == 0, (seed >> 9) % 4 == 0);
        int256 position = house.sizeOf(mine, market);
        if (reduces && position != 0) (size, buys) = (_magnitude(position), position < 0);
        // What all fills of a batch may open and close again, at an A of 2^-10 at the least.
        uint256 opened = (MOST_CALLS * size) << 10;
        mostShares[market] = _max(mostShares[market], _max(m.long.shares, m.short.shares) + opened);
        _ready(mine, market, buys ? int256(size) : -int256(size));
        _ready(other, market, buys ? -int256(size) : int256(size));
        // The band belongs to whoever trades, and so does what it costs: from one attacker to the other.
        uint256 price = mark + (mark * ((seed >> 16) % 2_000)) / 1e6 - mark / 1_000;
        (AccountId buyer, AccountId seller) = buys ? (mine, other) : (other, mine);
        _plan(abi.encodeCall(house.fill, (IClearingHouse.Fill(buyer, seller, market, size, price, venue, 0, 0))));
    }

    function _planLiquidation(AccountId mine, uint8 market, uint256 seed) private {
        (AccountId debtor, uint8 where, bool found) = _debtor(seed, market);
        if (!found || _equity(mine) < 0) return;
        MarketWords memory m = _marketWords(where);
        uint256 size = _magnitude(_sizeOf(_positionWords(debtor, where, m), m));
        _topUp(mine, where, (size * m.mark) / WAD);
        if (seed % 3 == 0) size = bound(seed >> 8, 1, size);
        _plan(abi.encodeCall(house.liquidate, (debtor, where, size, mine)));
    }

    function _planWithdrawal(AccountId mine, uint256 seed) private {
        uint256 free = _free(mine);
        if (free == 0) return;
        _plan(abi.encodeCall(house.withdraw, (mine, bound(seed, 1, free), mine.owner())));
    }

    function _plan(bytes memory data) private {
        calls.push(Call(address(house), data));
    }

    // ------------------------------------------------------------------ what the others have

    /// @dev Equity of everybody else, the fund's and its waiting fees included.
    function _others() private view returns (int256 sum) {
        MarketWords[] memory all = _allMarkets();
        for (uint256 i; i < known.length; ++i) if (!_isAttacker(known[i])) sum += _health(known[i], all).equity;
        for (uint8 market; market < MARKETS; ++market) sum += int256(all[market].fees);
    }

    /// @dev Nor waits in default for a price.
    function _isNobodyInDefault() private view returns (bool) {
        (int256[] memory equity, ) = _equities();
        for (uint256 i; i < equity.length; ++i) if (equity[i] < 0) return false;
        return true;
    }

    function _isAttacker(AccountId id) private view returns (bool) {
        return id.owner() == attackers[0].owner();
    }

    /// @dev What liquidators earned from others.
    function _penalties(Vm.Log[] memory logs) private view returns (uint256 sum) {
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != Events.Liquidated.selector) continue;
            if (_isAttacker(AccountId.wrap(logs[i].topics[1]))) continue;
            (, , uint256 incentive, , , ) = abi.decode(
                logs[i].data,
                (uint256, uint256, uint256, uint256, int256, uint256)
            );
            sum += incentive;
        }
    }

    function _shortfalls() private view returns (uint256 sum) {
        for (uint8 market; market < MARKETS; ++market) sum += _shortfall(market);
    }
}
