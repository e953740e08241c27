// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId, NO_ACCOUNT} from "../../../contracts/types/AccountId.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {IInsuranceFund} from "../../../contracts/interfaces/IInsuranceFund.sol";
import {HouseStorage} from "../../../contracts/periphery/HouseStorage.sol";
import {EndedGeneration, HaircutLimit, MarketState} from "../../../contracts/types/MarketState.sol";
import {MarketSet} from "../../../contracts/types/MarketSet.sol";
import {Position} from "../../../contracts/types/Position.sol";
import {Vm} from "../../utils/Vm.sol";
import {World} from "../../utils/World.sol";

/// @notice What the tests of the modules share: everyone who takes part, the solvency identity over them, and the house's
/// storage read slot by slot, as the lens does it.
abstract contract HouseTest is World {
    uint256 internal constant ALL = type(uint256).max;

    AccountId[] internal everyone;

    /// @dev Begins again, on a token of so many decimals.
    function _redeploy(uint8 decimals) internal {
        delete feeds;
        delete everyone;
        _deploy(decimals);
    }

    // ------------------------------------------------------------------ who takes part

    /// @dev A trader with whole tokens who counts in `_assertSolvent`.
    function _join(string memory name, uint256 amount) internal returns (AccountId id) {
        id = _trader(name, amount);
        everyone.push(id);
    }

    /// @dev P1: the vault holds exactly what accounts and pools count, and not a token less than it counts itself.
    function _assertSolvent() internal view {
        uint256 claims = _collateral(fundAccount);
        for (uint256 i; i < everyone.length; ++i) claims += _collateral(everyone[i]);
        for (uint8 m; m < house.marketCount(); ++m) claims += _market(m).pool;
        assertEq(vault.ledgerBalance() * vault.unit(), claims, "P1: claims");
        assertGe(token.balanceOf(address(vault)), vault.ledgerBalance(), "P1: tokens");
    }

    function _assertAccount(
        AccountId id,
        uint8 market,
        uint256 collateral,
        int256 size,
        string memory who
    ) internal view {
        assertEq(_collateral(id), collateral, string.concat(who, ": collateral"));
        assertEq(house.sizeOf(id, market), size, string.concat(who, ": size"));
    }

    function _assertMarket(uint8 market, uint256 pool, uint256 shortfall) internal view {
        assertEq(_market(market).pool, pool, "pool");
        assertEq(_market(market).shortfall, shortfall, "shortfall");
    }

    function _isIn(AccountId id, uint8 market) internal view returns (bool) {
        (, MarketSet markets) = house.accountOf(id);
        return markets.contains(market);
    }

    function _count(Vm.Log[] memory logs, bytes32 topic) internal pure returns (uint256 n) {
        for (uint256 i; i < logs.length; ++i) if (logs[i].topics[0] == topic) ++n;
    }

    // ------------------------------------------------------------------ prices and money

    /// @dev A second passes and the feed has no price any more.
    function _refuse(uint8 market) internal {
        _pass(1);
        feeds[market].setAnswer(0, vm.getBlockTimestamp());
    }

    /// @dev Not through `block.timestamp`: the compiler takes it for constant within a call.
    function _pass(uint256 time) internal {
        vm.warp(vm.getBlockTimestamp() + time);
    }

    /// @dev The most that the fund may pay for a market at once.
    function _cap(uint8 market, uint128 capacity) internal {
        fund.setLimit(market, IInsuranceFund.Limit({capacity: capacity, refillPerSecond: 0, gap: 0}));
    }

    function _list3(AccountId a, AccountId b, AccountId c) internal pure returns (AccountId[] memory list) {
        list = new AccountId[](3);
        (list[0], list[1], list[2]) = (a, b, c);
    }

    function _deleverage(AccountId a, AccountId b, AccountId c) internal {
        house.deleverage(_list3(a, b, c), NO_ACCOUNT);
    }

    // ------------------------------------------------------------------ storage

    function _market(uint8 market) internal view returns (MarketState memory state) {
        (state, ) = HouseStorage.loadMarket(_house(), market);
    }

    function _publishedAt(uint8 market) internal view returns (uint256) {
        return uint256(_market(market).acceptedAt) - _market(market).publishLag;
    }

    function _position(AccountId id, uint8 market) internal view returns (Position memory) {
        return HouseStorage.loadPosition(_house(), id, market);
    }

    function _haircutLimit(uint8 market) internal view returns (HaircutLimit memory) {
        return HouseStorage.loadHaircutLimit(_house(), market);
    }

    function _endedGeneration(uint8 market, uint256 generation) internal view returns (EndedGeneration memory) {
        return HouseStorage.loadEndedGeneration(_house(), market, generation);
    }

    function _house() private view returns (IClearingHouse) {
        return IClearingHouse(address(house));
    }
}
