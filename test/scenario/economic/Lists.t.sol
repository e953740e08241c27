// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId, NO_ACCOUNT} from "../../../contracts/types/AccountId.sol";
import {RiskParameters} from "../../../contracts/types/RiskParameters.sol";
import {Attack} from "./Attack.sol";

/// @notice A keeper who holds the opposing side chooses whom to resolve when, and in what order. In one call the order changes
/// nothing, to the wei. Documented: several calls instead of one can move haircuts between holders; the bound here is that
/// nobody saves more than what one call would have charged it, and that no list earns a bounty twice.
contract ListsTest is Attack {
    uint8 private market;
    AccountId private keeper;
    AccountId[] private defaulters;
    uint256 private plan;
    bool private bounties;

    /// @dev A long of 10 lacks 50 and a short of 6 lacks 30, at 100; the keeper is short 14. In one call it bears 50. Where the
    /// long is resolved first, the short that is in default as well is charged 6 of 20 of its 50, and longs bear that later: the
    /// keeper pays 35.
    function test_lists_severalCallsSaveTheKeeperAPartOfItsHaircut() public {
        _exampleThree();
        assertApproxEqAbs(_magnitude(_profitOf(_resolveTogether)), 50e18, 30, "in one call");
        assertApproxEqAbs(_magnitude(_profitOf(_resolveInParts)), 35e18, 30, "the long first");
        assertLt(_profitOf(_resolveInParts), int256(0), "it pays in either case");
    }

    /// @dev Random books with defaulters on both sides; the keeper holds one side and is never in default itself.
    /// hardhat-config: fuzz.runs = 96
    function testFuzz_lists_saveNoMoreThanTheHaircutOfOneCall(uint256 seed) public {
        _compare(seed);
    }

    function test_lists_mostBooksHaveDefaulters() public {
        _requireMost(_compare, 70);
    }

    function _compare(uint256 seed) private returns (uint256) {
        _seed(seed);
        _randomDefaults();
        if (defaulters.length == 0) return 0;
        plan = 1;
        int256 atMark = _equity(keeper) - int256(putOf[keeper]);
        int256 together = _profitOf(_resolveTogether);
        plan = _draw(2, type(uint64).max);
        assertApproxEqAbs(
            _magnitude(_profitOf(_resolveTogether) - together),
            0,
            defaulters.length + 2,
            "in one call the order does not matter"
        );
        assertLe(_profitOf(_resolveInParts), atMark, "no more than all of its haircut is saved");
        return defaulters.length;
    }

    // ------------------------------------------------------------------ the bounty

    /// @dev Whatever the list repeats, mixes or splits, the bounty is that of each default once: the rate times what was held.
    /// hardhat-config: fuzz.runs = 96
    function testFuzz_lists_earnEachBountyOnce(uint256 seed) public {
        _seed(seed);
        bounties = true;
        _randomDefaults();
        if (defaulters.length == 0) return;
        uint256 most;
        MarketWords memory m = _marketWords(market);
        for (uint256 i; i < defaulters.length; ++i) {
            uint256 size = _magnitude(_sizeOf(_positionWords(defaulters[i], market, m), m));
            most += _min((((size * m.mark) / WAD) * 300) / 1e6, 5e18);
        }
        plan = _draw(2, type(uint64).max);
        uint256 before = _collateral(purse);
        if (_chance(50)) _resolveInParts();
        else _resolveTogether();
        assertLe(_collateral(purse) - before, most, "each once");
        before = _collateral(purse);
        _resolveTogether();
        assertEq(_collateral(purse), before, "and nothing for what is resolved");
    }

    // ------------------------------------------------------------------ books

    /// @dev Worked example 3, with the attacker in the place of the short that survives.
    function _exampleThree() private {
        market = _list(120e18, _plain());
        AccountId maker = _trader("maker", 1e9);
        AccountId long = _trader("long", 150);
        AccountId short = _trader("short", 90);
        AccountId other = _trader("other", 400);
        keeper = _mine("keeper", 400);
        _fill(long, maker, market, 10e18, 120e18);
        _to(market, 80e18);
        _fill(maker, short, market, 6e18, 80e18);
        _to(market, 100e18);
        _fill(other, keeper, market, 10e18, 100e18);
        _fill(maker, keeper, market, 4e18, 100e18);
        assertEq(_equity(long), int256(-50e18), "long");
        assertEq(_equity(short), int256(-30e18), "short");
        defaulters = _list2(long, short);
    }

    function _randomDefaults() private {
        RiskParameters memory p = _thin();
        if (bounties) (p.tradeFee, p.bountyRate, p.bountyCap) = (300, 300, 5e18);
        market = _list(100e18, p);
        keeper = _mine("keeper", 1e9);
        _newAccounts(_draw(3, 8));
        uint256 fills = _draw(3, 12);
        uint256 price = 100e18;
        for (uint256 i; i < fills; ++i) {
            _fundFor(keeper, market, 1e24);
            _randomFill(market, 1e16, 1e20);
            if (_chance(40)) _fill(keeper, _rich(i), market, _drawLog(1e16, 1e20), price);
            if (_chance(60)) {
                price = ((price * _draw(900, 1_100)) / 1_000 / 1e10) * 1e10;
                _to(market, price);
                for (uint256 j; j < accounts.length; ++j) {
                    if (_equity(accounts[j]) < 0) _deposit(accounts[j], uint256(-_equity(accounts[j])));
                }
            }
        }
        _to(market, ((price * (_chance(50) ? _draw(600, 990) : _draw(1_010, 1_700))) / 1_000 / 1e10) * 1e10);
        for (uint256 i; i < accounts.length; ++i) if (_equity(accounts[i]) < 0) defaulters.push(accounts[i]);
    }

    function _rich(uint256 i) private returns (AccountId) {
        return _trader(string.concat("rich ", vm.toString(i)), 1e9);
    }

    // ------------------------------------------------------------------ stories

    function _resolveTogether() private {
        AccountId[] memory list = defaulters;
        if (plan > 1) {
            _seed(plan);
            list = _shuffled(list);
        }
        _hunt(list, NO_ACCOUNT);
    }

    /// @dev One by one in a random order, some twice, with settling in between.
    function _resolveInParts() private {
        AccountId[] memory list = defaulters;
        if (plan != 0) {
            _seed(plan);
            list = _shuffled(list);
        }
        for (uint256 i; i < list.length; ++i) {
            _hunt(_chance(30) ? _list2(list[i], list[i]) : _list1(list[i]), NO_ACCOUNT);
            if (_chance(30)) _settle(list[_draw(0, list.length - 1)]);
        }
        for (uint256 i; i < list.length; ++i) _hunt(list, NO_ACCOUNT);
    }
}
