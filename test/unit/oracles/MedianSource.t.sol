// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "../../utils/Test.sol";
import {WaywardSource} from "../../mocks/WaywardSource.sol";
import {Errors} from "../../../contracts/interfaces/Errors.sol";
import {IPriceSource} from "../../../contracts/interfaces/IPriceSource.sol";
import {MedianSource} from "../../../contracts/oracles/MedianSource.sol";

contract MedianSourceTest is Test {
    uint256 private constant NOW = 1_800_000_000;

    WaywardSource[3] private sources;
    MedianSource private median;

    function setUp() public {
        vm.warp(NOW);
        for (uint256 i; i < 3; ++i) {
            sources[i] = new WaywardSource();
            sources[i].answer((100 + i) * 1e18, NOW - 10 * (i + 1));
        }
        median = MedianSource(
            _create("MedianSource.sol:MedianSource", abi.encode(_part(0, 60), _part(1, 600), _part(2, 6_000)))
        );
    }

    function _part(uint256 i, uint256 maxAge) private view returns (MedianSource.Part memory) {
        return MedianSource.Part(IPriceSource(sources[i]), maxAge);
    }

    function test_parts_areWhatItWasDeployedWith() public view {
        (MedianSource.Part memory a, MedianSource.Part memory b, MedianSource.Part memory c) = median.parts();
        assertEq(keccak256(abi.encode(a, b, c)), keccak256(abi.encode(_part(0, 60), _part(1, 600), _part(2, 6_000))));
    }

    function test_latest_isTheMiddleOne_whoeverSaysIt() public {
        uint256[3] memory prices = [uint256(5), 7, 9];
        for (uint256 i; i < 3; ++i) {
            for (uint256 j; j < 3; ++j) {
                if (i == j) continue;
                sources[i].answer(prices[0], NOW);
                sources[j].answer(prices[1], NOW);
                sources[3 - i - j].answer(prices[2], NOW);
                (uint256 price, , ) = median.latest();
                assertEq(price, 7, "middle");
            }
        }
    }

    function testFuzz_latest_hasOneOnEitherSide(uint256 a, uint256 b, uint256 c) public {
        sources[0].answer(a, NOW);
        sources[1].answer(b, NOW);
        sources[2].answer(c, NOW);
        (uint256 price, , ) = median.latest();
        uint256 below = (a <= price ? 1 : 0) + (b <= price ? 1 : 0) + (c <= price ? 1 : 0);
        uint256 above = (a >= price ? 1 : 0) + (b >= price ? 1 : 0) + (c >= price ? 1 : 0);
        assertGe(below, 2, "not above it");
        assertGe(above, 2, "not below it");
    }

    /// @dev The attack that it is there for: whatever one source says, the other two bound it.
    function testFuzz_latest_isBetweenTheTwoHonestOnes(uint256 lie, uint256 liar) public {
        liar = bound(liar, 0, 2);
        uint256 confidence = bound(lie, 0, type(uint256).max);
        sources[liar].answer(lie, NOW);
        sources[liar].admit(confidence);
        (uint256 price, , uint256 sure) = median.latest();
        assertGe(price, liar == 0 ? 101e18 : 100e18, "lowest honest");
        assertLe(price, liar == 2 ? 101e18 : 102e18, "highest honest");
        assertEq(sure, 0, "nor can it make the others unsure");
    }

    function test_latest_isPublishedWhenTheNewestWas() public {
        _assertPublishedAt(NOW - 10);
        sources[2].answer(102e18, NOW - 5);
        _assertPublishedAt(NOW - 5);
        sources[1].answer(101e18, NOW);
        _assertPublishedAt(NOW);
    }

    function test_latest_hasTheMiddleConfidence() public {
        sources[0].admit(3);
        sources[1].admit(9);
        sources[2].admit(6);
        (, , uint256 confidence) = median.latest();
        assertEq(confidence, 6, "confidence");
    }

    function test_latest_asksEachForItsOwnAge() public {
        sources[0].answer(100e18, NOW - 60);
        sources[1].answer(101e18, NOW - 600);
        sources[2].answer(102e18, NOW - 6_000);
        _assertPublishedAt(NOW - 60);

        uint256[3] memory ages = [uint256(60), 600, 6_000];
        for (uint256 i; i < 3; ++i) {
            sources[i].answer(100e18, NOW - ages[i] - 1);
            vm.expectRevert(
                abi.encodeWithSelector(Errors.SourceTooOld.selector, sources[i], NOW - ages[i] - 1, ages[i])
            );
            median.latest();
            sources[i].answer(100e18, NOW);
        }
    }

    function test_latest_refusesTheFuture() public {
        sources[1].answer(101e18, NOW + 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.PriceFromTheFuture.selector, NOW + 1, NOW));
        median.latest();
    }

    function test_latest_refusesWhereOneRefuses() public {
        for (uint256 i; i < 3; ++i) {
            sources[i].refuse();
            vm.expectRevert(abi.encodeWithSelector(WaywardSource.SourceRefuses.selector, 42));
            median.latest();
            sources[i].answer(100e18, NOW);
        }
    }

    function _assertPublishedAt(uint256 expected) private view {
        (, uint256 publishedAt, ) = median.latest();
        assertEq(publishedAt, expected, "published at");
    }
}
