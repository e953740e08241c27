// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SlotDerivation} from "@openzeppelin/contracts/utils/SlotDerivation.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {AccountId} from "../types/AccountId.sol";
import {
    EndedGeneration,
    HaircutLimit,
    LONG_COUNTS,
    MarketState,
    SHORTFALL_COUNTS,
    SHORT_COUNTS
} from "../types/MarketState.sol";
import {Position} from "../types/Position.sol";
import {PackedRisk} from "../types/RiskParameters.sol";
import {ONE_BASE} from "../types/Side.sol";

/// @notice Where the clearing house keeps what, and how it is packed: all slot arithmetic of the periphery. Reads storage as
/// it is and adds no meaning.
/// @dev Mirrors the declarations of `ledger/Storage.sol` and the structs of `types/`; a house is not upgradeable, so what is
/// right for one stays right.
library HouseStorage {
    using SlotDerivation for bytes32;

    // slots 0 and 2, accounts and rights, have getters of their own
    bytes32 internal constant POSITIONS = bytes32(uint256(1));
    bytes32 internal constant MARKETS = bytes32(uint256(3));
    bytes32 internal constant RISK = bytes32(uint256(4));
    bytes32 internal constant HAIRCUT_LIMITS = bytes32(uint256(5));
    bytes32 internal constant ENDED = bytes32(uint256(6));

    uint256 internal constant MARKET_SLOTS = 7;
    uint256 internal constant RISK_SLOTS = 2;

    // ------------------------------------------------------------------ reading

    function loadPosition(
        IClearingHouse house,
        AccountId account,
        uint8 market
    ) internal view returns (Position memory) {
        bytes32 base = POSITIONS.deriveMapping(AccountId.unwrap(account)).deriveMapping(uint256(market));
        bytes32[] memory slots = new bytes32[](2);
        _fill(slots, 0, base, 2);
        return decodePosition(house.load(slots));
    }

    /// @dev A market and its parameters together, in one call.
    function loadMarket(
        IClearingHouse house,
        uint8 id
    ) internal view returns (MarketState memory state, PackedRisk memory risk) {
        bytes32[] memory slots = new bytes32[](MARKET_SLOTS + RISK_SLOTS);
        _fill(slots, 0, MARKETS.deriveMapping(uint256(id)), MARKET_SLOTS);
        _fill(slots, MARKET_SLOTS, RISK.deriveMapping(uint256(id)), RISK_SLOTS);
        bytes32[] memory words = house.load(slots);
        risk = PackedRisk({trading: uint256(words[MARKET_SLOTS]), closing: uint256(words[MARKET_SLOTS + 1])});
        return (decodeMarket(words), risk);
    }

    function loadHaircutLimit(IClearingHouse house, uint8 id) internal view returns (HaircutLimit memory) {
        bytes32[] memory slots = new bytes32[](1);
        slots[0] = HAIRCUT_LIMITS.deriveMapping(uint256(id));
        return decodeHaircutLimit(house.load(slots));
    }

    function loadEndedGeneration(
        IClearingHouse house,
        uint8 id,
        uint256 generation
    ) internal view returns (EndedGeneration memory) {
        bytes32[] memory slots = new bytes32[](1);
        slots[0] = ENDED.deriveMapping(uint256(id)).deriveMapping(generation);
        return decodeEndedGeneration(house.load(slots));
    }

    function _fill(bytes32[] memory slots, uint256 from, bytes32 base, uint256 count) private pure {
        for (uint256 i; i < count; ++i) slots[from + i] = base.offset(i);
    }

    // ------------------------------------------------------------------ unpacking

    /// @dev shares 112 | paidValue 112 | generation 24 | hasOwed 8; owed 256
    function decodePosition(bytes32[] memory words) internal pure returns (Position memory p) {
        uint256 word = uint256(words[0]);
        p.shares = int112(uint112(word));
        p.paidValue = int112(uint112(word >> 112));
        p.generation = uint24(word >> 224);
        p.hasOwed = uint8(word >> 248) != 0;
        p.owed = int256(uint256(words[1]));
    }

    /// @dev Slots that do not count are read as what they stand for.
    function decodeMarket(bytes32[] memory words) internal pure returns (MarketState memory s) {
        // pool 112 | fees 72 | acceptedAt 32 | publishLag 24 | scale 8 | flags 8
        uint256 word = uint256(words[0]);
        (s.pool, s.fees, s.acceptedAt) = (uint112(word), uint72(word >> 112), uint32(word >> 184));
        (s.publishLag, s.scale, s.flags) = (uint24(word >> 216), uint8(word >> 240), uint8(word >> 248));
        // longShares 112 | shortShares 112 | accruedAt 32
        word = uint256(words[1]);
        (s.longShares, s.shortShares, s.accruedAt) = (uint112(word), uint112(word >> 112), uint32(word >> 224));
        // fundingIndex 112 | mark 96 | premium 24 | generation 24
        word = uint256(words[2]);
        (s.fundingIndex, s.mark) = (int112(uint112(word)), uint96(word >> 112));
        (s.premium, s.generation) = (int24(uint24(word >> 208)), uint24(word >> 232));
        // base 128 | cash 128, twice
        word = s.flags & LONG_COUNTS != 0 ? uint256(words[3]) : ONE_BASE;
        (s.longBase, s.longCash) = (uint128(word), int128(uint128(word >> 128)));
        word = s.flags & SHORT_COUNTS != 0 ? uint256(words[4]) : ONE_BASE;
        (s.shortBase, s.shortCash) = (uint128(word), int128(uint128(word >> 128)));
        // high 96 | previousHigh 96 | low 64
        word = uint256(words[5]);
        (s.high, s.previousHigh, s.low) = (uint96(word), uint96(word >> 96), uint64(word >> 192));
        // shortfall 112 | payout 48
        word = s.flags & SHORTFALL_COUNTS != 0 ? uint256(words[6]) : 0;
        (s.shortfall, s.payout) = (uint112(word), uint48(word >> 112));
    }

    function decodeHaircutLimit(bytes32[] memory words) internal pure returns (HaircutLimit memory h) {
        // longLeft 104 | shortLeft 104 | markAcceptedAt 32
        uint256 word = uint256(words[0]);
        (h.longLeft, h.shortLeft, h.markAcceptedAt) = (uint104(word), uint104(word >> 104), uint32(word >> 208));
    }

    /// @dev longValue 112 | shortValue 112 | longShift 8 | shortShift 8
    function decodeEndedGeneration(bytes32[] memory words) internal pure returns (EndedGeneration memory e) {
        uint256 word = uint256(words[0]);
        (e.longValue, e.shortValue) = (int112(uint112(word)), int112(uint112(word >> 112)));
        (e.longShift, e.shortShift) = (uint8(word >> 224), uint8(word >> 232));
    }
}
