// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {IInsuranceFund} from "../../contracts/interfaces/IInsuranceFund.sol";
import {Events} from "../../contracts/interfaces/Events.sol";
import {Call} from "../../contracts/periphery/Courier.sol";
import {AccountId, NO_ACCOUNT, accountId} from "../../contracts/types/AccountId.sol";
import {TRADE} from "../../contracts/types/Rights.sol";
import {RiskParameters} from "../../contracts/types/RiskParameters.sol";
import {Vm} from "../utils/Vm.sol";
import {Properties} from "./Properties.sol";

/// @notice Everything that people do to a clearing house with three markets, drawn from fuzzed numbers so that nearly all of
/// it succeeds. Each function names the properties that it proves besides those that hold after every call.
contract Handler is Properties {
    uint256 private constant TRADERS = 8;
    uint8 private constant MARKETS = 3;

    AccountId[] private traders;
    AccountId private keeper;
    AccountId private reseller;
    AccountId private venue;
    AccountId private saver;
    address private backer;
    uint256[MARKETS] private prices;

    /// @dev By index in `known`: whose own doing the present call is (P3).
    bool[] private acted;

    struct Outcome {
        uint256 calls;
        uint256 done;
    }
    mapping(bytes32 action => Outcome) public outcomes;
    Outcome public total;

    // ------------------------------------------------------------------ the world

    function start(uint8 decimals) external {
        _deploy(decimals);
        forgiven = WAD / one == 1 ? 0 : WAD / one;
        prices = [uint256(60_000e18), 3_000e18, 0.5e18];
        for (uint8 market; market < MARKETS; ++market) {
            _list(prices[market], _parameters(market));
            fund.setLimit(market, IInsuranceFund.Limit({capacity: 200_000e18, refillPerSecond: 1e17}));
            highestMark[market] = prices[market];
        }
        backer = makeAddr("backer");
        _insure("backer", 100_000);
        for (uint256 i; i < TRADERS; ++i) {
            AccountId id = _trader(string.concat("trader ", vm.toString(i)), 100);
            traders.push(id);
            known.push(id);
        }
        keeper = _join("keeper", 0, 100_000);
        reseller = _join("keeper", 1, 100_000);
        venue = _join("venue", 0, 0);
        saver = _join("saver", 0, 1_000);
        known.push(fundAccount);
        // Earns the bounties: the handler calls `deleverage` itself.
        known.push(accountId(address(this), 0));
        acted = new bool[](known.length);
    }

    function _parameters(uint8 market) private pure returns (RiskParameters memory p) {
        p = _plain();
        (p.tradeFee, p.bountyRate, p.bountyCap) = (500, 500, 1_000e18);
        p.maxFundingRate = 40_000;
        p.shortfallLimit = 1_000_000;
        if (market == 1) p.minNotional = 1e18;
        if (market == 2) (p.initialMargin, p.maintenanceMargin, p.priceBand) = (250_000, 125_000, 100_000);
    }

    function _join(string memory name, uint96 number, uint256 amount) private returns (AccountId id) {
        id = accountId(makeAddr(name), number);
        _deposit(id, amount * one);
        vm.prank(id.owner());
        house.setOperator(number, address(this), TRADE);
        known.push(id);
    }

    // ------------------------------------------------------------------ bookkeeping of the run

    /// @dev P3 around every action.
    modifier watched() {
        Bystander[] memory before = _snapshot();
        acted = new bool[](known.length);
        _;
        _proveP3(before, acted);
        for (uint8 market; market < MARKETS; ++market) {
            highestMark[market] = _max(highestMark[market], _marketWords(market).mark);
        }
    }

    function _acts(AccountId id) private {
        for (uint256 i; i < known.length; ++i) {
            if (known[i] == id) acted[i] = true;
        }
    }

    function _record(bytes32 action, bool done) private {
        ++outcomes[action].calls;
        ++total.calls;
        if (!done) return;
        ++outcomes[action].done;
        ++total.done;
    }

    /// @dev A refusal is one of the protocol's own errors: no panic, no text, nothing empty.
    function _requireNamed(bytes memory reason) private pure {
        assertGe(reason.length, uint256(4), "a refusal has a name");
        bytes4 selector = bytes4(reason);
        assertTrue(selector != 0x4e487b71 && selector != 0x08c379a0, "a refusal is no panic");
    }

    // ------------------------------------------------------------------ collateral

    function deposit(uint256 who, uint256 amount) external watched {
        _deposit(known[who % known.length], bound(amount, 1, 100 * one));
        ++touches;
        _record("deposit", true);
    }

    function withdraw(uint256 who, uint256 amount) external watched {
        _acceptPrices();
        AccountId id = traders[who % TRADERS];
        uint256 free = _free(id);
        if (free == 0) return _record("withdraw", false);
        _record("withdraw", _withdraw(id, amount % 3 == 0 ? bound(amount, 1, free) : free));
    }

    /// @dev Everybody takes what is free: no leverage is left unused.
    function withdrawAll() external watched {
        _acceptPrices();
        house.settle(traders);
        touches += 2 * TRADERS;
        for (uint256 i; i < TRADERS; ++i) {
            uint256 free = _free(traders[i]);
            if (free != 0) _record("withdraw", _withdraw(traders[i], free));
        }
    }

    /// @dev In token units.
    function _free(AccountId id) private view returns (uint256) {
        HealthWords memory h = _health(id);
        return _min(_positive(h.secured - int256(h.initialMargin)), _collateral(id)) / (WAD / one);
    }

    function _withdraw(AccountId id, uint256 amount) private returns (bool) {
        _acts(id);
        vm.prank(id.owner());
        try house.withdraw(id, amount, id.owner()) {
            return true;
        } catch (bytes memory reason) {
            _requireNamed(reason);
            assertTrue(_waitsForPrice(id), "free collateral can be withdrawn");
            return false;
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

    function _flat(uint256 who) private view returns (AccountId id) {
        for (uint256 i; i < TRADERS; ++i) {
            id = traders[addmod(who, i, TRADERS)];
            if (_isFlat(id) && _health(id).secured == int256(_collateral(id))) return id;
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
    function _intent(AccountId a, uint8 market, uint256 amount) private view returns (uint8, int256) {
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
        int256 opened = int256((notional * WAD) / _marketWords(market).mark);
        return (market, kind % 2 == 0 ? opened : -opened);
    }

    /// @dev Another trader than `but`, one who is not in default if there is any.
    function _solvent(uint256 who, AccountId but) private view returns (AccountId id) {
        for (uint256 i; i < TRADERS; ++i) {
            id = traders[addmod(who, i, TRADERS)];
            if (id != but && _equity(id) >= 0) return id;
        }
        return traders[who % TRADERS] == but ? traders[addmod(who, 1, TRADERS)] : traders[who % TRADERS];
    }

    /// @dev Out of default, so that it may trade.
    function _revive(AccountId id) private {
        int256 equity = _equity(id);
        if (equity < 0) _depositMoney(id, uint256(-equity));
    }

    /// @dev With the margin for a change of its position, and nothing besides that could be withdrawn: so all are leveraged.
    function _ready(AccountId id, uint8 market, int256 delta) private {
        MarketWords memory m = _marketWords(market);
        int256 size = _sizeOf(_positionWords(id, market, m), m);
        uint256 free = _free(id);
        if (free != 0) _withdraw(id, free);
        uint256 added =
            (size > 0) == (delta > 0) || size == 0
                ? _magnitude(delta)
                : _positive(int256(_magnitude(delta)) - int256(_magnitude(size)));
        if (added != 0) _topUp(id, market, (added * m.mark) / WAD);
    }

    /// @dev The margin for `notional` more, what the band may cost, and fees.
    function _topUp(AccountId id, uint8 market, uint256 notional) private {
        HealthWords memory h = _health(id);
        uint256 rate = house.riskOf(market).initialMargin() + house.riskOf(market).priceBand() + 3_000;
        uint256 margin = h.initialMargin + (notional * rate) / 1e6 + 1e6;
        if (h.secured < int256(margin)) _depositMoney(id, uint256(int256(margin) - h.secured));
    }

    function _depositMoney(AccountId id, uint256 money) private {
        ++touches;
        _deposit(id, _ceil(money, WAD / one));
    }

    // ------------------------------------------------------------------ keepers

    /// @dev P10, P2. Where nobody can be liquidated, that nobody is.
    function liquidate(uint256 who, uint256 where, uint256 size) external watched {
        _acceptPrices();
        (AccountId id, uint8 market, bool found) = _debtor(who, uint8(where % MARKETS));
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

    function _liquidate(AccountId id, uint8 market, uint256 size) private returns (bool) {
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
            assertTrue(_waitsForPrice(keeper), "whoever is below MM can be liquidated");
            return false;
        }
    }

    function _debtor(uint256 who, uint8 where) private view returns (AccountId id, uint8 market, bool found) {
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
    function _drawList(uint256 seed, uint256 length) private view returns (AccountId[] memory list) {
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

    /// @dev So that a walk can prove that it has been there.
    function _count(bytes32 what, uint256 amount) private {
        if (amount != 0) ++outcomes[what].done;
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

    function _deleverage(AccountId[] memory accounts, AccountId taker) private {
        _acceptPrices();
        int256[] memory before = new int256[](known.length);
        for (uint256 i; i < known.length; ++i) before[i] = _equity(known[i]);
        uint256 fundBefore = _collateral(fundAccount);
        (uint256 phantom, uint256 fractions) = _roundingOfCharges();

        vm.recordLogs();
        house.deleverage(accounts, taker);
        Bearing memory b = _read(vm.getRecordedLogs(), before);

        touches += (accounts.length + 6) * 2;
        _count("resolved", b.resolved);
        _count("insured", b.insured);
        _count("haircut", b.haircuts);
        _count("shortfall", b.shortfall);
        _count("bounty", b.bounties);
        _acts(fundAccount);
        assertEq(fundBefore - _collateral(fundAccount), b.insured, "P5: the fund pays what it is said to");
        assertEq(b.resolved, b.deficits, "P5: deficits of accounts = deficits of markets");
        assertEq(b.bounties, b.bountyPaid, "P5: bounties");
        assertEq(b.haircuts + b.shortfall + b.insured, b.deficits + b.bounties, "P5: who bore it");

        // What everybody together lost, besides what the resolved were given, is the haircuts.
        int256 lost = int256(b.resolved + b.bounties) - int256(b.insured);
        for (uint256 i; i < known.length; ++i) lost += before[i] - _equity(known[i]);
        uint256 slack = b.charges * (known.length + fractions) + known.length * MARKETS * forgiven;
        assertLe(lost, int256(b.haircuts + slack), "P5: holders lose no more than the haircuts");
        assertGe(lost, int256(b.haircuts) - int256(slack + phantom), "P5: and no less");
        _proveResolved(accounts, taker, before);
    }

    /// @dev P2: nobody who was listed, and waits for no price, is below zero; who was in default is at zero.
    function _proveResolved(AccountId[] memory accounts, AccountId taker, int256[] memory before) private view {
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

    /// @return phantom Shares in a side's total that nobody holds since a generation ended, at the highest price: what
    /// haircuts charge to them nobody pays.
    /// @return fractions What a whole side loses at most where a charge per share is rounded up: shares / precision.
    function _roundingOfCharges() private view returns (uint256 phantom, uint256 fractions) {
        for (uint8 market; market < MARKETS; ++market) {
            MarketWords memory m = _marketWords(market);
            uint256 held;
            for (uint256 i; i < known.length; ++i) held += _magnitude(_positionWords(known[i], market, m).shares);
            uint256 unheld = m.long.shares + m.short.shares - held;
            assertLe(unheld, touches, "shares that nobody holds");
            // And a share of each holder where a generation ends in the first pass, which shifts them down.
            phantom += _ceil((unheld + known.length) * highestMark[market], WAD);
            fractions = _max(fractions, _ceil(_max(m.long.shares, m.short.shares), WAD << m.scale));
        }
    }

    function _read(Vm.Log[] memory logs, int256[] memory before) private view returns (Bearing memory b) {
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

    function _anybodyBelowZero() private view returns (bool) {
        for (uint256 i; i < known.length; ++i) {
            if (_equity(known[i]) < 0 && !_waitsForPrice(known[i])) return true;
        }
        return false;
    }

    /// @dev Takes a position over and sells part of it on, in one breath. P10 as in `liquidate`.
    function takeOverAndSell(uint256 who, uint256 where, uint256 part) external watched {
        _acceptPrices();
        (AccountId id, uint8 market, bool found) = _debtor(who, uint8(where % MARKETS));
        if (!found) return;
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

    // ------------------------------------------------------------------ the insurance fund

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

    // ------------------------------------------------------------------ prices and time

    /// @dev Between a twentieth and five times, near one mostly. A feed that was down is up again.
    function movePrice(uint256 where, uint256 how) external watched {
        uint8 market = uint8(where % MARKETS);
        uint256 kind = how % 10;
        bool falls = (how / 10) % 2 == 0;
        how /= 20;
        if (kind < 5) how = bound(how, 1_000, 1_080);
        else if (kind < 8) how = bound(how, 1_050, 1_400);
        else how = bound(how, 1_400, falls ? 20_000 : 5_000);
        _move(market, falls ? 1e6 / how : how);
        _record("movePrice", true);
    }

    function _move(uint8 market, uint256 permille) private {
        uint256 first = [uint256(60_000e18), 3_000e18, 0.5e18][market];
        uint256 price = (prices[market] * permille) / 1_000;
        prices[market] = _max(_min(price, _min(first * 100, 900_000e18)), first / 1_000);
        vm.warp(vm.getBlockTimestamp() + 1);
        _publish(market);
        if (permille % 4 != 0) house.accrueFunding(market);
    }

    function _publish(uint8 market) private {
        feeds[market].setAnswer(int256(prices[market] / 1e10), vm.getBlockTimestamp());
    }

    /// @dev A feed refuses until the next movement of its price or the next time that passes.
    function breakFeed(uint256 where) external watched {
        vm.warp(vm.getBlockTimestamp() + 1);
        feeds[where % MARKETS].setAnswer(0, vm.getBlockTimestamp());
        _record("breakFeed", true);
    }

    /// @dev Funding accrues from the first touch after it.
    function passTime(uint256 time, uint256 scale) external watched {
        skip(bound(time, 1, scale % 3 == 0 ? 5 weeks : 4 hours));
        for (uint8 market; market < MARKETS; ++market) {
            _publish(market);
            house.accrueFunding(market);
        }
        _record("passTime", true);
    }
}
