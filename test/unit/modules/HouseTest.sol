// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId, NO_ACCOUNT} from "../../../contracts/types/AccountId.sol";
import {IInsuranceFund} from "../../../contracts/interfaces/IInsuranceFund.sol";
import {EndedGeneration, HaircutLimit, MarketState} from "../../../contracts/types/MarketState.sol";
import {MarketSet} from "../../../contracts/types/MarketSet.sol";
import {Position} from "../../../contracts/types/Position.sol";
import {World} from "../../utils/World.sol";

/// @notice What the tests of the modules share: everyone who takes part, the solvency identity over them, and the house's
/// storage read slot by slot, as the lens does it.
abstract contract HouseTest is World {
    /// @dev Places of the mappings in the storage of the house, in the order in which `Ledger` declares them.
    uint256 private constant POSITIONS = 1;
    uint256 private constant MARKETS = 3;
    uint256 private constant HAIRCUT_LIMITS = 5;
    uint256 private constant ENDED = 6;

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
        fund.setLimit(market, IInsuranceFund.Limit({capacity: capacity, refillPerSecond: 0}));
    }

    function _list3(AccountId a, AccountId b, AccountId c) internal pure returns (AccountId[] memory list) {
        list = new AccountId[](3);
        (list[0], list[1], list[2]) = (a, b, c);
    }

    function _deleverage(AccountId a, AccountId b, AccountId c) internal {
        house.deleverage(_list3(a, b, c), NO_ACCOUNT);
    }

    // ------------------------------------------------------------------ storage

    function _market(uint8 market) internal view returns (MarketState memory s) {
        uint256[] memory w = _words(keccak256(abi.encode(market, MARKETS)), 6);
        (s.pool, s.shortfall, s.publishedAt) = (uint112(w[0]), uint112(w[0] >> 112), uint32(w[0] >> 224));
        (s.longShares, s.shortShares) = (uint112(w[1]), uint112(w[1] >> 112));
        (s.generation, s.scale) = (uint24(w[1] >> 224), uint8(w[1] >> 248));
        (s.longBase, s.longCash) = (uint128(w[2]), int128(uint128(w[2] >> 128)));
        (s.shortBase, s.shortCash) = (uint128(w[3]), int128(uint128(w[3] >> 128)));
        (s.fundingIndex, s.mark) = (int112(uint112(w[4])), uint96(w[4] >> 112));
        (s.acceptedAt, s.day) = (uint32(w[4] >> 208), uint16(w[4] >> 240));
        (s.high, s.fees) = (uint96(w[5]), uint80(w[5] >> 96));
        (s.premium, s.premiumAge) = (int32(uint32(w[5] >> 176)), uint16(w[5] >> 208));
        s.accruedAt = uint32(w[5] >> 224);
    }

    function _position(AccountId id, uint8 market) internal view returns (Position memory p) {
        bytes32 inner = keccak256(abi.encode(id, POSITIONS));
        uint256[] memory w = _words(keccak256(abi.encode(market, inner)), 2);
        (p.shares, p.paidValue) = (int112(uint112(w[0])), int112(uint112(w[0] >> 112)));
        (p.generation, p.hasOwed) = (uint24(w[0] >> 224), w[0] >> 248 != 0);
        p.owed = int256(w[1]);
    }

    function _haircutLimit(uint8 market) internal view returns (HaircutLimit memory limit) {
        uint256[] memory w = _words(keccak256(abi.encode(market, HAIRCUT_LIMITS)), 2);
        (limit.longLeft, limit.shortLeft, limit.markAcceptedAt) = (
            uint104(w[0]),
            uint104(w[0] >> 104),
            uint32(w[0] >> 208)
        );
        limit.previousHigh = uint96(w[1]);
    }

    function _endedGeneration(uint8 market, uint256 generation) internal view returns (EndedGeneration memory e) {
        bytes32 inner = keccak256(abi.encode(market, ENDED));
        uint256 w = _words(keccak256(abi.encode(generation, inner)), 1)[0];
        (e.longValue, e.shortValue) = (int112(uint112(w)), int112(uint112(w >> 112)));
        (e.longShift, e.shortShift) = (uint8(w >> 224), uint8(w >> 232));
    }

    function _words(bytes32 slot, uint256 count) private view returns (uint256[] memory words) {
        bytes32[] memory slots = new bytes32[](count);
        for (uint256 i; i < count; ++i) slots[i] = bytes32(uint256(slot) + i);
        bytes32[] memory read = house.load(slots);
        assembly ("memory-safe") {
            words := read
        }
    }
}
