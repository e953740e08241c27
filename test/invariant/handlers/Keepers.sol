// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {Errors} from "../../../contracts/interfaces/Errors.sol";
import {Events} from "../../../contracts/interfaces/Events.sol";
import {Call} from "../../../contracts/periphery/Courier.sol";
import {AccountId, NO_ACCOUNT, accountId} from "../../../contracts/types/AccountId.sol";
import {MarketSet} from "../../../contracts/types/MarketSet.sol";
import {Vm} from "../../utils/Vm.sol";
import {Actors} from "./Actors.sol";

/// @notice What keepers do, and what is promised of it.
abstract contract Keepers is Actors {
    // ------------------------------------------------------------------ liquidation

    /// @dev P10, P2. Where nobody can be liquidated, that nobody is.
    function liquidate(uint256 who, uint256 where, uint256 size) external watched {
        (AccountId id, uint8 market, bool found) = _hunt(who, uint8(where % MARKETS), size % 8 != 0);
        if (!found) {
            try house.liquidate(id, market, type(uint256).max, keeper) {
                fail("P10: a healthy account was liquidated");
            } catch (bytes memory reason) {
                _requireNamed(reason);
            }
            return _record("liquidate, refused", true);
        }
        _record("liquidate", _liquidate(id, market, size % 3 == 0 ? bound(size, 1, 1e24) : type(uint256).max));
    }

    function _liquidate(AccountId id, uint8 market, uint256 size) internal returns (bool) {
        MarketWords memory m = _marketWords(market);
        uint256 notional = (_magnitude(_sizeOf(_positionWords(id, market, m), m)) * m.mark) / WAD;
        _revive(keeper);
        _topUp(keeper, market, notional);
        HealthWords memory before = _health(id);
        _acts(keeper);
        touches += 2;
        try house.liquidate(id, market, size, keeper) {
            _proveP10(before, _health(id));
            return true;
        } catch (bytes memory reason) {
            _requireNamed(reason);
            bool leavesDust = size != type(uint256).max && bytes4(reason) == Errors.PositionTooSmall.selector;
            // The keeper is in other markets, and this one is for isolated positions only, or another one is.
            bool mayNotEnter = bytes4(reason) == Errors.TooManyMarkets.selector;
            assertTrue(leavesDust || mayNotEnter || _waitsForPrice(keeper), "whoever is below MM can be liquidated");
            return false;
        }
    }

    /// @dev Somebody to liquidate; where there is nobody, a price may move against somebody just so far.
    function _hunt(uint256 who, uint8 where, bool moves) internal returns (AccountId id, uint8 market, bool found) {
        _acceptPrices();
        (id, market, found) = _debtor(who, where);
        for (uint256 i; moves && !found && i < TRADERS; ++i) {
            if (!_moveAgainst(traders[addmod(who, i, TRADERS)], where)) continue;
            (id, market, found) = _debtor(addmod(who, i, TRADERS), where);
        }
    }

    /// @dev To an equity of three quarters of MM, or thereabouts.
    function _moveAgainst(AccountId id, uint8 where) internal returns (bool) {
        HealthWords memory h = _health(id);
        for (uint8 i; i < MARKETS; ++i) {
            uint8 market = (where + i) % MARKETS;
            MarketWords memory m = _marketWords(market);
            int256 size = _sizeOf(_positionWords(id, market, m), m);
            if (size == 0 || _isRefused(market)) continue;
            int256 excess = h.equity - int256((h.maintenanceMargin * 3) / 4);
            uint256 distance = excess < 0 ? m.mark : (uint256(excess) * WAD) / _magnitude(size);
            if (distance >= m.mark / 2) continue;
            _moveTo(market, size > 0 ? m.mark - distance : m.mark + distance);
            // Funding of the others as well: a second has passed.
            _acceptPrices();
            return true;
        }
        return false;
    }

    function _debtor(uint256 who, uint8 where) internal view returns (AccountId id, uint8 market, bool found) {
        for (uint256 i; i < TRADERS; ++i) {
            id = traders[addmod(who, i, TRADERS)];
            HealthWords memory h = _health(id);
            if (h.equity < 0 || h.equity >= int256(h.maintenanceMargin)) continue;
            for (uint8 j; j < MARKETS; ++j) {
                market = (where + j) % MARKETS;
                MarketWords memory m = _marketWords(market);
                if (_isRefused(market) || _sizeOf(_positionWords(id, market, m), m) == 0) continue;
                return (id, market, true);
            }
        }
        return (traders[who % TRADERS], where, false);
    }

    /// @dev Takes a position over and sells part of it on, in one breath. P10 as in `liquidate`.
    function takeOverAndSell(uint256 who, uint256 where, uint256 part) external watched {
        (AccountId id, uint8 market, bool found) = _hunt(who, uint8(where % MARKETS), true);
        if (!found) return _record("takeOverAndSell", false);
        _waitABlock(part);
        MarketWords memory m = _marketWords(market);
        int256 size = _sizeOf(_positionWords(id, market, m), m);
        uint256 notional = (_magnitude(size) * m.mark) / WAD;
        _revive(keeper);
        _revive(reseller);
        _topUp(keeper, market, notional);
        _topUp(reseller, market, notional);
        uint256 sold = bound(part, 1, _magnitude(size));
        (AccountId buyer, AccountId seller) = size > 0 ? (reseller, keeper) : (keeper, reseller);
        Call[] memory calls = new Call[](2);
        calls[0] = Call(address(house), abi.encodeCall(house.liquidate, (id, market, sold, keeper)));
        calls[1] = Call(
            address(house),
            abi.encodeCall(house.fill, (IClearingHouse.Fill(buyer, seller, market, sold, m.mark, NO_ACCOUNT, 0, 0)))
        );
        HealthWords memory before = _health(id);
        _acts(keeper);
        _acts(reseller);
        touches += 5;
        vm.prank(keeper.owner());
        try house.batch(calls) {
            _proveP10(before, _health(id));
            _record("takeOverAndSell", true);
        } catch (bytes memory reason) {
            _requireNamed(reason);
            _record("takeOverAndSell", false);
        }
    }

    // ------------------------------------------------------------------ deleveraging

    /// @dev P4, P5, P2, P10.
    function deleverage(uint256 list, uint256 length, uint256 taker) external watched {
        AccountId[] memory accounts = _drawList(list, 1 + (length % 6));
        AccountId named = NO_ACCOUNT;
        if (taker % 2 == 0) {
            named = keeper;
            _acceptPrices();
            _revive(keeper);
            if (taker % 4 == 0) _depositMoney(keeper, 20_000e18);
            _acts(keeper);
        }
        _deleverage(accounts, named);
        _record("deleverage", true);
    }

    /// @dev Some of them perhaps several times, some without any account.
    function _drawList(uint256 seed, uint256 length) internal view returns (AccountId[] memory list) {
        list = new AccountId[](length);
        for (uint256 i; i < length; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            list[i] = seed % 20 == 0 ? accountId(address(uint160(seed)), 1) : known[seed % known.length];
            // Mostly those whom it is about.
            for (uint256 j; seed % 4 != 0 && j < TRADERS; ++j) {
                AccountId id = traders[addmod(seed, j, TRADERS)];
                if (_equity(id) >= 0) continue;
                list[i] = id;
                break;
            }
        }
    }

    struct Bearing {
        uint256 resolved;
        uint256 deficits;
        uint256 bounties;
        uint256 insured;
        uint256 haircuts;
        uint256 shortfall;
        uint256 charges;
        uint256 bountyPaid;
    }

    function _deleverage(AccountId[] memory accounts, AccountId taker) internal {
        _acceptPrices();
        (int256[] memory before, int256[] memory safety) = _equities();
        uint256 fundBefore = _collateral(fundAccount);
        MarketWords[] memory marketsBefore = _allMarkets();
        (uint256[MARKETS] memory unheld, uint256 fractions) = _roundingOfCharges();
        uint256[] memory markets = _marketCounts();
        int256[] memory backwards = _resolvedBackwards(accounts, taker, before, markets);

        vm.recordLogs();
        house.deleverage(accounts, taker);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        Bearing memory b = _read(logs, before);
        (int256[] memory equities, int256[] memory safetyNow) = _equities();
        if (_resolvedNobodyInSeveral(logs, markets)) {
            _proveP6(equities, backwards);
            _count("backwards", b.resolved == 0 ? 0 : backwards.length);
        }
        bool covered = _isCovered(logs);
        _count("covered", covered ? b.haircuts : 0);
        if (covered) _proveP7(taker, before, safety, safetyNow, b.charges * (2 + fractions));

        touches += (accounts.length + 6) * 2;
        _count("resolved", b.resolved);
        _count("insured", b.insured);
        _count("haircut", b.haircuts);
        _count("shortfall", b.shortfall);
        _count("bounty", b.bounties);
        _acts(fundAccount);
        uint256 earned = _earned(marketsBefore, b.shortfall);
        uint256 fundNow = _collateral(fundAccount) + b.insured;
        assertEq(fundNow, fundBefore + earned, "P5: the fund pays what it is said to");
        assertEq(b.resolved, b.deficits, "P5: deficits of accounts = deficits of markets");
        assertEq(b.bounties, b.bountyPaid, "P5: bounties");
        assertEq(b.haircuts + b.shortfall + b.insured, b.deficits + b.bounties, "P5: who bore it");

        // What everybody together lost, besides what the resolved were given and the fund has earned, is the haircuts.
        int256 lost = int256(b.resolved + b.bounties + earned) - int256(b.insured);
        for (uint256 i; i < known.length; ++i) lost += before[i] - equities[i];
        uint256 slack = b.charges * (known.length + fractions) + known.length * MARKETS * forgiven;
        assertLe(lost, int256(b.haircuts + slack), "P5: holders lose no more than the haircuts");
        for (uint8 market; market < MARKETS; ++market) {
            slack += _ceil(unheld[market] * _highestCharge(market, _marketWords(market)), WAD);
        }
        assertGe(lost, int256(b.haircuts) - int256(slack), "P5: and no less");
        _proveResolved(accounts, taker, before);
    }

    /// @dev What left the waiting fees and repaid no shortfall. Fees are swept as far as the pool goes; where they repay a
    /// shortfall they stay in the pool, and more may be swept the next time.
    /// @param added To shortfalls since `before`.
    function _earned(MarketWords[] memory before, uint256 added) private view returns (uint256) {
        (uint256 swept, uint256 repaid) = (0, added);
        for (uint8 market; market < MARKETS; ++market) {
            MarketWords memory m = _marketWords(market);
            swept += before[market].fees - m.fees;
            repaid = repaid + before[market].shortfall - m.shortfall;
        }
        return swept - repaid;
    }

    /// @return equity Of everybody.
    /// @return safety equity − MM.
    function _equities() internal view returns (int256[] memory equity, int256[] memory safety) {
        MarketWords[] memory all = _allMarkets();
        (equity, safety) = (new int256[](known.length), new int256[](known.length));
        for (uint256 i; i < known.length; ++i) {
            HealthWords memory h = _health(known[i], all);
            (equity[i], safety[i]) = (h.equity, h.equity - int256(h.maintenanceMargin));
        }
    }

    /// @dev Everybody's equity after the same list from its end, where P6 promises the same to the wei: no taker, and each
    /// defaulter in one market. Empty otherwise.
    function _resolvedBackwards(
        AccountId[] memory accounts,
        AccountId taker,
        int256[] memory before,
        uint256[] memory markets
    ) internal returns (int256[] memory equities) {
        if (taker != NO_ACCOUNT || accounts.length < 2) return equities;
        for (uint256 i; i < before.length; ++i) if (before[i] < 0 && markets[i] > 1) return equities;
        AccountId[] memory list = new AccountId[](accounts.length);
        for (uint256 i; i < list.length; ++i) list[i] = accounts[list.length - 1 - i];
        uint256 id = vm.snapshotState();
        house.deleverage(list, taker);
        (equities, ) = _equities();
        vm.revertToState(id);
    }

    /// @dev In how many markets everybody is.
    function _marketCounts() internal view returns (uint256[] memory counts) {
        counts = new uint256[](known.length);
        for (uint256 i; i < known.length; ++i) {
            (, MarketSet markets) = house.accountOf(known[i]);
            counts[i] = markets.count();
        }
    }

    /// @dev A haircut may put somebody in default who was not: whether all who were resolved had been in one market.
    function _resolvedNobodyInSeveral(Vm.Log[] memory logs, uint256[] memory markets) internal view returns (bool) {
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != Events.Deleveraged.selector) continue;
            for (uint256 j; j < known.length; ++j) {
                if (AccountId.unwrap(known[j]) == logs[i].topics[1] && markets[j] > 1) return false;
            }
        }
        return true;
    }

    /// @dev What was charged to a side is at most its maintenance margin on the size that was closed.
    function _isCovered(Vm.Log[] memory logs) internal view returns (bool) {
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != Events.SideScaled.selector) continue;
            MarketWords memory m = _marketWords(uint8(uint256(logs[i].topics[1])));
            (, , uint256 haircut, uint256 closed) = abi.decode(logs[i].data, (uint256, int256, uint256, uint256));
            if (haircut * 1e6 > m.maintenanceMargin * ((closed * m.mark) / WAD)) return false;
        }
        return true;
    }

    /// @dev P2: nobody who was listed, and waits for no price, is below zero; who was in default is at zero.
    function _proveResolved(AccountId[] memory accounts, AccountId taker, int256[] memory before) internal view {
        for (uint256 i; i < known.length; ++i) {
            bool listed;
            for (uint256 j; j < accounts.length; ++j) listed = listed || accounts[j] == known[i];
            if (!listed || _waitsForPrice(known[i])) continue;
            int256 equity = _equity(known[i]);
            assertGe(equity, -int256(forgiven * MARKETS), "P2: listed");
            if (before[i] >= 0 || known[i] == taker || known[i] == accountId(address(this), 0)) continue;
            assertLe(equity, int256(forgiven * MARKETS), "P2: resolved");
        }
    }

    /// @return unheld Shares in sides' totals that nobody holds since a generation ended: what haircuts charge to them nobody
    /// pays. With those that come of it where passes of one call end generations.
    /// @return fractions What a whole side loses at most where a charge per share is rounded up: shares / precision.
    function _roundingOfCharges() internal view returns (uint256[MARKETS] memory unheld, uint256 fractions) {
        for (uint8 market; market < MARKETS; ++market) {
            MarketWords memory m = _marketWords(market);
            uint256 held;
            for (uint256 i; i < known.length; ++i) held += _magnitude(_positionWords(known[i], market, m).shares);
            unheld[market] = m.long.shares + m.short.shares - held;
            assertLe(unheld[market], touches, "shares that nobody holds");
            unheld[market] += known.length;
            fractions = _max(fractions, _ceil(_max(m.long.shares, m.short.shares), WAD << m.scale));
        }
    }

    function _read(Vm.Log[] memory logs, int256[] memory before) internal view returns (Bearing memory b) {
        for (uint256 i; i < logs.length; ++i) {
            bytes32 topic = logs[i].topics[0];
            if (topic == Events.Deleveraged.selector) {
                (, uint256 resolved) = abi.decode(logs[i].data, (uint256, uint256));
                b.resolved += resolved;
            } else if (topic == Events.DeficitAllocated.selector) {
                uint256[7] memory w = abi.decode(logs[i].data, (uint256[7]));
                b.deficits += w[0];
                b.bounties += w[1];
                b.insured += w[2];
                b.haircuts += w[3] + w[4];
                b.shortfall += w[5];
                b.charges += 2;
            } else if (topic == Events.BountyPaid.selector) {
                (b.bountyPaid, ) = abi.decode(logs[i].data, (uint256, uint256));
            }
        }
        if (b.haircuts != 0) return b;
        // P10. Where somebody paid a haircut, that may have put an account in default for the second pass.
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != Events.Deleveraged.selector) continue;
            for (uint256 j; j < known.length; ++j) {
                if (AccountId.unwrap(known[j]) != logs[i].topics[1]) continue;
                assertLt(before[j], int256(0), "P10: only who is in default is deleveraged");
            }
        }
    }

    // ------------------------------------------------------------------ everything there is to do

    /// @dev P2: keepers liquidate whoever can be liquidated, then deleverage everybody, until nobody is in default.
    function keepersAct(uint256 who) external watched {
        _acceptPrices();
        for (uint256 i; i < TRADERS; ++i) {
            (AccountId id, uint8 market, bool found) = _debtor(addmod(who, i, TRADERS), uint8(i % MARKETS));
            if (found) _liquidate(id, market, type(uint256).max);
        }
        AccountId[] memory all = known;
        // A haircut may put another holder in default: each round takes at least one account out of the book.
        for (uint256 round; round <= known.length && _anybodyBelowZero(); ++round) _deleverage(all, NO_ACCOUNT);
        _proveP2();
        _record("keepersAct", true);
    }

    function _anybodyBelowZero() internal view returns (bool) {
        for (uint256 i; i < known.length; ++i) {
            if (_equity(known[i]) < 0 && !_waitsForPrice(known[i])) return true;
        }
        return false;
    }

    /// @dev P4: never reverts. Nobody's equity changes.
    function settle(uint256 list, uint256 length) external watched {
        _acceptPrices();
        AccountId[] memory accounts = _drawList(list, 1 + (length % 8));
        int256[] memory before = new int256[](known.length);
        for (uint256 i; i < known.length; ++i) before[i] = _equity(known[i]);
        house.settle(accounts);
        touches += 2 * accounts.length;
        for (uint256 i; i < known.length; ++i) {
            assertApproxEqAbs(_equity(known[i]), before[i], forgiven * MARKETS, "settling changes nobody's equity");
        }
        _record("settle", true);
    }
}
