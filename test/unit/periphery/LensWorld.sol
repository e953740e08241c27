// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouseLens} from "../../../contracts/interfaces/IClearingHouseLens.sol";
import {IInsuranceFund} from "../../../contracts/interfaces/IInsuranceFund.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {RiskParameters} from "../../../contracts/types/RiskParameters.sol";
import {ChainlinkAggregator} from "../../mocks/ChainlinkFeed.sol";
import {World} from "../../utils/World.sol";

/// @notice A deployment with a lens, and markets whose feeds know every wei of a price.
abstract contract LensWorld is World {
    IClearingHouseLens internal lens;

    function setUp() public virtual override {
        super.setUp();
        _deployLens();
    }

    function _deployLens() internal {
        lens = IClearingHouseLens(_create("ClearingHouseLens.sol:ClearingHouseLens", abi.encode(house)));
    }

    /// @dev As `_list`, with a feed of 18 decimals.
    function _listFine(uint256 price, RiskParameters memory parameters) internal returns (uint8 market) {
        ChainlinkAggregator feed = ChainlinkAggregator(
            _create("ChainlinkFeed.sol:ChainlinkAggregator", abi.encode(18, "TEST / USD"))
        );
        feeds.push(feed);
        market = uint8(feeds.length - 1);
        feed.setAnswer(int256(price), vm.getBlockTimestamp());
        _point(market, feed);
        _listNext(market, parameters);
        fund.setLimit(market, IInsuranceFund.Limit({capacity: 1e33, refillPerSecond: 0, gap: 0}));
    }

    /// @dev A second passes and a feed of 18 decimals has a new price; where it is a jump, the block of it passes as well.
    function _setFinePrice(uint8 market, uint256 price) internal {
        _announce(market, price);
        _passJump(market, price);
    }

    /// @dev A second passes and a feed of 18 decimals has a new price, which no call has taken yet.
    function _announce(uint8 market, uint256 price) internal {
        _wait(1);
        _quote(market, price);
    }

    /// @dev The same within the second. The house takes it only where its last mark is older than this second.
    function _quote(uint8 market, uint256 price) internal {
        feeds[market].setAnswer(int256(price), vm.getBlockTimestamp());
    }

    function _wait(uint256 secondsToPass) internal {
        vm.warp(vm.getBlockTimestamp() + secondsToPass);
    }

    function _position(AccountId id, uint256 i) internal view returns (IClearingHouseLens.PositionHealth memory) {
        return lens.positionsOf(id)[i];
    }

    function assertStanding(AccountId id, IClearingHouseLens.Standing expected, string memory label) internal view {
        assertEq(uint256(lens.accountHealth(id).standing), uint256(expected), label);
        assertEq(uint256(lens.standings(_list1(id))[0]), uint256(expected), label);
    }
}
