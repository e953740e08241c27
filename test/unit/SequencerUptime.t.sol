// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Flags} from "@chainlink/contracts/src/v0.8/l2ep/dev/Flags.sol";
import {ArbitrumSequencerUptimeFeed} from "@chainlink/contracts/src/v0.8/l2ep/dev/arbitrum/ArbitrumSequencerUptimeFeed.sol";
import {SimpleWriteAccessController} from "@chainlink/contracts/src/v0.8/shared/access/SimpleWriteAccessController.sol";
import {AddressAliasHelper} from "@chainlink/contracts/src/v0.8/vendor/arb-bridge-eth/v0.8.0-custom/contracts/libraries/AddressAliasHelper.sol";
import {Test} from "../utils/Test.sol";
import {WaywardSource} from "../mocks/WaywardSource.sol";
import {Errors} from "../../contracts/interfaces/Errors.sol";
import {IPriceOracle} from "../../contracts/interfaces/IPriceOracle.sol";
import {IPriceSource} from "../../contracts/interfaces/IPriceSource.sol";
import {AggregatorV3Interface} from "../../contracts/oracles/AggregatorV3Interface.sol";

/// @notice The oracle behind Chainlink's own uptime feed for Arbitrum, with the contracts that it needs.
contract SequencerUptimeTest is Test {
    uint256 private constant NOW = 1_800_000_000;
    uint8 private constant MARKET = 3;
    uint256 private constant GRACE = 1 hours;
    bool private constant DOWN = true;
    bool private constant UP = false;

    address private validator = makeAddr("Chainlink's validator on L1");
    address private manager;
    ArbitrumSequencerUptimeFeed private uptime;
    IPriceOracle private oracle;
    WaywardSource private source;

    function setUp() public {
        vm.warp(NOW);
        SimpleWriteAccessController raising = new SimpleWriteAccessController();
        Flags flags = new Flags(address(raising), address(raising));
        uptime = new ArbitrumSequencerUptimeFeed(address(flags), validator);
        raising.addAccess(address(uptime));
        flags.addAccess(address(uptime));

        manager = _create("AccessManager.sol:AccessManager", abi.encode(address(this)));
        oracle = _oracle(GRACE);
        uptime.addAccess(address(oracle));
        source = new WaywardSource();
        source.answer(100e18, NOW);
    }

    function _oracle(uint256 grace) private returns (IPriceOracle) {
        return IPriceOracle(_create("PriceOracle.sol:PriceOracle", abi.encode(manager, uptime, grace)));
    }

    function test_constructor_remembersFeedAndGrace() public {
        assertEq(address(oracle.sequencerFeed()), address(uptime), "feed");
        assertEq(oracle.sequencerGrace(), GRACE, "grace");
        assertEq(_oracle(1 days).sequencerGrace(), 1 days, "the longest");
    }

    function test_constructor_boundsTheGrace() public {
        vm.expectRevert(
            abi.encodeWithSelector(Errors.ParameterOutOfBounds.selector, "sequencerGrace", 1 days + 1, 0, 1 days)
        );
        _oracle(1 days + 1);
    }

    function test_read_refusesBeforeTheFeedIsInitialised() public {
        vm.expectRevert(ArbitrumSequencerUptimeFeed.Uninitialized.selector);
        oracle.setFeed(MARKET, _feed());
    }

    function test_read_waitsUntilTheGraceIsOver() public {
        uptime.initialize();
        vm.warp(NOW + GRACE);
        vm.expectRevert(abi.encodeWithSelector(Errors.SequencerStarting.selector, NOW, GRACE));
        oracle.setFeed(MARKET, _feed());
        vm.warp(NOW + GRACE + 1);
        oracle.setFeed(MARKET, _feed());
        _assertAnswers();
    }

    function test_read_refusesWhileTheSequencerIsDown_andForTheGraceAfter() public {
        uptime.initialize();
        vm.warp(NOW + 1 days);
        oracle.setFeed(MARKET, _feed());
        _tell(DOWN, NOW + 1 days);
        vm.expectRevert(abi.encodeWithSelector(Errors.SequencerDown.selector, NOW + 1 days));
        oracle.read(MARKET, 0, 0);

        // However long it lasts.
        vm.warp(NOW + 2 days);
        vm.expectRevert(abi.encodeWithSelector(Errors.SequencerDown.selector, NOW + 1 days));
        oracle.read(MARKET, 0, 0);

        _tell(UP, NOW + 2 days);
        vm.expectRevert(abi.encodeWithSelector(Errors.SequencerStarting.selector, NOW + 2 days, GRACE));
        oracle.read(MARKET, 0, 0);
        vm.warp(NOW + 2 days + GRACE);
        vm.expectRevert(abi.encodeWithSelector(Errors.SequencerStarting.selector, NOW + 2 days, GRACE));
        oracle.read(MARKET, 0, 0);
        vm.warp(NOW + 2 days + GRACE + 1);
        _assertAnswers();
    }

    /// @dev Chainlink says again and again that it is up; the grace counts from when it came up.
    function test_read_countsTheGraceFromTheChangeOnly() public {
        uptime.initialize();
        vm.warp(NOW + GRACE);
        _tell(UP, NOW + GRACE);
        vm.warp(NOW + GRACE + 1);
        oracle.setFeed(MARKET, _feed());
        _assertAnswers();
    }

    /// @dev A proxy that was deployed before its feed answers with zeros.
    function test_read_refusesAFeedThatHasNeverAnswered() public {
        uptime.initialize();
        vm.warp(NOW + 1 days);
        oracle.setFeed(MARKET, _feed());
        vm.mockCall(
            address(uptime),
            abi.encodeCall(AggregatorV3Interface.latestRoundData, ()),
            abi.encode(0, 0, 0, 0, 0)
        );
        vm.expectRevert(abi.encodeWithSelector(Errors.SequencerStarting.selector, 0, GRACE));
        oracle.read(MARKET, 0, 0);
    }

    // ----------------------------------------------------------------

    /// @dev Over the bridge, as the alias of the contract on L1.
    function _tell(bool status, uint256 time) private {
        vm.prank(AddressAliasHelper.applyL1ToL2Alias(validator));
        uptime.updateStatus(status, uint64(time));
    }

    function _feed() private view returns (IPriceOracle.Feed memory feed) {
        (feed.primary, feed.maxAge, feed.maxMove) = (IPriceSource(source), 7 days, type(uint64).max);
        feed.highest = type(uint96).max;
    }

    function _assertAnswers() private view {
        (uint256 price, , ) = oracle.read(MARKET, 0, 0);
        assertEq(price, 100e18, "price");
    }
}
