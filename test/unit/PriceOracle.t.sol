// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {Test} from "../utils/Test.sol";
import {ChainlinkAggregator, ChainlinkProxy} from "../mocks/ChainlinkFeed.sol";
import {WaywardSource} from "../mocks/WaywardSource.sol";
import {Errors} from "../../contracts/interfaces/Errors.sol";
import {IPriceOracle} from "../../contracts/interfaces/IPriceOracle.sol";
import {IPriceSource} from "../../contracts/interfaces/IPriceSource.sol";

/// @dev What this oracle adds to what the clearing house knows of one.
interface IBoundedOracle is IPriceOracle {
    function MAX_AGE_LIMIT() external view returns (uint24);
}

contract PriceOracleTest is Test {
    uint256 internal constant NOW = 1_800_000_000;
    uint8 internal constant MARKET = 3;
    uint24 internal constant MAX_AGE = 1 hours;
    uint64 internal constant GOVERNOR = 1;

    address internal governor = makeAddr("governor");
    IAccessManager internal manager;
    IBoundedOracle internal oracle;
    ChainlinkAggregator internal aggregator;
    IPriceSource internal chainlink;
    WaywardSource internal wayward;

    function setUp() public {
        vm.warp(NOW);
        manager = IAccessManager(_create("AccessManager.sol:AccessManager", abi.encode(address(this))));
        oracle = IBoundedOracle(_create("PriceOracle.sol:PriceOracle", abi.encode(manager, address(0), 0)));
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = IPriceOracle.setFeed.selector;
        manager.setTargetFunctionRole(address(oracle), selectors, GOVERNOR);
        manager.grantRole(GOVERNOR, governor, 0);

        aggregator = new ChainlinkAggregator(8, "ETH / USD");
        chainlink = IPriceSource(
            _create("ChainlinkSource.sol:ChainlinkSource", abi.encode(new ChainlinkProxy(aggregator)))
        );
        aggregator.setAnswer(2_000e8, NOW);
        wayward = new WaywardSource();
        wayward.answer(1e18, NOW);
    }

    // ---------------------------------------------------------------- setFeed

    function test_setFeed_remembersAndTells() public {
        vm.expectEmit(address(oracle));
        emit IPriceOracle.FeedSet(MARKET, _feed(chainlink, MAX_AGE));
        _setFeed(chainlink, MAX_AGE);

        IPriceOracle.Feed memory feed = oracle.feedOf(MARKET);
        assertEq(keccak256(abi.encode(feed)), keccak256(abi.encode(_feed(chainlink, MAX_AGE))), "feed");
    }

    function test_setFeed_leavesOtherMarketsAlone() public {
        _setFeed(chainlink, MAX_AGE);
        assertEq(address(oracle.feedOf(MARKET - 1).primary), address(0), "the one before");
        assertEq(address(oracle.feedOf(MARKET + 1).primary), address(0), "the one after");
    }

    function test_setFeed_replacesTheFeed() public {
        _setFeed(chainlink, MAX_AGE);
        _setFeed(wayward, 1 days);

        assertEq(address(oracle.feedOf(MARKET).primary), address(wayward), "source");
        assertEq(oracle.feedOf(MARKET).maxAge, 1 days, "maximum age");
        (uint256 price, , ) = oracle.read(MARKET, 0, 0);
        assertEq(price, 1e18, "price");
    }

    function test_setFeed_boundsMaxAge() public {
        uint24 most = oracle.MAX_AGE_LIMIT();
        assertEq(most, 7 days, "limit");
        _setFeed(chainlink, 1);
        _setFeed(chainlink, most);

        vm.expectRevert(_maxAgeOutOfBounds(0));
        _setFeed(chainlink, 0);
        vm.expectRevert(_maxAgeOutOfBounds(most + 1));
        _setFeed(chainlink, most + 1);
        vm.expectRevert(_maxAgeOutOfBounds(type(uint24).max));
        _setFeed(chainlink, type(uint24).max);
    }

    function test_setFeed_refusesNoSource() public {
        vm.expectRevert(abi.encodeWithSelector(Errors.PriceFeedMissing.selector, MARKET));
        _setFeed(IPriceSource(address(0)), MAX_AGE);
    }

    function test_setFeed_refusesAddressWithoutCode() public {
        vm.expectRevert(bytes(""));
        _setFeed(IPriceSource(makeAddr("nobody")), MAX_AGE);
    }

    function test_setFeed_passesOnTheSourcesRefusal() public {
        aggregator.setAnswer(-1, NOW);
        vm.expectRevert(abi.encodeWithSelector(Errors.PriceNotPositive.selector, int256(-1)));
        _setFeed(chainlink, MAX_AGE);
    }

    function test_setFeed_refusesFeedAlreadyTooOld() public {
        vm.warp(NOW + MAX_AGE + 1);
        vm.expectRevert(_tooOld(MAX_AGE));
        _setFeed(chainlink, MAX_AGE);
    }

    function test_setFeed_refusalKeepsTheFeedThatWas() public {
        _setFeed(chainlink, MAX_AGE);
        wayward.refuse();
        vm.expectRevert(abi.encodeWithSelector(WaywardSource.SourceRefuses.selector, 42));
        _setFeed(wayward, MAX_AGE);
        assertEq(address(oracle.feedOf(MARKET).primary), address(chainlink), "source");
    }

    function testFuzz_setFeed_onlyWhomTheManagerLets(address caller) public {
        vm.assume(caller != governor);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller));
        vm.prank(caller);
        oracle.setFeed(MARKET, _feed(chainlink, MAX_AGE));
    }

    function test_setFeed_waitsForItsDelay() public {
        uint32 delay = 2 days;
        address slow = makeAddr("slow governor");
        manager.grantRole(GOVERNOR, slow, delay);
        bytes memory call = abi.encodeCall(IPriceOracle.setFeed, (MARKET, _feed(chainlink, 7 days)));
        bytes32 operation = manager.hashOperation(slow, address(oracle), call);

        vm.startPrank(slow);
        vm.expectRevert(abi.encodeWithSelector(IAccessManager.AccessManagerNotScheduled.selector, operation));
        oracle.setFeed(MARKET, _feed(chainlink, 7 days));

        manager.schedule(address(oracle), call, 0);
        vm.warp(NOW + delay - 1);
        vm.expectRevert(abi.encodeWithSelector(IAccessManager.AccessManagerNotReady.selector, operation));
        oracle.setFeed(MARKET, _feed(chainlink, 7 days));

        vm.warp(NOW + delay);
        oracle.setFeed(MARKET, _feed(chainlink, 7 days));
        assertEq(address(oracle.feedOf(MARKET).primary), address(chainlink), "source");
    }

    // ---------------------------------------------------------------- read

    function test_read_answersWithTheSourcesPrice() public {
        aggregator.setAnswer(2_345.67e8, NOW - 60);
        _setFeed(chainlink, MAX_AGE);
        (uint256 price, uint256 publishedAt, ) = oracle.read(MARKET, 0, 0);
        assertEq(price, 2_345.67e18, "price");
        assertEq(publishedAt, NOW - 60, "published at");
    }

    function testFuzz_read_refusesMarketWithoutFeed(uint8 market) public {
        vm.assume(market != MARKET);
        _setFeed(chainlink, MAX_AGE);
        vm.expectRevert(abi.encodeWithSelector(Errors.PriceFeedMissing.selector, market));
        oracle.read(market, 0, 0);
    }

    function test_read_acceptsPriceOfMaximumAge() public {
        _setFeed(chainlink, MAX_AGE);
        vm.warp(NOW + MAX_AGE);
        (, uint256 publishedAt, ) = oracle.read(MARKET, 0, 0);
        assertEq(publishedAt, NOW, "published at");
    }

    function test_read_refusesOldPrice() public {
        _setFeed(chainlink, MAX_AGE);
        vm.warp(NOW + MAX_AGE + 1);
        vm.expectRevert(_tooOld(MAX_AGE));
        oracle.read(MARKET, 0, 0);
    }

    function testFuzz_read_acceptsUpToTheMaximumAgeAndNoOlder(uint24 maxAge, uint256 age) public {
        maxAge = uint24(bound(maxAge, 1, 7 days));
        age = bound(age, 0, 14 days);
        _setFeed(chainlink, maxAge);
        vm.warp(NOW + age);
        if (age > maxAge) vm.expectRevert(_tooOld(maxAge));
        oracle.read(MARKET, 0, 0);
    }

    function test_read_eachMarketHasItsOwnMaximumAge() public {
        _setFeed(chainlink, 1 hours);
        vm.prank(governor);
        oracle.setFeed(MARKET + 1, _feed(chainlink, 2 hours));

        vm.warp(NOW + 2 hours);
        oracle.read(MARKET + 1, 0, 0);
        vm.expectRevert(_tooOld(1 hours));
        oracle.read(MARKET, 0, 0);
    }

    function test_read_readsTwoSlots_whereThereIsNoSecond() public {
        _setFeed(chainlink, MAX_AGE);
        vm.record();
        oracle.read(MARKET, 0, 0);
        (bytes32[] memory reads, ) = vm.accesses(address(oracle));
        assertEq(reads.length, 2, "slots read");
    }

    // ---------------------------------------------------------------- a source that breaks its promises

    function test_read_refusesZeroFromAnySource() public {
        _setFeed(wayward, MAX_AGE);
        wayward.answer(0, NOW);
        vm.expectRevert(abi.encodeWithSelector(Errors.PriceNotPositive.selector, int256(0)));
        oracle.read(MARKET, 0, 0);
    }

    function test_read_refusesTheFutureFromAnySource() public {
        _setFeed(wayward, MAX_AGE);
        wayward.answer(1e18, NOW + 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.PriceFromTheFuture.selector, NOW + 1, NOW));
        oracle.read(MARKET, 0, 0);

        wayward.answer(1e18, type(uint256).max);
        vm.expectRevert(abi.encodeWithSelector(Errors.PriceFromTheFuture.selector, type(uint256).max, NOW));
        oracle.read(MARKET, 0, 0);
    }

    function test_read_refusesPriceWithoutTime() public {
        _setFeed(wayward, MAX_AGE);
        wayward.answer(1e18, 0);
        vm.expectRevert(abi.encodeWithSelector(Errors.PriceTooOld.selector, MARKET, 0, MAX_AGE));
        oracle.read(MARKET, 0, 0);
    }

    function testFuzz_read_passesOnAnyPriceWithinBounds(uint256 price) public {
        price = bound(price, 1, type(uint96).max);
        wayward.answer(price, NOW);
        _setFeed(wayward, MAX_AGE);
        (uint256 found, , ) = oracle.read(MARKET, 0, 0);
        assertEq(found, price, "price");
    }

    function test_read_passesOnTheSourcesRefusal() public {
        _setFeed(wayward, MAX_AGE);
        wayward.refuse();
        vm.expectRevert(abi.encodeWithSelector(WaywardSource.SourceRefuses.selector, 42));
        oracle.read(MARKET, 0, 0);
    }

    function testFuzz_read_refusesShortAnswer(uint256 length) public {
        _setFeed(wayward, MAX_AGE);
        bytes memory short = abi.encode(1e18, NOW, 0);
        length = bound(length, 0, 95);
        assembly {
            mstore(short, length)
        }
        wayward.answerRaw(short);
        vm.expectRevert(bytes(""));
        oracle.read(MARKET, 0, 0);
    }

    function test_read_ignoresWhatFollowsTheAnswer() public {
        _setFeed(wayward, MAX_AGE);
        wayward.answerRaw(abi.encode(5e18, NOW - 1, 0, type(uint256).max, new bytes(1_000)));
        (uint256 price, uint256 publishedAt, ) = oracle.read(MARKET, 0, 0);
        assertEq(price, 5e18, "price");
        assertEq(publishedAt, NOW - 1, "published at");
    }

    function testFuzz_read_keepsItsPromisesWhateverTheSourceSays(uint256 price, uint256 publishedAt) public {
        _setFeed(wayward, MAX_AGE);
        price = bound(price, 0, 2);
        publishedAt = bound(publishedAt, NOW - 2 * MAX_AGE, NOW + MAX_AGE);
        wayward.answer(price, publishedAt);
        bool good = price > 0 && publishedAt <= NOW && publishedAt >= NOW - MAX_AGE;

        try oracle.read(MARKET, 0, 0) returns (uint256 found, uint256 foundAt, uint256) {
            assertTrue(good, "answered");
            assertEq(found, price, "price");
            assertEq(foundAt, publishedAt, "published at");
        } catch {
            assertFalse(good, "refused");
        }
    }

    function test_read_refusesWhenTheSourceBurnsAllGas() public {
        _setFeed(wayward, MAX_AGE);
        wayward.burnAllGas();
        uint256 before = gasleft();
        try oracle.read{gas: 500_000}(MARKET, 0, 0) {
            fail("answered");
        } catch (bytes memory reason) {
            assertEq(reason.length, 0, "reason");
        }
        assertLt(before - gasleft(), 510_000, "no more than it was given");
    }

    // ----------------------------------------------------------------

    function _setFeed(IPriceSource source, uint24 maxAge) private {
        vm.prank(governor);
        oracle.setFeed(MARKET, _feed(source, maxAge));
    }

    /// @dev Nothing is asked of the price but its age.
    function _feed(IPriceSource source, uint24 maxAge) private pure returns (IPriceOracle.Feed memory feed) {
        (feed.primary, feed.maxAge, feed.maxMove) = (source, maxAge, type(uint64).max);
        (feed.lowest, feed.highest) = (1, type(uint96).max);
    }

    function _tooOld(uint256 maxAge) private pure returns (bytes memory) {
        return abi.encodeWithSelector(Errors.PriceTooOld.selector, MARKET, NOW, maxAge);
    }

    function _maxAgeOutOfBounds(uint256 maxAge) private pure returns (bytes memory) {
        return abi.encodeWithSelector(Errors.ParameterOutOfBounds.selector, "maxAge", maxAge, 1, 7 days);
    }
}
