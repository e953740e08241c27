// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "../utils/Test.sol";
import {WaywardSource} from "../mocks/WaywardSource.sol";
import {Errors} from "../../contracts/interfaces/Errors.sol";
import {IPriceOracle} from "../../contracts/interfaces/IPriceOracle.sol";
import {IPriceSource} from "../../contracts/interfaces/IPriceSource.sol";

/// @notice What the oracle asks of a price besides its age: what its publisher thinks of it, a second source, bounds, and how
/// far it has moved.
contract PriceOracleLimitsTest is Test {
    uint256 private constant NOW = 1_800_000_000;
    uint8 private constant MARKET = 3;

    IPriceOracle private oracle;
    WaywardSource private primary;
    WaywardSource private second;

    function setUp() public {
        vm.warp(NOW);
        address manager = _create("AccessManager.sol:AccessManager", abi.encode(address(this)));
        oracle = IPriceOracle(_create("PriceOracle.sol:PriceOracle", abi.encode(manager, address(0), 0)));
        (primary, second) = (new WaywardSource(), new WaywardSource());
        primary.answer(100e18, NOW - 2);
        second.answer(101e18, NOW - 50);
        oracle.setFeed(MARKET, _plain());
    }

    // ---------------------------------------------------------------- parameters

    function test_setFeed_boundsEveryParameter() public {
        IPriceOracle.Feed memory f = _plain();
        (f.maxConfidence, f.maxMove, f.secondMaxAge, f.maxDeviation) = (100_000, type(uint64).max, 7 days, 500_000);
        (f.lowest, f.highest) = (0, 1);
        f.highest = type(uint96).max;
        oracle.setFeed(MARKET, f);
        assertEq(keccak256(abi.encode(oracle.feedOf(MARKET))), keccak256(abi.encode(f)), "all at their highest");
        (f.maxConfidence, f.maxMove, f.maxDeviation) = (0, 10_000, 10_000);
        oracle.setFeed(MARKET, f);

        f = _plain();
        f.maxConfidence = 100_001;
        _expectBounds(f, "maxConfidence", 100_001, 0, 100_000);
        f = _plain();
        f.maxMove = 9_999;
        _expectBounds(f, "maxMove", 9_999, 10_000, type(uint64).max);
        f = _plain();
        f.highest = f.lowest;
        _expectBounds(f, "highest", 10e18, 10e18 + 1, type(uint96).max);
        f = _plain();
        f.secondMaxAge = 0;
        _expectBounds(f, "secondMaxAge", 0, 1, 7 days);
        f.secondMaxAge = 7 days + 1;
        _expectBounds(f, "secondMaxAge", 7 days + 1, 1, 7 days);
        f = _plain();
        f.maxDeviation = 0;
        _expectBounds(f, "maxDeviation", 0, 1, 500_000);
        f.maxDeviation = 500_001;
        _expectBounds(f, "maxDeviation", 500_001, 1, 500_000);
    }

    function test_setFeed_takesNothingForASecondThatThereIsNot() public {
        IPriceOracle.Feed memory f = _alone();
        oracle.setFeed(MARKET, f);
        f.secondMaxAge = 1;
        _expectBounds(f, "secondMaxAge", 1, 0, 0);
        (f.secondMaxAge, f.maxDeviation) = (0, 1);
        _expectBounds(f, "maxDeviation", 1, 0, 0);
    }

    function test_setFeed_readsBothSources() public {
        second.answer(200e18, NOW);
        vm.expectRevert(abi.encodeWithSelector(Errors.PricesDeviate.selector, MARKET, 100e18, 200e18, 2e18));
        oracle.setFeed(MARKET, _plain());
    }

    // ---------------------------------------------------------------- a second source

    function test_read_answersWithThePrimary() public view {
        _assertRead(100e18, NOW - 2);
    }

    function test_read_takesTheSecondUpToTheDeviationEitherWay() public {
        second.answer(102e18, NOW);
        _assertRead(100e18, NOW - 2);
        second.answer(98e18, NOW);
        _assertRead(100e18, NOW - 2);

        second.answer(102e18 + 1, NOW);
        _expectRefusal(abi.encodeWithSelector(Errors.PricesDeviate.selector, MARKET, 100e18, 102e18 + 1, 2e18));
        second.answer(98e18 - 1, NOW);
        _expectRefusal(abi.encodeWithSelector(Errors.PricesDeviate.selector, MARKET, 100e18, 98e18 - 1, 2e18));
    }

    function test_read_asksEachForItsOwnAge() public {
        vm.warp(NOW + 58);
        _assertRead(100e18, NOW - 2);
        vm.warp(NOW + 59);
        _expectRefusal(abi.encodeWithSelector(Errors.PriceTooOld.selector, MARKET, NOW - 2, 60));
        primary.answer(100e18, NOW + 59);
        vm.warp(NOW + 550);
        primary.answer(100e18, NOW + 550);
        _assertRead(100e18, NOW + 550);
        vm.warp(NOW + 551);
        _expectRefusal(abi.encodeWithSelector(Errors.PriceTooOld.selector, MARKET, NOW - 50, 600));
    }

    function test_read_passesOnTheRefusalOfEither() public {
        second.refuse();
        _expectRefusal(abi.encodeWithSelector(WaywardSource.SourceRefuses.selector, 42));
        second.answer(100e18, NOW);
        primary.refuse();
        _expectRefusal(abi.encodeWithSelector(WaywardSource.SourceRefuses.selector, 42));
    }

    function test_read_takesNeithersWord() public {
        second.answer(0, NOW);
        _expectRefusal(abi.encodeWithSelector(Errors.PriceNotPositive.selector, 0));
        second.answer(100e18, NOW + 1);
        _expectRefusal(abi.encodeWithSelector(Errors.PriceFromTheFuture.selector, NOW + 1, NOW));
    }

    // ---------------------------------------------------------------- confidence

    function test_read_refusesWhatItsPublisherIsNotSureOf() public {
        primary.admit(1e18);
        (, , uint256 confidence) = oracle.read(MARKET, 0, 0);
        assertEq(confidence, 1e18, "confidence");
        primary.admit(1e18 + 1);
        _expectRefusal(abi.encodeWithSelector(Errors.PriceUncertain.selector, MARKET, 1e18 + 1, 1e18));

        primary.admit(0);
        second.admit(1.01e18 + 1);
        _expectRefusal(abi.encodeWithSelector(Errors.PriceUncertain.selector, MARKET, 1.01e18 + 1, 1.01e18));
        second.admit(type(uint256).max);
        _expectRefusal(abi.encodeWithSelector(Errors.PriceUncertain.selector, MARKET, type(uint256).max, 1.01e18));
    }

    // ---------------------------------------------------------------- bounds

    function test_read_refusesOutsideOfTheBounds() public {
        oracle.setFeed(MARKET, _alone());
        primary.answer(10e18, NOW);
        _assertRead(10e18, NOW);
        primary.answer(1_000e18, NOW);
        _assertRead(1_000e18, NOW);
        primary.answer(10e18 - 1, NOW);
        _expectRefusal(abi.encodeWithSelector(Errors.PriceOutOfBounds.selector, MARKET, 10e18 - 1, 10e18, 1_000e18));
        primary.answer(1_000e18 + 1, NOW);
        _expectRefusal(abi.encodeWithSelector(Errors.PriceOutOfBounds.selector, MARKET, 1_000e18 + 1, 10e18, 1_000e18));
    }

    function testFuzz_read_neverOverflows(uint256 price, uint256 other, uint256 confidence) public {
        primary.answer(price, NOW);
        primary.admit(confidence);
        second.answer(other, NOW);
        try oracle.read(MARKET, 100e18, 0) {
            assertLe(price, 1_000e18, "within bounds");
        } catch (bytes memory reason) {
            assertNotEq(bytes32(bytes4(reason)), bytes32(bytes4(keccak256("Panic(uint256)"))), "a reason");
        }
    }

    // ---------------------------------------------------------------- the move since the last accepted price

    function test_read_takesOneMoveInTheFirstMinuteAndOneMoreInEachOther() public {
        oracle.setFeed(MARKET, _alone());
        _assertMove(120e18, 0, 20e18);
        _assertMove(120e18, 59, 20e18);
        _assertMove(140e18, 60, 40e18);
        _assertMove(140e18, 119, 40e18);
        _assertMove(160e18, 120, 60e18);
    }

    /// @dev `price` is the highest that is accepted `elapsed` seconds after 100 was, and its counterpart below the lowest.
    function _assertMove(uint256 price, uint256 elapsed, uint256 limit) private {
        uint256 id = vm.snapshotState();
        vm.warp(NOW + elapsed);
        for (uint256 i; i < 2; ++i) {
            primary.answer(price, NOW + elapsed);
            (uint256 found, , ) = oracle.read(MARKET, 100e18, NOW);
            assertEq(found, price, "price");
            uint256 beyond = price > 100e18 ? price + 1 : price - 1;
            primary.answer(beyond, NOW + elapsed);
            vm.expectRevert(abi.encodeWithSelector(Errors.PriceMoved.selector, MARKET, beyond, 100e18, limit));
            oracle.read(MARKET, 100e18, NOW);
            price = 200e18 - price;
        }
        vm.revertToState(id);
    }

    function test_read_takesAnyFirstPrice() public {
        oracle.setFeed(MARKET, _alone());
        primary.answer(999e18, NOW);
        _assertRead(999e18, NOW);
    }

    // ----------------------------------------------------------------

    /// @dev Between 10 and 1,000: 1 % of confidence, 20 % a minute, a second source within 2 %.
    function _plain() private view returns (IPriceOracle.Feed memory) {
        return
            IPriceOracle.Feed({
                primary: IPriceSource(primary),
                maxAge: 60,
                maxConfidence: 10_000,
                maxDeviation: 20_000,
                second: IPriceSource(second),
                secondMaxAge: 600,
                lowest: 10e18,
                highest: 1_000e18,
                maxMove: 200_000
            });
    }

    function _alone() private view returns (IPriceOracle.Feed memory f) {
        f = _plain();
        (f.second, f.secondMaxAge, f.maxDeviation) = (IPriceSource(address(0)), 0, 0);
    }

    function _assertRead(uint256 price, uint256 publishedAt) private view {
        (uint256 found, uint256 foundAt, ) = oracle.read(MARKET, 0, 0);
        assertEq(found, price, "price");
        assertEq(foundAt, publishedAt, "published at");
    }

    function _expectRefusal(bytes memory reason) private {
        vm.expectRevert(reason);
        oracle.read(MARKET, 0, 0);
    }

    function _expectBounds(
        IPriceOracle.Feed memory feed,
        string memory name,
        uint256 value,
        uint256 lowest,
        uint256 highest
    ) private {
        vm.expectRevert(abi.encodeWithSelector(Errors.ParameterOutOfBounds.selector, name, value, lowest, highest));
        oracle.setFeed(MARKET, feed);
    }
}
