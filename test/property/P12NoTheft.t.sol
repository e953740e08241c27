// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Events} from "../../contracts/interfaces/Events.sol";
import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {Call} from "../../contracts/periphery/Courier.sol";
import {AccountId, NO_ACCOUNT} from "../../contracts/types/AccountId.sol";
import {Rights, TRADE, WITHDRAW} from "../../contracts/types/Rights.sol";
import {RiskParameters} from "../../contracts/types/RiskParameters.sol";
import {Vm} from "../utils/Vm.sol";
import {RandomBook} from "./RandomBook.sol";

/// @notice P12: from a state without default and shortfall, at constant prices and zero funding, no calls of any group of
/// accounts lower the equity of all others plus the fund, except penalties of accounts below MM. Between two marks every
/// value per share stands still, so there is no rounding to allow for: the bound is zero.
/// @dev The attackers control the venue (this test), hold the first accounts, and know everybody's health.
contract P12NoTheftTest is RandomBook {
    uint256 private constant ATTACKERS = 3;
    uint256 private constant VICTIMS = 4;
    uint256 private constant MARKETS = 2;
    uint256 private constant MAX_VENUE_FEE = 10_000;
    address private constant SINK = address(0x5111);

    uint256 private successes;
    Call[] private calls;

    /// hardhat-config: fuzz.runs = 48
    function testFuzz_attackers_takeNothingFromTheOthers(uint256 seed) public {
        _seed(seed);
        _openBook();
        uint256 actions = _draw(20, 40);
        int256 others = _others();
        for (uint256 i; i < actions; ++i) {
            bool[] memory below = _belowMargin();
            vm.recordLogs();
            if (_act(_draw(0, 99))) ++successes;
            uint256 penalties = _penalties(vm.getRecordedLogs(), below);
            int256 now_ = _others();
            assertGe(now_, others - int256(penalties), "the others and the fund");
            _requireSound();
            others = now_;
        }
        // Attempts that the clearing house refuses are part of it, one in twenty, and more where the attackers run out of
        // money; no sequence is made of them.
        assertGe(successes * 4, actions, "actions that succeed");
        _requirePaidOut();
    }

    // ------------------------------------------------------------------ the book

    /// @dev Everybody holds something, some are below MM, nobody is below zero.
    function _openBook() private {
        for (uint256 i; i < MARKETS; ++i) {
            RiskParameters memory p = _plain();
            (p.maintenanceMargin, p.initialMargin, p.initialMarginAtCap) = (40_000, 50_000, 50_000);
            p.priceBand = uint24(_draw(1_000, 40_000));
            if (_chance(50)) p.tradeFee = uint24(_draw(1, 2_000));
            _list((_drawLog(1e17, 1e22) / 1e10) * 1e10, p);
        }
        _newAccounts(ATTACKERS + VICTIMS);
        if (_chance(50)) _insure("backer", _drawLog(1, 1e5));
        for (uint256 i; i < 14; ++i) _randomFillWorth(uint8(i % MARKETS));
        // Only now: opening the book may leave any size behind.
        for (uint8 i; i < MARKETS; ++i) {
            RiskParameters memory p = governor.riskParametersOf(i);
            if (_chance(50)) p.minNotional = 10e18;
            governor.setRiskParameters(i, p);
        }
        for (uint8 i; i < MARKETS; ++i) {
            _setPrice(i, (((_marketWords(i).mark * _draw(930, 1_070)) / 1_000) / 1e10) * 1e10);
        }
        _acceptPrices();
        for (uint256 i; i < accounts.length; ++i) {
            int256 equity = _equity(accounts[i]);
            if (equity < 0) _deposit(accounts[i], uint256(-equity) + _drawLog(1, 1e20));
        }
        for (uint256 i; i < ATTACKERS; ++i) {
            if (_chance(70)) _deposit(accounts[i], _drawLog(1e18, 1e22));
            vm.prank(accounts[i].owner());
            house.setOperator(0, address(this), Rights.wrap(Rights.unwrap(TRADE) | Rights.unwrap(WITHDRAW)));
        }
    }

    /// @dev Worth between 100 and 100,000 at mark, so that both markets weigh alike.
    function _randomFillWorth(uint8 market) private {
        uint256 size = (_drawLog(1e20, 1e23) * WAD) / _marketWords(market).mark;
        _randomFill(market, size, size);
    }

    // ------------------------------------------------------------------ what must not happen

    /// @dev The equity of everybody but the attackers, and the fund's money, which partly still waits in the pools.
    function _others() private view returns (int256 sum) {
        for (uint256 i = ATTACKERS; i < accounts.length; ++i) sum += _equity(accounts[i]);
        sum += int256(_collateral(fundAccount));
        for (uint8 i; i < MARKETS; ++i) sum += int256(_marketWords(i).fees);
    }

    /// @dev What liquidators earned from victims, all of whom were below MM.
    function _penalties(Vm.Log[] memory logs, bool[] memory below) private view returns (uint256 sum) {
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != Events.Liquidated.selector) continue;
            (, , uint256 incentive, , , ) = abi.decode(
                logs[i].data,
                (uint256, uint256, uint256, uint256, int256, uint256)
            );
            for (uint256 j = ATTACKERS; j < accounts.length; ++j) {
                if (AccountId.unwrap(accounts[j]) != logs[i].topics[1]) continue;
                assertTrue(below[j], "liquidated at or above MM");
                sum += incentive;
            }
        }
    }

    /// @dev Claims that somebody made of nothing would be paid with somebody else's money.
    function _requireSound() private view {
        int256 claims = _others();
        for (uint256 i; i < ATTACKERS; ++i) claims += _equity(accounts[i]);
        assertLe(claims, int256(_vaultMoney()), "claims are backed");
        for (uint256 i; i < accounts.length; ++i) assertGe(_equity(accounts[i]), int256(0), "no default");
        for (uint8 i; i < MARKETS; ++i) assertEq(_shortfall(i), 0, "no shortfall");
    }

    /// @dev In the end everybody's equity is money.
    function _requirePaidOut() private {
        house.settle(accounts);
        for (uint256 i; i < accounts.length; ++i) {
            assertEq(int256(_collateral(accounts[i])), _equity(accounts[i]), "paid out");
        }
    }

    // ------------------------------------------------------------------ what the attackers do

    function _act(uint256 dice) private returns (bool) {
        if (dice < 35) return _tryFill();
        if (dice < 50) return _tryLiquidate();
        if (dice < 70) return _tryBatch();
        if (dice < 78) return _tryWithdraw();
        if (dice < 83) return _tryDeposit();
        if (dice < 90) return _trySettle();
        if (dice < 95) return _tryDeleverage();
        if (dice < 98) return _samePriceAgain();
        return _tryTheftOutright();
    }

    function _tryFill() private returns (bool) {
        (AccountId buyer, AccountId seller) = _pair();
        try house.fill(_fillOf(buyer, seller, uint8(_draw(0, MARKETS - 1)), 1)) {
            return true;
        } catch {
            return false;
        }
    }

    function _tryLiquidate() private returns (bool) {
        if (!_anyBelow()) return _tryFill();
        (AccountId debtor, uint8 market) = _someDebtor();
        try house.liquidate(debtor, market, _someSize(), _attackerBut(debtor)) {
            return true;
        } catch {
            return false;
        }
    }

    function _tryWithdraw() private returns (bool) {
        AccountId id = accounts[_draw(0, ATTACKERS - 1)];
        uint256 free = _free(id);
        if (free == 0) return _trySettle();
        try house.withdraw(id, _chance(50) ? free : _draw(1, free), SINK) {
            return true;
        } catch {
            return false;
        }
    }

    function _tryDeposit() private returns (bool) {
        _deposit(accounts[_draw(0, ATTACKERS - 1)], _drawLog(1, 1e21));
        return true;
    }

    function _trySettle() private returns (bool) {
        house.settle(_drawList(_draw(1, 4)));
        return true;
    }

    /// @dev Nobody is in default, so nobody may be resolved, and the taker gets nothing.
    function _tryDeleverage() private returns (bool) {
        house.deleverage(_drawList(_draw(1, 4)), _chance(50) ? accounts[_draw(0, ATTACKERS - 1)] : NO_ACCOUNT);
        return true;
    }

    function _samePriceAgain() private returns (bool) {
        uint8 market = uint8(_draw(0, MARKETS - 1));
        _setPrice(market, _marketWords(market).mark);
        house.accrueFunding(market);
        return true;
    }

    /// @dev Calls that nobody but their victims may make.
    function _tryTheftOutright() private returns (bool) {
        AccountId victim = accounts[_draw(ATTACKERS, accounts.length - 1)];
        (AccountId a, AccountId b) = _pair();
        IClearingHouse.Fill memory trade = _fillOf(a, b, 0, 1);
        trade.seller = victim;
        vm.startPrank(accounts[0].owner());
        try house.withdraw(victim, 1, SINK) {
            fail("withdrew from a victim");
        } catch {}
        try house.fill(trade) {
            fail("traded for a victim");
        } catch {}
        vm.stopPrank();
        return false;
    }

    // ------------------------------------------------------------------ batches

    function _tryBatch() private returns (bool) {
        delete calls;
        uint256 kind = _draw(0, 3);
        if (kind == 0) _thereAndBack();
        else if (kind == 1 && _anyBelow()) _takeOverAndPassOn();
        else if (kind == 2) _borrowMargin();
        else _anything();
        token.approve(address(vault), type(uint256).max);
        try house.batch(calls) {
            return true;
        } catch {
            return false;
        }
    }

    /// @dev A position far beyond the margin, at one edge of the band and back at the other, and the gain out at once.
    function _thereAndBack() private {
        (AccountId a, AccountId b) = _pair();
        uint8 market = uint8(_draw(0, MARKETS - 1));
        IClearingHouse.Fill memory there = _fillOf(a, b, market, _draw(1, 10));
        IClearingHouse.Fill memory back = _fillOf(b, a, market, 1);
        back.size = there.size;
        if (_chance(50)) back.price = there.price;
        _push(abi.encodeCall(house.fill, (there)));
        if (_chance(50)) _pushSettle();
        _push(abi.encodeCall(house.fill, (back)));
        if (_chance(30) && _free(a) != 0) _push(abi.encodeCall(house.withdraw, (a, _draw(1, _free(a)), SINK)));
    }

    function _takeOverAndPassOn() private {
        (AccountId debtor, uint8 market) = _someDebtor();
        AccountId to = _attackerBut(debtor);
        _push(abi.encodeCall(house.liquidate, (debtor, market, _someSize(), to)));
        MarketWords memory m = _marketWords(market);
        bool isLong = _sizeOf(_positionWords(debtor, market, m), m) > 0;
        AccountId other = _attackerBut(to);
        IClearingHouse.Fill memory on = isLong ? _fillOf(other, to, market, 1) : _fillOf(to, other, market, 1);
        _push(abi.encodeCall(house.fill, (on)));
        _pushSettle();
    }

    /// @dev Money in, a trade on it, and money out again.
    function _borrowMargin() private {
        (AccountId a, AccountId b) = _pair();
        uint256 lent = _drawLog(1e18, 1e23);
        token.mint(address(this), lent);
        _push(abi.encodeCall(house.depositFor, (a, lent)));
        _push(abi.encodeCall(house.fill, (_fillOf(a, b, uint8(_draw(0, MARKETS - 1)), 1))));
        _pushSettle();
        _push(abi.encodeCall(house.withdraw, (_chance(80) ? a : b, _draw(lent / 2, lent), SINK)));
    }

    function _anything() private {
        uint256 count = _draw(2, 4);
        for (uint256 i; i < count; ++i) {
            uint256 dice = _draw(0, 9);
            (AccountId a, AccountId b) = _pair();
            if (dice < 6) _push(abi.encodeCall(house.fill, (_fillOf(a, b, uint8(_draw(0, MARKETS - 1)), 1))));
            else if (dice < 8) _pushSettle();
            else _push(abi.encodeCall(house.deleverage, (_drawList(3), _chance(50) ? a : NO_ACCOUNT)));
        }
    }

    function _push(bytes memory data) private {
        calls.push(Call(address(house), data));
    }

    function _pushSettle() private {
        _push(abi.encodeCall(house.settle, (_drawList(_draw(1, 3)))));
    }

    // ------------------------------------------------------------------ choices

    function _pair() private returns (AccountId, AccountId) {
        uint256 a = _draw(0, ATTACKERS - 1);
        return (accounts[a], accounts[(a + _draw(1, ATTACKERS - 1)) % ATTACKERS]);
    }

    function _attackerBut(AccountId not) private returns (AccountId) {
        uint256 a = _draw(0, ATTACKERS - 1);
        return accounts[a] == not ? accounts[(a + 1) % ATTACKERS] : accounts[a];
    }

    /// @dev A fill at an edge of the band mostly, of a size that both can bear, times `stretch`: what they hold against each
    /// other, to close it, or what their margin carries.
    function _fillOf(
        AccountId buyer,
        AccountId seller,
        uint8 market,
        uint256 stretch
    ) private returns (IClearingHouse.Fill memory) {
        // Who has no margin left brings some, mostly.
        if (_free(buyer) == 0 && _chance(80)) _deposit(buyer, _shortOf(buyer) + _drawLog(1e18, 1e22));
        if (_free(seller) == 0 && _chance(80)) _deposit(seller, _shortOf(seller) + _drawLog(1e18, 1e22));
        MarketWords memory m = _marketWords(market);
        uint256 band = (m.mark * house.riskOf(market).priceBand()) / 1e6;
        uint256 edge = _draw(0, 4);
        uint256 price = edge < 2 ? m.mark - band : (edge < 4 ? m.mark + band : _draw(m.mark - band, m.mark + band));
        int256 bought = _sizeOf(_positionWords(buyer, market, m), m);
        int256 sold = _sizeOf(_positionWords(seller, market, m), m);
        uint256 size = _min(_positive(-bought), _positive(sold));
        if (size == 0 || _chance(40)) {
            // 15 %: IM, a band and fees.
            size = (_min(_free(buyer), _free(seller)) * 20 * WAD) / (3 * m.mark);
        }
        size = _max((size * stretch * _draw(50, 100)) / 100, 1);
        bool charged = _chance(30);
        return
            IClearingHouse.Fill({
                buyer: buyer,
                seller: seller,
                market: market,
                size: size,
                price: price,
                feeTo: charged ? accounts[_draw(0, ATTACKERS - 1)] : NO_ACCOUNT,
                buyerFee: charged ? uint24(_draw(0, MAX_VENUE_FEE)) : 0,
                sellerFee: charged ? uint24(_draw(0, MAX_VENUE_FEE)) : 0
            });
    }

    /// @dev What may be withdrawn: secured − IM.
    function _free(AccountId id) private view returns (uint256) {
        HealthWords memory h = _health(id);
        return _min(_positive(h.secured - int256(h.initialMargin)), _collateral(id));
    }

    function _shortOf(AccountId id) private view returns (uint256) {
        HealthWords memory h = _health(id);
        return _positive(int256(h.initialMargin) - h.secured);
    }

    function _belowMargin() private view returns (bool[] memory below) {
        below = new bool[](accounts.length);
        for (uint256 i; i < accounts.length; ++i) {
            HealthWords memory h = _health(accounts[i]);
            below[i] = h.equity < int256(h.maintenanceMargin);
        }
    }

    function _anyBelow() private view returns (bool any) {
        bool[] memory below = _belowMargin();
        for (uint256 i; i < below.length; ++i) any = any || below[i];
    }

    /// @dev Somebody below MM where there is one, and a market that it is in.
    function _someDebtor() private returns (AccountId debtor, uint8 market) {
        bool[] memory below = _belowMargin();
        uint256 from = _draw(0, accounts.length - 1);
        debtor = accounts[from];
        for (uint256 i; i < accounts.length; ++i) {
            uint256 j = (from + i) % accounts.length;
            if (below[j]) debtor = accounts[j];
        }
        market = uint8(_draw(0, MARKETS - 1));
        if (_positionWords(debtor, market, _marketWords(market)).shares == 0) market = uint8(MARKETS - 1 - market);
    }

    function _someSize() private returns (uint256) {
        return _chance(60) ? type(uint256).max : _drawLog(1e15, 1e22);
    }
}
