// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Events} from "../../contracts/interfaces/Events.sol";
import {IInsuranceFund} from "../../contracts/interfaces/IInsuranceFund.sol";
import {AccountId, NO_ACCOUNT, accountId} from "../../contracts/types/AccountId.sol";
import {MarketSet} from "../../contracts/types/MarketSet.sol";
import {RiskParameters} from "../../contracts/types/RiskParameters.sol";
import {Vm} from "../utils/Vm.sol";
import {RandomBook} from "./RandomBook.sol";

/// @notice P6: the same set resolved in one call gives the same equities in any order of the list. Exactly, where each
/// defaulter is in one market; in total, where they are cross-margined over several.
contract P6OrderIndependenceTest is RandomBook {
    uint256 private constant ORDERS = 3;

    /// @dev What the defaulters' deficits and bounties were borne by, over all markets.
    struct Borne {
        uint256 deficit;
        uint256 insured;
        uint256 haircut;
        uint256 shortfall;
    }

    uint8[] private markets;

    // ------------------------------------------------------------------ each defaulter in one market

    /// hardhat-config: fuzz.runs = 64
    function testFuzz_deleverage_isTheSameInAnyOrder_oneMarketEach(uint256 seed) public {
        _seed(seed);
        _listSome(_draw(1, 2), _chance(50));
        _newAccounts(_draw(3, 8));
        for (uint256 i; i < accounts.length; ++i) _openIn(markets[i % markets.length], i, markets.length);
        AccountId taker = _chance(30) ? _trader("taker", 1e9) : NO_ACCOUNT;
        if (_chance(50)) {
            // A book that has been deleveraged before, with values per share that divide badly.
            _movePrices();
            house.deleverage(accounts, NO_ACCOUNT);
            for (uint256 i; i < accounts.length; ++i) _openIn(markets[i % markets.length], i, markets.length);
        }
        _fundSome();
        _movePrices();

        AccountId[] memory list = _listed();
        uint256 start = vm.snapshotState();
        house.deleverage(list, taker);
        bytes32[] memory expected = _digest(taker);
        for (uint256 order; order < ORDERS; ++order) {
            vm.revertToState(start);
            start = vm.snapshotState();
            house.deleverage(_reordered(list, order), taker);
            bytes32[] memory got = _digest(taker);
            for (uint256 i; i < got.length; ++i) assertEq(got[i], expected[i], vm.toString(i));
        }
    }

    // ------------------------------------------------------------------ cross-margined

    /// hardhat-config: fuzz.runs = 64
    function testFuzz_deleverage_totalsAreTheSameInAnyOrder_crossMargined(uint256 seed) public {
        _seed(seed);
        _listSome(_draw(2, 3), false);
        _newAccounts(_draw(3, 8));
        for (uint256 i; i < accounts.length; ++i) _openIn(markets[_draw(0, markets.length - 1)], i, 1);
        for (uint256 i; i < accounts.length; ++i) _openIn(markets[_draw(0, markets.length - 1)], i, 1);
        _fundSome();
        _movePrices();

        AccountId[] memory list = _listed();
        uint256 start = vm.snapshotState();
        Borne memory expected = _resolve(list);
        int256 equities = _sumOfEquities();
        uint256 bound = _roundingBound();
        for (uint256 order; order < ORDERS; ++order) {
            vm.revertToState(start);
            start = vm.snapshotState();
            Borne memory got = _resolve(_reordered(list, order));
            assertEq(got.deficit, got.insured + got.haircut + got.shortfall, "deficit = fund + haircuts + shortfall");
            assertApproxEqAbs(got.deficit, expected.deficit, bound, "deficits");
            assertApproxEqAbs(_sumOfEquities(), equities, bound, "equities");
        }
    }

    /// @dev Attributing a deficit and paying losses pro rata leave less than a wei per account, market and pass in another
    /// market; a haircut is charged up to a wei per holder more. A pass but the first and the last takes one out.
    function _roundingBound() private view returns (uint256) {
        return 4 * accounts.length * markets.length * (accounts.length + 2);
    }

    function _resolve(AccountId[] memory list) private returns (Borne memory borne) {
        vm.recordLogs();
        house.deleverage(list, NO_ACCOUNT);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != Events.DeficitAllocated.selector) continue;
            (uint256 deficit, , uint256 insured, uint256 ofLongs, uint256 ofShorts, uint256 shortfall, ) = abi.decode(
                logs[i].data,
                (uint256, uint256, uint256, uint256, uint256, uint256, uint256)
            );
            borne.deficit += deficit;
            borne.insured += insured;
            borne.haircut += ofLongs + ofShorts;
            borne.shortfall += shortfall;
        }
    }

    function _sumOfEquities() private view returns (int256 sum) {
        for (uint256 i; i < accounts.length; ++i) sum += _equity(accounts[i]);
    }

    // ------------------------------------------------------------------ books

    function _listSome(uint256 count, bool bounties) private {
        for (uint256 i; i < count; ++i) {
            RiskParameters memory p = _thin();
            if (bounties) (p.tradeFee, p.bountyRate, p.bountyCap) = (100, 100, 5e18);
            markets.push(_list((_drawLog(1e16, 1e22) / 1e10) * 1e10, p));
        }
    }

    /// @dev A fill of account `i` with another one, a multiple of `stride` away from it.
    function _openIn(uint8 market, uint256 i, uint256 stride) private {
        uint256 others = (accounts.length - 1 - (i % stride)) / stride;
        if (others == 0) return;
        uint256 other = (i % stride) + stride * _draw(0, others - 1);
        if (other >= i) other += stride;
        uint256 mark = _marketWords(market).mark;
        uint256 size = _drawLog(1e15, 1e21);
        (AccountId buyer, AccountId seller) = _chance(50)
            ? (accounts[i], accounts[other])
            : (accounts[other], accounts[i]);
        if (_equity(buyer) < 0) _deposit(buyer, uint256(-_equity(buyer)));
        if (_equity(seller) < 0) _deposit(seller, uint256(-_equity(seller)));
        _fundFor(buyer, market, _ceil(2 * size * mark, WAD));
        _fundFor(seller, market, _ceil(2 * size * mark, WAD));
        _fill(buyer, seller, market, size, mark);
    }

    function _fundSome() private {
        if (_chance(50)) return;
        _insure("backer", _drawLog(1, 1e6));
        for (uint256 i; i < markets.length; ++i) {
            if (_chance(50)) {
                fund.setLimit(markets[i], IInsuranceFund.Limit(uint128(_drawLog(1e18, 1e24)), 0, 0));
            }
        }
    }

    /// @dev Until somebody is in default.
    function _movePrices() private {
        do _movePricesOnce(); while (!_anyDefault());
    }

    function _anyDefault() private view returns (bool any) {
        for (uint256 i; i < accounts.length; ++i) any = any || _equity(accounts[i]) < 0;
    }

    function _movePricesOnce() private {
        for (uint256 i; i < markets.length; ++i) {
            uint256 price = _moved(_marketWords(markets[i]).mark);
            _setPrice(markets[i], (_max(_min(price, 9e23), 1e12) / 1e10) * 1e10);
        }
        _acceptPrices();
    }

    /// @dev Most of the accounts, some of them twice.
    function _listed() private returns (AccountId[] memory list) {
        list = new AccountId[](accounts.length + 2);
        for (uint256 i; i < accounts.length; ++i) list[i] = _chance(85) ? accounts[i] : accounts[0];
        (list[accounts.length], list[accounts.length + 1]) = (accounts[_draw(0, accounts.length - 1)], fundAccount);
    }

    function _reordered(AccountId[] memory list, uint256 order) private returns (AccountId[] memory reordered) {
        reordered = new AccountId[](list.length);
        for (uint256 i; i < list.length; ++i) reordered[i] = list[list.length - 1 - i];
        if (order != 0) _shuffled(reordered);
    }

    /// @dev Everything: per account its collateral and markets, and in each what is due, the size and the share count; the
    /// caller's bounty, the taker and the fund; and every market.
    function _digest(AccountId taker) private view returns (bytes32[] memory digest) {
        digest = new bytes32[](accounts.length + 3 + markets.length);
        for (uint256 i; i < accounts.length; ++i) digest[i] = _digestOf(accounts[i]);
        uint256 n = accounts.length;
        (digest[n], digest[n + 1]) = (_digestOf(taker), _digestOf(fundAccount));
        digest[n + 2] = _digestOf(accountId(address(this), 0));
        for (uint256 i; i < markets.length; ++i) digest[n + 3 + i] = keccak256(abi.encode(_marketWords(markets[i])));
    }

    function _digestOf(AccountId id) private view returns (bytes32 digest) {
        (uint256 collateral, MarketSet set) = house.accountOf(id);
        digest = keccak256(abi.encode(collateral, set));
        for (uint256 i; i < markets.length; ++i) {
            MarketWords memory m = _marketWords(markets[i]);
            PositionWords memory p = _positionWords(id, markets[i], m);
            digest = keccak256(abi.encode(digest, p, _unsettled(p, m), _sizeOf(p, m)));
        }
    }
}
