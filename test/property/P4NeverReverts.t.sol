// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId, NO_ACCOUNT} from "../../contracts/types/AccountId.sol";
import {RiskParameters} from "../../contracts/types/RiskParameters.sol";
import {ChainlinkAggregator} from "../mocks/ChainlinkFeed.sol";
import {RandomBook} from "./RandomBook.sol";

/// @notice P4: `deleverage` never reverts while its accounts' markets have an accepted mark, and its gas depends on the
/// accounts and markets in the call, not on how many exist. A call here that reverts fails its test.
contract P4NeverRevertsTest is RandomBook {
    /// @dev Random cross-margined books in three markets, any list, an empty or a poor fund, one feed that may be dead.
    function testFuzz_deleverage_takesAnyListInAnyBook(uint256 seed) public {
        _run(seed);
    }

    function test_mostBooksHaveDefaulters() public {
        _requireMost(_run, 80);
    }

    /// @return defaulters How many were below zero before the first call of a round.
    function _run(uint256 seed) private returns (uint256 defaulters) {
        _seed(seed);
        for (uint8 market; market < 3; ++market) _list(_drawLog(1e16, 1e23), _thin());
        _newAccounts(_draw(2, 8));
        if (_chance(30)) _insure("backer", _draw(1, 1_000));
        for (uint256 round; round < 3; ++round) {
            uint256 fills = _draw(1, 8);
            for (uint256 i; i < fills; ++i) _randomFill(uint8(_draw(0, 2)), 1e14, 1e20);
            for (uint8 market; market < 3; ++market) {
                uint256 price = _moved(_marketWords(market).mark);
                _setPrice(market, _max(1e12, _min(price, 9e23)));
            }
            if (_chance(30)) feeds[_draw(0, 2)].setAnswer(0, vm.getBlockTimestamp());
            _acceptPrices();
            defaulters += _defaulters();
            uint256 calls = _draw(1, 3);
            for (uint256 i; i < calls; ++i) house.deleverage(_drawList(_draw(0, 12)), NO_ACCOUNT);
            for (uint8 market; market < 3; ++market) _setPrice(market, _max(1e12, _marketWords(market).mark));
            // Until nobody is in default, so that the next round can trade.
            for (uint256 i; i < accounts.length; ++i) _resolveAll();
        }
    }

    // ------------------------------------------------------------------ special books

    function test_deleverage_takesAnEmptyListAndUnknownAccounts() public {
        house.deleverage(new AccountId[](0), NO_ACCOUNT);
        house.deleverage(_list2(NO_ACCOUNT, fundAccount), NO_ACCOUNT);
        _deleverage(_account("nobody"));
    }

    /// @dev Longs from above, shorts from below, all of them in default at one price: nobody is left to pay.
    function test_deleverage_takesABookInWhichEverybodyDefaulted() public {
        uint8 market = _list(100e18, _thin());
        AccountId maker = _trader("maker", 1e9);
        AccountId long = _trader("long", 0);
        AccountId short = _trader("short", 0);
        _setPrice(market, 120e18);
        _deposit(long, 2e18);
        _fill(long, maker, market, 10e18, 120e18);
        _setPrice(market, 80e18);
        _deposit(short, 1e18);
        _fill(maker, short, market, 10e18, 80e18);
        _setPrice(market, 100e18);
        house.accrueFunding(market);
        assertEq(_equity(long), int256(2e18 - 200e18), "long");
        assertEq(_equity(short), int256(1e18 - 200e18), "short");

        _deleverage(long, short);
        assertEq(_equity(long), int256(0), "long");
        assertEq(_equity(short), int256(0), "short");
        assertEq(house.sizeOf(long, market), int256(0), "long's size");
        assertEq(house.sizeOf(short, market), int256(0), "short's size");
        // The maker is flat and gained 400 of which 3 were there.
        assertEq(_shortfall(market), 397e18, "shortfall");
    }

    /// @dev The defaulter's size was torn up by the other side's default, so that it has no opposing side.
    function test_deleverage_takesADeficitThatNoSideOpposes() public {
        uint8 market = _list(100e18, _plain());
        AccountId first = _trader("first", 100);
        AccountId opposite = _trader("opposite", 100);
        AccountId second = _trader("second", 80);
        _fill(first, opposite, market, 10e18, 100e18);
        _setPrice(market, 80e18);
        _fill(opposite, second, market, 10e18, 80e18);
        _setPrice(market, 89e18);
        _deleverage(second);
        assertEq(house.sizeOf(first, market), int256(0), "torn up");
        // It lost 110, and was charged the second one's deficit of 10.
        assertEq(_equity(first), int256(-20e18), "first");
        _deleverage(first);
        assertEq(_equity(first), int256(0), "first, resolved");
        assertEq(_shortfall(market), 20e18, "shortfall");
    }

    /// @dev A dead feed holds up only what belongs to its market.
    function test_deleverage_resolvesTheMarketsWhoseFeedsAnswer() public {
        uint8 alive = _list(100e18, _plain());
        uint8 dead = _list(100e18, _plain());
        AccountId both = _trader("both", 200);
        AccountId maker = _trader("maker", 100_000);
        _fill(both, maker, alive, 10e18, 100e18);
        _fill(both, maker, dead, 10e18, 100e18);
        _setPrice(alive, 70e18);
        _setPrice(dead, 90e18);
        house.accrueFunding(dead);
        vm.warp(vm.getBlockTimestamp() + 1);
        feeds[dead].setAnswer(0, vm.getBlockTimestamp());

        // 200 − 300 − 100: three quarters of the deficit arose where there is a price.
        _deleverage(both);
        assertEq(house.sizeOf(both, alive), int256(0), "closed");
        assertEq(house.sizeOf(both, dead), int256(10e18), "pending");
        assertEq(_equity(both), int256(-50e18), "its part of the deficit is pending");
        assertEq(_equity(maker), int256(100_000e18 + 400e18 - 150e18), "maker");
    }

    // ------------------------------------------------------------------ the ends of the ranges

    function test_deleverage_worksAtTheLowestPrice() public {
        _atTheEnd(1e9, 1e9, 1e30);
    }

    function test_deleverage_worksAtTheHighestPrice() public {
        _atTheEnd(1e27, 1e27, 1e24);
    }

    function test_deleverage_worksWhereThePriceFallsThroughAllOfTheRange() public {
        _atTheEnd(1e27, 1e27, 1e20);
    }

    /// @dev OI of `size` at `price`, which falls by half and then to one wei; everything is conserved.
    function _atTheEnd(uint256 price, uint256 maxPrice, uint256 size) private {
        uint8 market = _listAt(price, maxPrice, _plain());
        AccountId loser = _trader("loser", 0);
        AccountId second = _trader("second", 0);
        AccountId winner = _trader("winner", 0);
        uint256 margin = ((size / 1e9) * (price / 1e9)) / 10;
        _deposit(loser, margin / 2 + 1);
        _deposit(second, (margin / 2) * 6 + 1);
        _deposit(winner, margin + 1);
        _fill(loser, winner, market, size / 2, price);
        _fill(second, winner, market, size / 2, price);
        uint256 money = _vaultMoney();

        _setRaw(market, price / 2);
        _deleverage(loser);
        assertEq(_shortfall(market), 0, "shortfall");
        assertEq(_equity(loser), int256(0), "loser");
        _setRaw(market, 1);
        _deleverage(second);
        assertEq(_shortfall(market), 0, "shortfall");
        _settle(winner);
        // Per share the charge is rounded up by less than one value unit, per holder by a wei, and a size-wei at the mark.
        uint256 precision = size / (WAD << _marketWords(market).scale) + 4 + (2 * price) / WAD;
        assertApproxEqAbs(_collateral(winner), money, precision, "winner has it all");
        assertEq(_collateral(winner) + _pool(market), money, "nothing is lost");
    }

    /// @dev A thousand times a twentieth of the long side is closed, while a long and a short look on without touching.
    function test_deleverage_worksAThousandTimesInARow() public {
        uint8 market = _list(100e18, _thin());
        AccountId sleeper = _trader("sleeping long", 1_000_000);
        AccountId opposite = _trader("sleeping short", 1_000_000);
        AccountId maker = _trader("maker", 1_000_000_000);
        _fill(sleeper, opposite, market, 1_000e18, 100e18);
        _fill(maker, opposite, market, 19_000e18, 100e18);

        uint256 price = 100e18;
        uint256 left = 1_000e18;
        uint256 generations;
        for (uint256 i; i < 1_000; ++i) {
            // The maker brings the long side back to 21,053 of which a new short holds a twentieth.
            AccountId short = _trader(string.concat("short ", vm.toString(i)), 0);
            uint256 size = 1_000e18;
            _deposit(short, (size * price) / WAD / 990);
            _fill(maker, short, market, size, price);
            uint256 side = _sideSize(_marketWords(market).long);
            price = ((price * 1_002) / 1_000 / 1e10) * 1e10;
            _setPrice(market, price);
            _deleverage(short);
            left = left - (left * size) / side;
            assertEq(house.sizeOf(short, market), int256(0), "resolved");
        }
        MarketWords memory m = _marketWords(market);
        generations = m.generation;
        assertGe(generations, 6, "generations ended");
        assertEq(_shortfall(market), 0, "shortfall");
        // Each generation that ended rounds its shares down, each touch its size.
        assertApproxEqAbs(uint256(house.sizeOf(sleeper, market)), left, 1_000, "what is left of the sleeper's size");
        assertEq(house.sizeOf(opposite, market), -20_000e18, "the short is whole");

        uint256 before = gasleft();
        _settle(sleeper);
        assertLe(before - gasleft(), 300_000, "gas of waking up");
        _settle(opposite);
    }

    /// @dev Ten years without a touch: funding stops by itself, and the first touch works.
    function test_deleverage_worksAfterYearsWithoutATouch() public {
        RiskParameters memory p = _plain();
        p.maxFundingRate = 40_000;
        uint8 market = _list(100e18, p);
        AccountId loser = _trader("loser", 150);
        AccountId winner = _trader("winner", 1_000);
        _fill(loser, winner, market, 10e18, 104e18);
        skip(3_650 days);
        _setPrice(market, 80e18);
        house.accrueFunding(market);
        // 4 % a day, of which 28,776 seconds take 139 parts of 4,000,000 each, and one more the last 136: of 10 · 100.
        int256 funding = int256((1_000e18 * uint256(28_776 * 4_000_136 + 136)) / (2e8 * 1 days));
        assertApproxEqAbs(_equity(loser), 150e18 - 40e18 - 200e18 - funding, 100, "loser paid funding");
        _deleverage(loser);
        assertEq(_equity(loser), int256(0), "resolved");
        _settle(winner);
        assertApproxEqAbs(_collateral(winner), 1_150e18, 100, "winner has it all");
    }

    // ------------------------------------------------------------------ gas

    /// @dev With 10 and with 300 opposing holders alike.
    function test_deleverage_costsTheSameWithTenAndWithManyOpposingHolders() public {
        uint256 few = _gasWith(10);
        uint256 many = _gasWith(300);
        assertApproxEqAbs(many, few, few / 100, "gas");
    }

    function _gasWith(uint256 holders) private returns (uint256 used) {
        uint8 market = _list(2_000e18, _plain());
        AccountId loser = _trader(string.concat("loser of ", vm.toString(holders)), 60_000);
        for (uint256 i; i < holders; ++i) {
            AccountId holder = _trader(string.concat("holder ", vm.toString(holders), vm.toString(i)), 100_000);
            _fill(loser, holder, market, 300e18 / holders, 2_000e18);
        }
        _setPrice(market, 1_700e18);
        AccountId[] memory list = _list1(loser);
        used = gasleft();
        house.deleverage(list, NO_ACCOUNT);
        used -= gasleft();
    }

    // ------------------------------------------------------------------ feeds of 18 decimals

    function _listAt(uint256 price, uint256 maxPrice, RiskParameters memory p) private returns (uint8 market) {
        ChainlinkAggregator feed = ChainlinkAggregator(
            _create("ChainlinkFeed.sol:ChainlinkAggregator", abi.encode(18, "TEST / USD"))
        );
        feeds.push(feed);
        market = uint8(feeds.length - 1);
        feed.setAnswer(int256(price), vm.getBlockTimestamp());
        _point(market, feed);
        governor.listMarket(p, maxPrice);
    }

    function _setRaw(uint8 market, uint256 price) private {
        vm.warp(vm.getBlockTimestamp() + 1);
        feeds[market].setAnswer(int256(price), vm.getBlockTimestamp());
        house.accrueFunding(market);
    }
}
