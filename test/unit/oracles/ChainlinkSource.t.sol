// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "../../utils/Test.sol";
import {ChainlinkAggregator, ChainlinkProxy} from "../../mocks/ChainlinkFeed.sol";
import {Errors} from "../../../contracts/interfaces/Errors.sol";
import {AggregatorV3Interface} from "../../../contracts/oracles/AggregatorV3Interface.sol";
import {ChainlinkSource} from "../../../contracts/oracles/ChainlinkSource.sol";

contract ChainlinkSourceTest is Test {
    uint256 internal constant NOW = 1_800_000_000;
    /// @dev The proxy puts its phase, 1, above the aggregator's round.
    uint80 internal constant FIRST_ROUND = (uint80(1) << 64) | 1;

    ChainlinkAggregator internal aggregator;
    ChainlinkProxy internal feed;
    ChainlinkSource internal source;

    function setUp() public {
        vm.warp(NOW);
        (aggregator, feed, source) = _sourceWith(8);
    }

    // ---------------------------------------------------------------- constructor

    function test_constructor_remembersFeedAndScale() public {
        assertEq(address(source.feed()), address(feed), "feed");
        assertEq(source.scale(), 1e10, "8 decimals");

        (, , ChainlinkSource whole) = _sourceWith(0);
        assertEq(whole.scale(), 1e18, "no decimals");
        (, , ChainlinkSource exact) = _sourceWith(18);
        assertEq(exact.scale(), 1, "18 decimals");
    }

    function test_constructor_refusesMoreThan18Decimals() public {
        (, ChainlinkProxy nineteen) = _feedWith(19);
        vm.expectRevert(abi.encodeWithSelector(Errors.FeedDecimals.selector, 19));
        _deploySource(nineteen);

        (, ChainlinkProxy most) = _feedWith(255);
        vm.expectRevert(abi.encodeWithSelector(Errors.FeedDecimals.selector, 255));
        _deploySource(most);
    }

    function test_constructor_refusesWhatIsNoFeed() public {
        address nobody = makeAddr("nobody");
        vm.expectRevert(bytes(""));
        _deploySource(AggregatorV3Interface(nobody));
    }

    function test_constructor_asksForDecimalsOnceAndNeverAgain() public {
        vm.expectCall(address(feed), abi.encodeCall(AggregatorV3Interface.decimals, ()), 1);
        ChainlinkSource fresh = _deploySource(feed);
        aggregator.setAnswer(1e8, NOW);
        fresh.latest();
        fresh.latest();
    }

    // ---------------------------------------------------------------- what it answers

    function test_latest_answersThePriceWith18Decimals() public {
        aggregator.setAnswer(2_345.67891234e8, NOW - 30);
        (uint256 price, uint256 publishedAt, ) = source.latest();
        assertEq(price, 2_345.67891234e18, "price");
        assertEq(publishedAt, NOW - 30, "published at");
    }

    function test_latest_smallestAnswer() public {
        aggregator.setAnswer(1, NOW);
        (uint256 price, , ) = source.latest();
        assertEq(price, 1e10, "one unit of the feed");
    }

    function test_latest_largestAnswerOfAnAggregatorIsScaledExactly() public {
        (ChainlinkAggregator largest, , ChainlinkSource whole) = _sourceWith(0);
        largest.setAnswer(type(int192).max, NOW);
        (uint256 price, , ) = whole.latest();
        assertEq(price, (2 ** 191 - 1) * 1e18, "price");
    }

    function test_latest_acceptsAnAnswerOfThisSecond() public {
        aggregator.setAnswer(1e8, NOW);
        (, uint256 publishedAt, ) = source.latest();
        assertEq(publishedAt, NOW, "published at");
    }

    function test_latest_knowsNoMaximumAge() public {
        aggregator.setAnswer(1e8, 1);
        (uint256 price, uint256 publishedAt, ) = source.latest();
        assertEq(price, 1e18, "price");
        assertEq(publishedAt, 1, "published at");
    }

    function test_latest_followsTheProxyToANewAggregator() public {
        aggregator.setAnswer(1e8, NOW);
        ChainlinkAggregator replacement = new ChainlinkAggregator(8, "ETH / USD");
        replacement.setAnswer(2e8, NOW);
        feed.setAggregator(replacement);
        (uint256 price, , ) = source.latest();
        assertEq(price, 2e18, "price");
    }

    function test_latest_doesNotLookAtAnsweredInRound() public {
        _answerRaw(abi.encode(uint80(7), int256(1e8), uint256(0), NOW, uint80(0)));
        (uint256 price, , ) = source.latest();
        assertEq(price, 1e18, "price");
    }

    function testFuzz_latest_scalesExactly(uint8 decimals, int256 answer, uint256 age) public {
        decimals = uint8(bound(decimals, 0, 18));
        answer = bound(answer, 1, type(int192).max);
        age = bound(age, 0, NOW - 1);
        (ChainlinkAggregator any, , ChainlinkSource scaled) = _sourceWith(decimals);
        any.setAnswer(answer, NOW - age);

        (uint256 price, uint256 publishedAt, ) = scaled.latest();

        assertEq(price / 10 ** (18 - decimals), uint256(answer), "nothing lost");
        assertEq(price % 10 ** (18 - decimals), 0, "nothing added");
        assertEq(publishedAt, NOW - age, "published at");
    }

    // ---------------------------------------------------------------- what it refuses

    function test_latest_refusesZero() public {
        aggregator.setAnswer(0, NOW);
        vm.expectRevert(abi.encodeWithSelector(Errors.PriceNotPositive.selector, int256(0)));
        source.latest();
    }

    function testFuzz_latest_refusesNegative(int256 answer) public {
        answer = bound(answer, type(int192).min, -1);
        aggregator.setAnswer(answer, NOW);
        vm.expectRevert(abi.encodeWithSelector(Errors.PriceNotPositive.selector, answer));
        source.latest();
    }

    function test_latest_refusesRoundWithoutTime() public {
        aggregator.setAnswer(1e8, 0);
        vm.expectRevert(abi.encodeWithSelector(Errors.PriceRoundIncomplete.selector, FIRST_ROUND));
        source.latest();
    }

    function test_latest_refusesFeedThatHasNeverAnswered() public {
        vm.expectRevert(abi.encodeWithSelector(Errors.PriceRoundIncomplete.selector, FIRST_ROUND - 1));
        source.latest();
    }

    function test_latest_refusesTheFuture() public {
        aggregator.setAnswer(1e8, NOW + 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.PriceFromTheFuture.selector, NOW + 1, NOW));
        source.latest();
    }

    function test_latest_refusesTheEndOfTime() public {
        _answerRaw(abi.encode(uint80(1), int256(1e8), uint256(0), type(uint256).max, uint80(1)));
        vm.expectRevert(abi.encodeWithSelector(Errors.PriceFromTheFuture.selector, type(uint256).max, NOW));
        source.latest();
    }

    // ---------------------------------------------------------------- a feed that has gone bad

    function test_latest_refusesAnswerTooLargeToScale() public {
        uint256 largest = type(uint256).max / 1e10;
        _answerRaw(abi.encode(uint80(1), largest, uint256(0), NOW, uint80(1)));
        (uint256 price, , ) = source.latest();
        assertEq(price, largest * 1e10, "the largest that fits");

        _answerRaw(abi.encode(uint80(1), largest + 1, uint256(0), NOW, uint80(1)));
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x11));
        source.latest();
    }

    function test_latest_passesOnTheFeedsRefusal() public {
        vm.mockCallRevert(address(feed), abi.encodeCall(AggregatorV3Interface.latestRoundData, ()), "No access");
        vm.expectRevert(bytes("No access"));
        source.latest();
    }

    function test_latest_refusesShortAnswer() public {
        _answerRaw(abi.encode(uint80(1), int256(1e8), uint256(0), NOW));
        vm.expectRevert(bytes(""));
        source.latest();
    }

    function test_latest_refusesRoundThatIsNoRound() public {
        _answerRaw(abi.encode(type(uint256).max, int256(1e8), uint256(0), NOW, uint80(1)));
        vm.expectRevert(bytes(""));
        source.latest();
    }

    // ---------------------------------------------------------------- the aggregator behind the proxy

    /// @dev What the benchmark relies on: the access list stands between a reader and the answer.
    function test_aggregator_letsOnlyItsProxyRead() public {
        aggregator.setAnswer(1e8, NOW);
        vm.expectRevert(bytes("No access"));
        aggregator.latestRoundData();
    }

    function test_proxy_tellsOfAnyRound() public {
        aggregator.setAnswer(1e8, NOW - 1);
        aggregator.setAnswer(2e8, NOW);
        (uint80 round, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound) = feed.getRoundData(
            FIRST_ROUND
        );
        assertEq(round, FIRST_ROUND, "round");
        assertEq(answer, 1e8, "answer");
        assertEq(startedAt, NOW - 1, "started at");
        assertEq(updatedAt, NOW - 1, "updated at");
        assertEq(answeredInRound, FIRST_ROUND, "answered in round");
        assertEq(feed.description(), "ETH / USD");
    }

    function _feedWith(uint8 decimals) private returns (ChainlinkAggregator behind, ChainlinkProxy proxy) {
        behind = new ChainlinkAggregator(decimals, "ETH / USD");
        proxy = new ChainlinkProxy(behind);
    }

    function _sourceWith(
        uint8 decimals
    ) private returns (ChainlinkAggregator behind, ChainlinkProxy proxy, ChainlinkSource made) {
        (behind, proxy) = _feedWith(decimals);
        made = _deploySource(proxy);
    }

    function _deploySource(AggregatorV3Interface proxy) private returns (ChainlinkSource) {
        return ChainlinkSource(_create("ChainlinkSource.sol:ChainlinkSource", abi.encode(proxy)));
    }

    function _answerRaw(bytes memory answer) private {
        vm.mockCall(address(feed), abi.encodeCall(AggregatorV3Interface.latestRoundData, ()), answer);
    }
}
