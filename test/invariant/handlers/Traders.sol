// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {IOrderSettlement} from "../../../contracts/interfaces/IOrderSettlement.sol";
import {AccountId, NO_ACCOUNT} from "../../../contracts/types/AccountId.sol";
import {Actors} from "./Actors.sol";

/// @notice Money in and out, and trades through a venue that all trust: drawn so that nearly all of it succeeds.
abstract contract Traders is Actors {
    error NotATrader(AccountId account);

    // ------------------------------------------------------------------ collateral

    function deposit(uint256 who, uint256 amount) external watched {
        _deposit(known[who % known.length], bound(amount, 1, 100 * one));
        ++touches;
        _record("deposit", true);
    }

    function withdraw(uint256 who, uint256 amount) external watched {
        _acceptPrices();
        _waitABlock(amount);
        AccountId id = traders[who % TRADERS];
        uint256 free = _free(id);
        if (free == 0) return _record("withdraw", false);
        _record("withdraw", _withdraw(id, amount % 3 == 0 ? bound(amount, 1, free) : free));
    }

    /// @dev Everybody takes what is free: no leverage is left unused.
    function withdrawAll() external watched {
        _acceptPrices();
        _waitABlock(1);
        house.settle(traders);
        touches += 2 * TRADERS;
        for (uint256 i; i < TRADERS; ++i) {
            uint256 free = _free(traders[i]);
            if (free != 0) _record("withdraw", _withdraw(traders[i], free));
        }
    }

    /// @dev P3: a flat account without unpaid losses withdraws everything while no feed answers.
    function withdrawWithoutPrices(uint256 who) external watched {
        for (uint8 market; market < MARKETS; ++market) feeds[market].setAnswer(0, vm.getBlockTimestamp());
        AccountId id = _flat(who);
        uint256 all = _collateral(id) / (WAD / one);
        if (all != 0) {
            _acts(id);
            vm.prank(id.owner());
            house.withdraw(id, all, id.owner());
        }
        assertLt(_collateral(id), WAD / one, "P3: all of it");
        _deposit(id, all);
        for (uint8 market; market < MARKETS; ++market) _publish(market);
        _record("withdrawWithoutPrices", true);
    }

    function _flat(uint256 who) internal view returns (AccountId id) {
        MarketWords[] memory all = _allMarkets();
        for (uint256 i; i < TRADERS; ++i) {
            id = traders[addmod(who, i, TRADERS)];
            if (_isFlat(id, all) && _health(id, all).secured == int256(_collateral(id))) return id;
        }
        return saver;
    }

    /// @dev Tokens for nobody, and money for accounts that did not ask: defaulters, the fund.
    function donate(uint256 who, uint256 amount, bool toVault) external watched {
        amount = bound(amount, 1, 100 * one);
        if (toVault) token.mint(address(vault), amount);
        else _deposit(known[who % known.length], amount);
        ++touches;
        _record("donate", true);
    }

    // ------------------------------------------------------------------ trading

    /// @dev Opens, reduces, closes and flips at prices in the band, with the margin that it takes.
    function trade(
        uint256 who,
        uint256 whom,
        uint256 where,
        uint256 amount,
        uint256 price,
        uint256 fees
    ) external watched {
        _acceptPrices();
        _waitABlock(amount / 100);
        AccountId a = _solvent(who, NO_ACCOUNT);
        AccountId b = _solvent(whom, a);
        _revive(a);
        _revive(b);
        (uint8 market, int256 delta) = _intent(a, uint8(where % MARKETS), amount);
        uint256 mark = _marketWords(market).mark;
        uint256 size = _magnitude(delta);
        _ready(a, market, delta);
        _ready(b, market, -delta);
        uint256 band = (mark * house.riskOf(market).priceBand()) / 1e6;
        price = price % 2 == 0 ? mark : bound(price, mark - band, mark + band);
        (AccountId buyer, AccountId seller) = delta > 0 ? (a, b) : (b, a);
        uint24 fee = uint24(fees % 1_000);

        _acts(a);
        _acts(b);
        touches += 3;
        try house.fill(IClearingHouse.Fill(buyer, seller, market, size, price, venue, fee, uint24(fees % 777))) {
            _record("trade", true);
        } catch (bytes memory reason) {
            _requireNamed(reason);
            _record("trade", false);
        }
    }

    /// @dev What `a` would do: mostly open, sometimes reduce, close or flip where it has a position.
    function _intent(AccountId a, uint8 market, uint256 amount) internal view returns (uint8, int256) {
        uint256 kind = amount % 10;
        // Of any magnitude from ten to a million, so that one default may be nearly all of a side.
        uint256 notional = 10e18 << ((amount / 10) % 17);
        for (uint8 i; kind >= 5 && i < MARKETS; ++i) {
            uint8 other = (market + i) % MARKETS;
            MarketWords memory m = _marketWords(other);
            int256 size = _sizeOf(_positionWords(a, other, m), m);
            if (size == 0 || _isRefused(other)) continue;
            if (kind < 7)
                return (other, -(size / int256(2 + ((amount / 10) % 5))) - (size > 0 ? int256(1) : int256(-1)));
            return (other, kind < 9 ? -size : -2 * size);
        }
        market = _living(market);
        int256 opened = int256((notional * WAD) / _marketWords(market).mark);
        return (market, kind % 2 == 0 ? opened : -opened);
    }

    // ------------------------------------------------------------------ orders

    /// @dev Two signed orders that cross, in lanes that are used again and again; parts of them may be filled.
    function tradeSigned(uint256 who, uint256 whom, uint256 where, uint256 amount, uint256 price) external watched {
        _acceptPrices();
        _waitABlock(amount / 100);
        AccountId a = _solvent(who, NO_ACCOUNT);
        AccountId b = _solvent(whom, a);
        _revive(a);
        _revive(b);
        (uint8 market, int256 delta) = _intent(a, uint8(where % MARKETS), amount);
        _ready(a, market, delta);
        _ready(b, market, -delta);
        uint256 mark = _marketWords(market).mark;
        uint256 spread = (mark * (price % 1_000)) / 1e6;
        (AccountId buyer, AccountId seller) = delta > 0 ? (a, b) : (b, a);
        IOrderSettlement.Order memory buy = _order(buyer, market, true, _magnitude(delta), mark + spread);
        IOrderSettlement.Order memory sell = _order(seller, market, false, _magnitude(delta), mark - spread);
        (bytes memory buySigned, bytes memory sellSigned) = (_signed(buy), _signed(sell));

        _acts(a);
        _acts(b);
        touches += 3;
        try settlement.settle(buy, buySigned, sell, sellSigned, type(uint256).max, venue) {
            _record("tradeSigned", true);
        } catch (bytes memory reason) {
            _requireNamed(reason);
            _record("tradeSigned", false);
        }
    }

    function _order(
        AccountId id,
        uint8 market,
        bool isBuy,
        uint256 size,
        uint256 price
    ) private view returns (IOrderSettlement.Order memory) {
        // Lane 1 of the account, one sequence a call.
        uint96 nonce = uint96((1 << 64) | handlerCalls);
        uint64 epoch = settlement.epochOf(id);
        return
            IOrderSettlement.Order({
                account: id,
                market: market,
                isBuy: isBuy,
                reduceOnly: false,
                size: uint128(size),
                price: uint128(price),
                nonce: nonce,
                epoch: epoch,
                expiry: uint40(vm.getBlockTimestamp() + 1),
                fee: 300
            });
    }

    function _signed(IOrderSettlement.Order memory order) private view returns (bytes memory) {
        for (uint256 i; i < TRADERS; ++i) {
            if (traders[i] != order.account) continue;
            (uint8 v, bytes32 r, bytes32 s) = vm.sign(secrets[i], settlement.hashOrder(order));
            return abi.encodePacked(r, s, v);
        }
        revert NotATrader(order.account);
    }
}
