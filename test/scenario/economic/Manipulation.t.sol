// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Errors} from "../../../contracts/interfaces/Errors.sol";
import {IInsuranceFund} from "../../../contracts/interfaces/IInsuranceFund.sol";
import {IPriceOracle} from "../../../contracts/interfaces/IPriceOracle.sol";
import {IPriceSource} from "../../../contracts/interfaces/IPriceSource.sol";
import {MedianSource} from "../../../contracts/oracles/MedianSource.sol";
import {AccountId, NO_ACCOUNT} from "../../../contracts/types/AccountId.sol";
import {RiskParameters} from "../../../contracts/types/RiskParameters.sol";
import {ChainlinkAggregator} from "../../mocks/ChainlinkFeed.sol";
import {Attack} from "./Attack.sol";

/// @notice An attacker who can make one source say anything, one source after the other, and holds as much as their budget
/// carries. They are served first, sell at the false mark to somebody who takes anything, and are gone when the truth comes back.
/// What that brings is bound by docs/prices.md, "What a manipulated source can take":
///
///     profit  ≤  q · move          q ≤ budget / IM          q · mark ≤ the limit of open interest
///     profit  ≤  what the opposing accounts have in that market + what the fund may pay for it
///
/// and what differs between the arrangements of sources is how large `move` can be.
contract ManipulationTest is Attack {
    uint256 private constant START = 100e18;
    uint24 private constant DEVIATION = 20_000;

    uint8 private market;
    AccountId private long;
    ChainlinkAggregator private secondFeed;
    ChainlinkAggregator private thirdFeed;
    int256 private opposing;
    AccountId[] private everybody;

    // The story: which feed says what.
    ChainlinkAggregator private liar;
    uint256 private lie;
    /// @dev What it says otherwise.
    uint256 private honest = START;

    // ------------------------------------------------------------------ one source

    /// @dev Nothing bounds the move: the attacker takes what the shorts have and what the fund may pay, and no more.
    function test_oneSource_takesNoMoreThanTheShortsHaveAndTheFundMayPay() public {
        _begin(100, _plain());
        (liar, lie) = (feeds[market], 500e18);
        // 100 units won 400 each on paper; the shorts had 5,000 and the fund pays 300 of its bucket.
        assertEq(_most(), int256(5_300e18), "what there is");
        int256 profit = _profitOf(_lie);
        assertLe(profit, _most(), "profit");
        assertGe(profit, int256(5_000e18), "the attack is a real one");
    }

    /// hardhat-config: fuzz.runs = 96
    function testFuzz_oneSource_isBoundByTheMoveAndByWhatThereIs(uint256 seed) public {
        _seed(seed);
        uint256 size = _draw(1, 400);
        _begin(size, _plain());
        (liar, lie) = (feeds[market], (_draw(101, 1_000) * 1e18));
        int256 profit = _profitOf(_lie);
        assertLe(profit, int256(size * (lie - START)), "the move");
        assertLe(profit, _most(), "what there is");
        // Dearer is what one who is short wins nothing by.
        assertGt(profit, int256(0), "the attack is a real one");
    }

    // ------------------------------------------------------------------ two sources

    /// @dev A hair too far and the market stands still; just within, the deviation is what it brings.
    function test_twoSources_thePrimaryMovesByTheDeviationAtMost() public {
        _begin(100, _plain());
        _addSecond();
        // The limit is a part of the false price: 100 / (1 − 2 %) at most.
        (liar, lie) = (feeds[market], 102.04081633e18);
        assertLe(_profitOf(_lie), int256(0), "refused");
        lie = 102.04081632e18;
        assertEq(_profitOf(_lie), int256(204.081632e18), "within the deviation");
    }

    /// @dev The second one's price is never answered: it can stop the market and not move it.
    function test_twoSources_theSecondMovesNothing() public {
        _begin(100, _plain());
        _addSecond();
        (liar, lie) = (secondFeed, 500e18);
        assertLe(_profitOf(_lie), int256(0), "refused");
        lie = 101e18;
        assertLe(_profitOf(_lie), int256(0), "not heard");
    }

    /// hardhat-config: fuzz.runs = 96
    function testFuzz_twoSources_bringTheDeviationAtMost(uint256 seed) public {
        _seed(seed);
        uint256 size = _draw(1, 400);
        _begin(size, _plain());
        _addSecond();
        liar = _chance(70) ? feeds[market] : secondFeed;
        lie = (START * _draw(1_000, 1_060)) / 1_000;
        int256 most = int256((size * START * DEVIATION) / (1e6 - DEVIATION));
        assertLe(_profitOf(_lie), most, "profit");
    }

    // ------------------------------------------------------------------ a median of three

    /// @dev Whichever of them lies, whatever it says: no further than the truth of the other two.
    function test_median_movesToTheHighestOfTheOthersAtMost() public {
        _begin(100, _plain());
        _makeMedian(100.2e18, 100.5e18);
        // The mark is 100.2: without a lie the attacker has 20.
        int256 truth = _profitOf(_nothing);
        assertEq(truth, int256(20e18), "without a lie");
        ChainlinkAggregator[3] memory all = [feeds[market], secondFeed, thirdFeed];
        // To the highest of the other two: 100.5, 100.5, and 100.2 where that one lies.
        int256[3] memory most = [int256(30e18), int256(30e18), int256(0)];
        for (uint256 i; i < 3; ++i) {
            (liar, lie) = (all[i], 900e18);
            assertEq(_profitOf(_lie) - truth, most[i], "up");
            lie = 1e18;
            assertLe(_profitOf(_lie), truth, "down");
        }
    }

    // ------------------------------------------------------------------ maximum move

    /// @dev One answer moves the mark by no more than `maxMove`; the next one may go on from there.
    function test_maxMove_boundsEachAcceptedPrice() public {
        _begin(100, _plain());
        IPriceOracle.Feed memory feed = oracle.feedOf(market);
        feed.maxMove = 30_000;
        oracle.setFeed(market, feed);
        (liar, lie) = (feeds[market], 500e18);
        assertLe(_profitOf(_lie), int256(0), "refused");
        lie = 103e18;
        assertEq(_profitOf(_lie), int256(300e18), "3 % of 10,000");
        assertEq(_profitOf(_lieTwice), int256(609e18), "and 3 % of 10,300");
    }

    // ------------------------------------------------------------------ limits

    /// @dev What the fund bears is what may be open: as its room is, so is what a lie can move.
    function test_openInterestLimit_boundsWhatThereIsToMove() public {
        _begin(100, _plain());
        // 300 may be drawn and the gap is 3 %: 10,000 may be open, and are.
        fund.setLimit(market, IInsuranceFund.Limit(300e18, 0, 30_000));
        AccountId another = _trader("another", 1e6);
        _give(long, 1e6 * 1e18);
        vm.expectRevert(
            abi.encodeWithSelector(Errors.OpenInterestAboveCap.selector, market, 10_000e18 + 100, 10_000e18)
        );
        _fill(long, another, market, 1, START);
    }

    /// @dev A weak feed, isolated: whoever is elsewhere loses nothing by anything it says, and the fund its bucket there.
    function test_isolatedOnly_keepsALieInItsMarket() public {
        RiskParameters memory p = _plain();
        p.isolatedOnly = true;
        _begin(100, p);
        uint8 other = _list(50e18, _plain());
        AccountId bystander = _trader("bystander", 1_000);
        _fill(bystander, _trader("counterparty", 1_000), other, 10e18, 50e18);
        uint256 fundBefore = _collateral(fundAccount);
        (liar, lie) = (feeds[market], 500e18);
        _lie();
        house.deleverage(everybody, NO_ACCOUNT);
        assertEq(_equity(bystander), int256(1_000e18), "bystander");
        assertGe(_collateral(fundAccount) + 300e18, fundBefore, "the fund has paid its bucket at most");
    }

    // ------------------------------------------------------------------ the story

    /// @dev The false price is published and taken, and all that it makes possible is done while it stands.
    function _lie() private {
        vm.warp(vm.getBlockTimestamp() + 1);
        liar.setAnswer(int256(lie / 1e10), vm.getBlockTimestamp());
        if (address(liar) != address(feeds[market])) {
            // The honest one goes on publishing.
            feeds[market].setAnswer(int256(_markOf(market) / 1e10), vm.getBlockTimestamp());
        }
        house.accrueFunding(market);
        vm.warp(vm.getBlockTimestamp() + 1);
        if (!_isRefused()) return;
        // Nothing can be done in a market that stands still, until the truth is back.
        liar.setAnswer(int256(honest / 1e10), vm.getBlockTimestamp());
    }

    function _isRefused() private view returns (bool) {
        bytes memory question = abi.encodeCall(oracle.read, (market, _markOf(market), vm.getBlockTimestamp()));
        (bool answers, ) = address(oracle).staticcall(question);
        return !answers;
    }

    function _lieTwice() private {
        _lie();
        lie = (lie * 103) / 100;
        _lie();
    }

    // ------------------------------------------------------------------ the book

    /// @dev The attacker is long `size` whole units against ten shorts with 500 each for every hundred.
    function _begin(uint256 size, RiskParameters memory p) private {
        market = _list(START, p);
        fund.setLimit(market, IInsuranceFund.Limit(300e18, 0, 0));
        _insure("backer", 10_000);
        // Budget: the margin that the position takes.
        long = _mine("long", (size * START * 11) / 100 / 1e18);
        for (uint256 i; i < 10; ++i) {
            AccountId short = _trader(string.concat("short ", vm.toString(i)), 500 * ((size + 99) / 100));
            opposing += int256(_collateral(short));
            everybody.push(short);
            _fill(long, short, market, (size * 1e18) / 10, START);
        }
        everybody.push(long);
    }

    /// @dev What the opposing accounts have in this market, and what the fund may pay for it.
    function _most() private view returns (int256) {
        return opposing + int256(fund.available(market));
    }

    function _addSecond() private {
        (IPriceSource source, ChainlinkAggregator feed) = _newSource(START);
        secondFeed = feed;
        IPriceOracle.Feed memory f = oracle.feedOf(market);
        (f.second, f.secondMaxAge, f.maxDeviation) = (source, uint24(MAX_AGE), DEVIATION);
        oracle.setFeed(market, f);
    }

    /// @dev Of the market's own feed, which says 100, and two more.
    function _makeMedian(uint256 second, uint256 third) private {
        IPriceOracle.Feed memory f = oracle.feedOf(market);
        (IPriceSource b, ChainlinkAggregator feedB) = _newSource(second);
        (IPriceSource c, ChainlinkAggregator feedC) = _newSource(third);
        (secondFeed, thirdFeed) = (feedB, feedC);
        vm.warp(vm.getBlockTimestamp() + 1);
        secondFeed.setAnswer(int256(second / 1e10), vm.getBlockTimestamp());
        f.primary = IPriceSource(
            _create(
                "MedianSource.sol:MedianSource",
                abi.encode(
                    MedianSource.Part(f.primary, MAX_AGE),
                    MedianSource.Part(b, MAX_AGE),
                    MedianSource.Part(c, MAX_AGE)
                )
            )
        );
        oracle.setFeed(market, f);
        house.accrueFunding(market);
        assertEq(_markOf(market), second, "the middle one");
    }

    function _newSource(uint256 price) private returns (IPriceSource source, ChainlinkAggregator feed) {
        feed = ChainlinkAggregator(_create("ChainlinkFeed.sol:ChainlinkAggregator", abi.encode(8, "TEST / USD")));
        feed.setAnswer(int256(price / 1e10), vm.getBlockTimestamp());
        address proxy = _create("ChainlinkFeed.sol:ChainlinkProxy", abi.encode(feed));
        source = IPriceSource(_create("ChainlinkSource.sol:ChainlinkSource", abi.encode(proxy)));
    }
}
