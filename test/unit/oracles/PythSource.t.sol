// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MockPyth} from "@pythnetwork/pyth-sdk-solidity/MockPyth.sol";
import {PythErrors} from "@pythnetwork/pyth-sdk-solidity/PythErrors.sol";
import {Test} from "../../utils/Test.sol";
import {Errors} from "../../../contracts/interfaces/Errors.sol";
import {PythSource} from "../../../contracts/oracles/PythSource.sol";

/// @notice Against `MockPyth`, which Pyth ships for that: its own checks, and updates without signatures.
contract PythSourceTest is Test {
    uint256 private constant NOW = 1_800_000_000;
    bytes32 private constant ID = 0xe62df6c8b4a85fe1a67db44dc12de5db330f7ac66b72dc658afedf0f4a415b43;

    MockPyth private pyth;
    PythSource private source;

    function setUp() public {
        vm.warp(NOW);
        pyth = new MockPyth(60, 1);
        source = PythSource(_create("PythSource.sol:PythSource", abi.encode(pyth, ID)));
    }

    function _publish(int64 price, uint64 confidence, int32 exponent, uint256 time) private {
        bytes[] memory update = new bytes[](1);
        update[0] = pyth.createPriceFeedUpdateData(ID, price, confidence, exponent, price, confidence, uint64(time), 0);
        pyth.updatePriceFeeds{value: 1}(update);
    }

    function test_constructor_remembersFeedAndId() public view {
        assertEq(address(source.pyth()), address(pyth), "pyth");
        assertEq(source.id(), ID, "id");
    }

    function test_latest_scalesByTheExponentThatWasPublished() public {
        _publish(117_345_67891234, 4_200_000_000, -8, NOW - 3);
        _assertLatest(117_345.67891234e18, NOW - 3, 42e18);
        _publish(2_345, 1, -2, NOW - 2);
        _assertLatest(23.45e18, NOW - 2, 0.01e18);
        _publish(7, 3, 0, NOW - 1);
        _assertLatest(7e18, NOW - 1, 3e18);
        _publish(7, 0, 3, NOW);
        _assertLatest(7_000e18, NOW, 0);
    }

    function test_latest_takesExponentsThatScaleExactly() public {
        _publish(5, 6, -18, NOW - 1);
        _assertLatest(5, NOW - 1, 6);
        _publish(type(int64).max, type(uint64).max, 18, NOW);
        _assertLatest(uint256(uint64(type(int64).max)) * 1e36, NOW, uint256(type(uint64).max) * 1e36);
    }

    function test_latest_refusesExponentsThatDoNot() public {
        _publish(5, 6, -19, NOW - 2);
        _expectRefusal(abi.encodeWithSelector(Errors.PriceExponent.selector, -19));
        _publish(5, 6, 19, NOW - 1);
        _expectRefusal(abi.encodeWithSelector(Errors.PriceExponent.selector, 19));
        _publish(5, 6, type(int32).min, NOW);
        _expectRefusal(abi.encodeWithSelector(Errors.PriceExponent.selector, type(int32).min));
    }

    function test_latest_refusesWhatIsNotAboveZero() public {
        _publish(0, 1, -8, NOW - 1);
        _expectRefusal(abi.encodeWithSelector(Errors.PriceNotPositive.selector, 0));
        _publish(type(int64).min, 1, -8, NOW);
        _expectRefusal(abi.encodeWithSelector(Errors.PriceNotPositive.selector, type(int64).min));
    }

    function test_latest_refusesAFeedThatPythDoesNotKnow() public {
        _expectRefusal(abi.encodeWithSelector(PythErrors.PriceFeedNotFound.selector));
    }

    function test_latest_leavesPricesThatNoMarketMayTakeToPyth() public {
        _publish(1, 0, 0, NOW);
        vm.warp(NOW + 7 days);
        _assertLatest(1e18, NOW, 0);
        vm.warp(NOW + 7 days + 1);
        _expectRefusal(abi.encodeWithSelector(PythErrors.StalePrice.selector));
    }

    function testFuzz_latest_isThePriceThatWasPublished(int64 price, uint64 confidence, int32 exponent) public {
        price = int64(bound(price, 1, type(int64).max));
        exponent = int32(bound(exponent, -18, 18));
        _publish(price, confidence, exponent, NOW);
        uint256 scale = 10 ** uint256(int256(18 + exponent));
        _assertLatest(uint256(uint64(price)) * scale, NOW, confidence * scale);
    }

    function _assertLatest(uint256 price, uint256 publishedAt, uint256 confidence) private view {
        (uint256 found, uint256 foundAt, uint256 foundConfidence) = source.latest();
        assertEq(found, price, "price");
        assertEq(foundAt, publishedAt, "published at");
        assertEq(foundConfidence, confidence, "confidence");
    }

    function _expectRefusal(bytes memory reason) private {
        vm.expectRevert(reason);
        source.latest();
    }
}
