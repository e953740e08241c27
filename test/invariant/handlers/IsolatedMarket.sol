// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {AccountId, NO_ACCOUNT} from "../../../contracts/types/AccountId.sol";
import {RiskParameters} from "../../../contracts/types/RiskParameters.sol";
import {Properties} from "../Properties.sol";
import {Tally} from "./Tally.sol";

/// @notice P8, in the regime that it promises: one market, accounts that are in no other, keepers that come in time. Nobody
/// trades or withdraws while somebody is below zero, and the price moves as it likes, often more than once a day.
/// Then no call with any list pushes anybody below zero, and there is no shortfall but what positions of less than a size-wei
/// owe.
contract IsolatedMarket is Properties, Tally {
    uint256 private constant PEOPLE = 10;
    uint8 private constant MARKET = 0;
    uint256 private price = 100e18;

    function start() external {
        _deploy(18);
        RiskParameters memory p = _plain();
        // Thin margins, so that accounts of either side can be near zero at one price.
        (p.initialMargin, p.initialMarginAtCap, p.maintenanceMargin) = (1_001, 1_001, 1_000);
        (p.incentiveMin, p.incentiveMax, p.fundFee, p.priceBand) = (100, 300, 100, 1_000);
        p.shortfallLimit = 1_000_000;
        _list(price, p);
        highestMark[MARKET] = price;
        for (uint256 i; i < PEOPLE; ++i) known.push(_trader(string.concat("trader ", vm.toString(i)), 0));
        known.push(fundAccount);
    }

    modifier counted() {
        ++handlerCalls;
        _;
        _observe();
    }

    // ------------------------------------------------------------------ while nobody is below zero

    /// @dev With just the margin it takes, and sometimes more.
    function trade(uint256 who, uint256 whom, uint256 amount, uint256 spare) external counted {
        _resolveAll();
        _waitABlock();
        AccountId a = known[who % PEOPLE];
        AccountId b = known[whom % PEOPLE];
        if (a == b) b = known[addmod(whom, 1, PEOPLE)];
        uint256 size = ((1e15 << (amount % 24)) * 100e18) / price + 1;
        uint256 notional = _ceil(2 * size * price, WAD);
        _ready(a, notional, spare);
        _ready(b, notional, spare >> 128);
        touches += 3;
        house.fill(IClearingHouse.Fill(a, b, MARKET, size, price, NO_ACCOUNT, 0, 0));
        _record("trade", true);
    }

    function _ready(AccountId id, uint256 notional, uint256 spare) private {
        HealthWords memory h = _health(id);
        uint256 margin = h.initialMargin + _ceil(notional * 1_001, 1e6) + 10 + (spare % 4 == 0 ? spare % notional : 0);
        if (h.secured >= int256(margin)) return;
        ++touches;
        _deposit(id, uint256(int256(margin) - h.secured));
    }

    function withdraw(uint256 who) external counted {
        _resolveAll();
        _waitABlock();
        AccountId id = known[who % PEOPLE];
        HealthWords memory h = _health(id);
        uint256 free = _min(_positive(h.secured - int256(h.initialMargin)), _collateral(id));
        if (free != 0) {
            vm.prank(id.owner());
            house.withdraw(id, free, id.owner());
        }
        _record("withdraw", free != 0);
    }

    function insure(uint256 amount) external counted {
        _resolveAll();
        _insure("backer", bound(amount, 1, 50));
        _record("insure", true);
    }

    /// @dev The next day begins with everybody at or above zero.
    function passDay() external counted {
        _resolveAll();
        vm.warp(vm.getBlockTimestamp() + 1 days);
        _move(price);
        _record("passDay", true);
    }

    // ------------------------------------------------------------------ at any time

    /// @dev By a little, by half, or between a twentieth and five times.
    function move(uint256 how) external counted {
        uint256 kind = how % 10;
        how /= 10;
        if (kind < 6) _move((price * bound(how, 950, 1_050)) / 1_000);
        else if (kind < 8) _move((price * bound(how, 500, 2_000)) / 1_000);
        else _move((price * bound(how, 50, 5_000)) / 1_000);
        _record("move", true);
    }

    /// @dev Some, several times, or nobody of those whom it is about.
    function resolve(uint256 seed, uint256 length) external counted {
        AccountId[] memory list = new AccountId[](length % 7);
        for (uint256 i; i < list.length; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            list[i] = known[seed % known.length];
        }
        _resolve(list);
        _record("resolve", true);
    }

    // ------------------------------------------------------------------ P8

    function _resolve(AccountId[] memory list) private {
        uint256 shortfall = _shortfall(MARKET);
        int256[] memory before = new int256[](known.length);
        for (uint256 i; i < known.length; ++i) before[i] = _equity(known[i]);
        touches += 2 * list.length + 6;
        house.deleverage(list, NO_ACCOUNT);
        for (uint256 i; i < known.length; ++i) {
            if (before[i] >= 0) assertGe(_equity(known[i]), int256(0), "P8: pushed below zero");
            else _count("below zero", 1);
        }
        uint256 rounding = known.length * (_ceil(highestMark[MARKET], WAD) + 1);
        assertLe(_shortfall(MARKET), shortfall + rounding, "P8: shortfall");
    }

    /// @dev After a jump, trades and withdrawals wait for it.
    function _waitABlock() private {
        vm.warp(vm.getBlockTimestamp() + 1);
    }

    function _resolveAll() private {
        AccountId[] memory all = known;
        _resolve(all);
        for (uint256 i; i < known.length; ++i) assertGe(_equity(known[i]), int256(0), "P2: nobody is below zero");
    }

    function _move(uint256 to) private {
        price = (_max(1e12, _min(to, 9e23)) / 1e10) * 1e10;
        _setPrice(MARKET, price);
        house.accrueFunding(MARKET);
    }
}
