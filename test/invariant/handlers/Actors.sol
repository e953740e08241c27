// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IInsuranceFund} from "../../../contracts/interfaces/IInsuranceFund.sol";
import {IOrderSettlement} from "../../../contracts/interfaces/IOrderSettlement.sol";
import {AccountId, accountId} from "../../../contracts/types/AccountId.sol";
import {MarketSet} from "../../../contracts/types/MarketSet.sol";
import {TRADE} from "../../../contracts/types/Rights.sol";
import {RiskParameters} from "../../../contracts/types/RiskParameters.sol";
import {Properties} from "../Properties.sol";
import {Tally} from "./Tally.sol";

/// @notice Who takes part in a random sequence and what they own: what every handler stands on.
abstract contract Actors is Properties, Tally {
    uint256 internal constant TRADERS = 8;
    uint8 internal constant MARKETS = 3;

    AccountId[] internal traders;
    AccountId internal keeper;
    AccountId internal reseller;
    AccountId internal venue;
    AccountId internal saver;
    address internal backer;
    IOrderSettlement internal settlement;
    /// @dev Signs for the trader of the same index.
    uint256[] internal secrets;
    /// @dev One owner, and whatever the engine can think of.
    AccountId[] internal attackers;
    uint256[MARKETS] internal prices;

    /// @dev By index in `known`: whose own doing the present call is (P3).
    bool[] internal acted;

    // ------------------------------------------------------------------ the world

    function start(uint8 decimals) external {
        _deploy(decimals);
        forgiven = WAD / one == 1 ? 0 : WAD / one;
        prices = [uint256(60_000e18), 3_000e18, 0.5e18];
        for (uint8 market; market < MARKETS; ++market) {
            _list(prices[market], _parameters(market));
            fund.setLimit(market, IInsuranceFund.Limit(200_000e18, 1e17, market == 2 ? 10_000 : 0));
            highestMark[market] = prices[market];
        }
        settlement = IOrderSettlement(_create("OrderSettlement.sol:OrderSettlement", abi.encode(house)));
        backer = makeAddr("backer");
        _insure("backer", 100_000);
        for (uint256 i; i < TRADERS; ++i) {
            string memory name = string.concat("trader ", vm.toString(i));
            AccountId id = _trader(name, 100);
            vm.prank(id.owner());
            house.setOperator(0, address(settlement), TRADE);
            secrets.push(makeAddrAndKey(name).secret);
            traders.push(id);
            known.push(id);
        }
        for (uint96 i; i < 3; ++i) attackers.push(_join("attacker", i, 1_000));
        keeper = _join("keeper", 0, 100_000);
        reseller = _join("keeper", 1, 100_000);
        venue = _join("venue", 0, 0);
        saver = _join("saver", 0, 1_000);
        known.push(fundAccount);
        // Earns the bounties: the handler calls `deleverage` itself.
        known.push(accountId(address(this), 0));
        acted = new bool[](known.length);
    }

    function _parameters(uint8 market) internal pure returns (RiskParameters memory p) {
        p = _plain();
        (p.tradeFee, p.bountyRate, p.bountyCap) = (500, 500, 1_000e18);
        (p.maxFundingRate, p.initialMarginAtCap, p.volatilityMargin) = (3_000, 150_000, 100_000);
        (p.shortfallLimit, p.openInterestCap) = (1_000_000, 10_000_000e18);
        if (market == 1) p.minNotional = 1e18;
        if (market == 2) {
            (p.maintenanceMargin, p.initialMargin, p.initialMarginAtCap) = (125_000, 250_000, 300_000);
            p.priceBand = 100_000;
        }
    }

    function _join(string memory name, uint96 number, uint256 amount) internal returns (AccountId id) {
        id = accountId(makeAddr(name), number);
        _deposit(id, amount * one);
        vm.prank(id.owner());
        house.setOperator(number, address(this), TRADE);
        known.push(id);
    }

    // ------------------------------------------------------------------ bookkeeping of the run

    /// @dev P3 around every action.
    modifier watched() {
        ++handlerCalls;
        Bystander[] memory before = _snapshot();
        acted = new bool[](known.length);
        _;
        _proveP3(before, acted);
        if (_payouts() != payoutsSeen) _count("wound up", 1);
        _observe();
    }

    function _acts(AccountId id) internal {
        for (uint256 i; i < known.length; ++i) {
            if (known[i] == id) acted[i] = true;
        }
    }

    /// @dev A refusal is one of the protocol's own errors: no panic, no text, nothing empty.
    function _requireNamed(bytes memory reason) internal pure {
        assertGe(reason.length, uint256(4), "a refusal has a name");
        bytes4 selector = bytes4(reason);
        assertTrue(selector != 0x4e487b71 && selector != 0x08c379a0, "a refusal is no panic");
    }

    // ------------------------------------------------------------------ margin and money

    /// @dev In token units.
    function _free(AccountId id) internal view returns (uint256) {
        HealthWords memory h = _health(id);
        return _min(_positive(h.secured - int256(h.initialMargin)), _collateral(id)) / (WAD / one);
    }

    function _withdraw(AccountId id, uint256 amount) internal returns (bool) {
        _acts(id);
        vm.prank(id.owner());
        try house.withdraw(id, amount, id.owner()) {
            return true;
        } catch (bytes memory reason) {
            _requireNamed(reason);
            assertTrue(_waitsForPrice(id) || _waitsABlock(id), "free collateral can be withdrawn");
            return false;
        }
    }

    /// @dev Another trader than `but`, one who is not in default if there is any.
    function _solvent(uint256 who, AccountId but) internal view returns (AccountId id) {
        for (uint256 i; i < TRADERS; ++i) {
            id = traders[addmod(who, i, TRADERS)];
            if (id != but && _equity(id) >= 0) return id;
        }
        return traders[who % TRADERS] == but ? traders[addmod(who, 1, TRADERS)] : traders[who % TRADERS];
    }

    /// @dev Out of default, so that it may trade.
    function _revive(AccountId id) internal {
        int256 equity = _equity(id);
        if (equity < 0) _depositMoney(id, uint256(-equity));
    }

    /// @dev With the margin for a change of its position, and nothing besides that could be withdrawn: so all are leveraged.
    function _ready(AccountId id, uint8 market, int256 delta) internal {
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

    /// @dev The margin for `notional` more, at the rate that it brings the market to, what the band may cost, and fees.
    function _topUp(AccountId id, uint8 market, uint256 notional) internal {
        HealthWords memory h = _health(id);
        MarketWords memory m = _marketWords(market);
        uint256 held = _ceil(_magnitude(_sizeOf(_positionWords(id, market, m), m)) * m.mark, WAD);
        uint256 rate = _initialRate(m, notional);
        uint256 margin = h.initialMargin - _ceil(held * _initialRate(m, 0), 1e6) + _ceil((held + notional) * rate, 1e6);
        margin += (notional * (m.risk.priceBand() + 3_000)) / 1e6 + 1e6;
        if (h.secured < int256(margin)) _depositMoney(id, uint256(int256(margin) - h.secured));
    }

    function _depositMoney(AccountId id, uint256 money) internal {
        ++touches;
        _deposit(id, _ceil(money, WAD / one));
    }

    /// @dev This market, or the next one if it has ended.
    function _living(uint8 market) internal view returns (uint8) {
        return _hasEnded(market) ? (market + 1) % MARKETS : market;
    }

    // ------------------------------------------------------------------ waiting

    /// @dev Whether it has a position in a market whose mark has just moved further than the maintenance margin.
    function _waitsABlock(AccountId id) internal view returns (bool) {
        (, MarketSet markets) = house.accountOf(id);
        for (uint8 market; market < MARKETS; ++market) {
            if (!markets.contains(market)) continue;
            MarketWords memory m = _marketWords(market);
            if (_isJumping(m) && _positionWords(id, market, m).shares != 0) return true;
        }
        return false;
    }

    /// @dev Lets a block pass where one must, mostly.
    function _waitABlock(uint256 seed) internal {
        if (seed % 8 == 0) return;
        for (uint8 market; market < MARKETS; ++market) {
            if (!_isJumping(_marketWords(market))) continue;
            vm.warp(vm.getBlockTimestamp() + 1);
            // Funding of a second.
            return _acceptPrices();
        }
    }

    // ------------------------------------------------------------------ prices

    /// @dev Within a thousandth and a hundred times of where it began. A second passes.
    function _moveTo(uint8 market, uint256 price) internal {
        uint256 first = [uint256(60_000e18), 3_000e18, 0.5e18][market];
        prices[market] = _max(_min(price, _min(first * 100, 900_000e18)), first / 1_000);
        vm.warp(vm.getBlockTimestamp() + 1);
        _publish(market);
    }

    function _publish(uint8 market) internal {
        feeds[market].setAnswer(int256(prices[market] / 1e10), vm.getBlockTimestamp());
    }
}
