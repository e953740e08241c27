// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId} from "../../contracts/types/AccountId.sol";
import {MarketSet} from "../../contracts/types/MarketSet.sol";
import {PackedRisk} from "../../contracts/types/RiskParameters.sol";
import {World} from "../utils/World.sol";

/// @notice Reads the clearing house's storage word by word and does its arithmetic a second time, so that the properties are
/// judged by something that shares no code with what they judge. Values are at the marks that the house has accepted.
abstract contract LedgerReader is World {
    uint256 internal constant WAD = 1e18;

    // Where `Ledger` keeps its mappings.
    uint256 private constant POSITIONS = 1;
    uint256 private constant MARKETS = 3;
    uint256 private constant ENDED = 6;

    struct SideWords {
        uint256 shares;
        uint256 base;
        int256 cash;
    }

    struct MarketWords {
        uint256 pool;
        uint256 shortfall;
        SideWords long;
        SideWords short;
        uint256 generation;
        uint256 scale;
        uint256 mark;
        int256 funding;
        /// @dev What of the pool is fees: the reserve against rounding, and what waits for the insurance fund.
        uint256 fees;
        /// @dev What of a gain is paid since the market was wound up, in parts of 2^40. Zero before that.
        uint256 payout;
        /// @dev Whether the last mark moved further than the maintenance margin, and when it was accepted.
        bool jumped;
        uint256 acceptedAt;
        /// @dev The range of marks that counts for the margin, in twentieths.
        uint256 volatility;
        /// @dev ppm of notional.
        uint256 maintenanceMargin;
        PackedRisk risk;
    }

    /// @dev In the market's present generation. `shares` below zero are short.
    struct PositionWords {
        int256 shares;
        int256 paidValue;
        int256 owed;
    }

    struct HealthWords {
        int256 equity;
        int256 secured;
        uint256 initialMargin;
        uint256 maintenanceMargin;
    }

    // ------------------------------------------------------------------ storage

    function _marketWords(uint8 market) internal view returns (MarketWords memory m) {
        bytes32[] memory w = _words(_slotOf(market, MARKETS), 7);
        (m.pool, m.fees, m.scale) = (_bits(w[0], 0, 112), _bits(w[0], 112, 72), _bits(w[0], 240, 8));
        (m.long.shares, m.short.shares) = (_bits(w[1], 0, 112), _bits(w[1], 112, 112));
        (m.funding, m.mark) = (int112(uint112(_bits(w[2], 0, 112))), _bits(w[2], 112, 96));
        m.generation = _bits(w[2], 232, 24);
        // Three bits say which of the rest counts.
        (m.long.base, m.short.base) = (1 << 126, 1 << 126);
        if (_bits(w[0], 248, 1) != 0) _readSide(m.long, w[3]);
        if (_bits(w[0], 249, 1) != 0) _readSide(m.short, w[4]);
        if (_bits(w[0], 250, 1) != 0) (m.shortfall, m.payout) = (_bits(w[6], 0, 112), _bits(w[6], 112, 48));
        (m.acceptedAt, m.jumped, m.volatility) = (_bits(w[0], 184, 32), _bits(w[0], 251, 1) != 0, _bits(w[0], 252, 4));
        m.risk = house.riskOf(market);
        m.maintenanceMargin = m.risk.maintenanceMargin();
    }

    /// @dev The initial margin rate, ppm of notional, if `added` notional more were open: proportional to open interest
    /// between its two ends, and at least the volatility's part.
    function _initialRate(MarketWords memory m, uint256 added) internal pure returns (uint256) {
        uint256 open = _ceil(_max(_sideSize(m.long), _sideSize(m.short)) * m.mark, WAD) + added;
        (uint256 low, uint256 high) = (m.risk.initialMargin(), m.risk.initialMarginAtCap());
        uint256 cap = m.risk.openInterestCap();
        uint256 rate = open >= cap ? high : low + _ceil((high - low) * open, cap);
        return _max(rate, _ceil(m.volatility * m.risk.volatilityMargin(), 20));
    }

    /// @dev Whether fills in the market wait for the next block.
    function _isJumping(MarketWords memory m) internal view returns (bool) {
        return m.jumped && m.acceptedAt == vm.getBlockTimestamp();
    }

    function _readSide(SideWords memory side, bytes32 word) private pure {
        (side.base, side.cash) = (_bits(word, 0, 128), int128(uint128(_bits(word, 128, 128))));
    }

    function _positionWords(
        AccountId id,
        uint8 market,
        MarketWords memory m
    ) internal view returns (PositionWords memory p) {
        (, MarketSet markets) = house.accountOf(id);
        if (!markets.contains(market)) return p;
        bytes32[] memory w = _words(keccak256(abi.encode(uint256(market), keccak256(abi.encode(id, POSITIONS)))), 2);
        (p.shares, p.paidValue) = (int112(uint112(_bits(w[0], 0, 112))), int112(uint112(_bits(w[0], 112, 112))));
        if (_bits(w[0], 248, 8) != 0) p.owed = int256(uint256(w[1]));
        for (uint256 g = _bits(w[0], 224, 24); g < m.generation && p.shares != 0; ++g) {
            bytes32 word = _endOf(market, g);
            bool isLong = p.shares > 0;
            int256 endValue = int112(uint112(isLong ? _bits(word, 0, 112) : _bits(word, 112, 112)));
            uint256 shift = isLong ? _bits(word, 224, 8) : _bits(word, 232, 8);
            p.owed += _valueFloor(p.shares, endValue - p.paidValue, m.scale);
            uint256 left = shift == 255 ? 0 : _magnitude(p.shares) >> shift;
            (p.shares, p.paidValue) = (isLong ? int256(left) : -int256(left), 0);
        }
        bool isCut = m.payout != 0 && _bits(w[0], 224, 24) < m.generation;
        // A payout of 1 is none.
        if (isCut && p.owed > 0) p.owed = m.payout == 1 ? int256(0) : int256((uint256(p.owed) * m.payout) >> 40);
    }

    function _endOf(uint8 market, uint256 generation) private view returns (bytes32) {
        return _words(keccak256(abi.encode(generation, _slotOf(market, ENDED))), 1)[0];
    }

    /// @dev By how many bits ends of generations have merged shares of the market's sides, at most. An end that closed all
    /// left none to merge.
    function _mergedBits(uint8 market, uint256 generations) internal view returns (uint256 bits) {
        for (uint256 g; g < generations; ++g) {
            bytes32 word = _endOf(market, g);
            uint256 shift = _max(_bits(word, 224, 8), _bits(word, 232, 8));
            if (shift != 255) bits += shift;
        }
    }

    function _words(bytes32 first, uint256 count) private view returns (bytes32[] memory) {
        bytes32[] memory slots = new bytes32[](count);
        for (uint256 i; i < count; ++i) slots[i] = bytes32(uint256(first) + i);
        return house.load(slots);
    }

    function _slotOf(uint8 market, uint256 mapping_) private pure returns (bytes32) {
        return keccak256(abi.encode(uint256(market), mapping_));
    }

    function _bits(bytes32 word, uint256 from, uint256 count) private pure returns (uint256) {
        return (uint256(word) >> from) & ((1 << count) - 1);
    }

    // ------------------------------------------------------------------ meaning

    /// @dev What a share of a side is worth, in value units: B ± A · (mark − F).
    function _shareValue(MarketWords memory m, bool isLong) internal pure returns (int256) {
        int256 distance = int256(m.mark << m.scale) - m.funding;
        if (isLong) return m.long.cash + ((int256(m.long.base) * distance) >> 126);
        return m.short.cash + ((int256(m.short.base) * -distance) >> 126);
    }

    function _unsettled(PositionWords memory p, MarketWords memory m) internal pure returns (int256) {
        if (p.shares == 0) return p.owed;
        return p.owed + _valueFloor(p.shares, _shareValue(m, p.shares > 0) - p.paidValue, m.scale);
    }

    function _unsettled(AccountId id, uint8 market) internal view returns (int256) {
        MarketWords memory m = _marketWords(market);
        return _unsettled(_positionWords(id, market, m), m);
    }

    /// @dev Signed size, towards zero.
    function _sizeOf(PositionWords memory p, MarketWords memory m) internal pure returns (int256) {
        if (p.shares >= 0) return int256((uint256(p.shares) * m.long.base) >> 126);
        return -int256((uint256(-p.shares) * m.short.base) >> 126);
    }

    function _sideSize(SideWords memory side) internal pure returns (uint256) {
        return (side.shares * side.base) >> 126;
    }

    /// @dev Every market, for reading many accounts beside it.
    function _allMarkets() internal view returns (MarketWords[] memory all) {
        all = new MarketWords[](feeds.length);
        for (uint8 market; market < all.length; ++market) all[market] = _marketWords(market);
    }

    function _health(AccountId id, MarketWords[] memory all) internal view returns (HealthWords memory h) {
        (uint256 collateral, MarketSet markets) = house.accountOf(id);
        (h.equity, h.secured) = (int256(collateral), int256(collateral));
        for (uint8 market; market < all.length; ++market) {
            if (!markets.contains(market)) continue;
            MarketWords memory m = all[market];
            PositionWords memory p = _positionWords(id, market, m);
            int256 due = _unsettled(p, m);
            h.equity += due;
            if (due < 0) h.secured += due;
            if (p.shares == 0) continue;
            uint256 notional = _ceil(_magnitude(_sizeOf(p, m)) * m.mark, WAD);
            h.initialMargin += _ceil(notional * _initialRate(m, 0), 1e6);
            h.maintenanceMargin += _ceil(notional * m.maintenanceMargin, 1e6);
        }
    }

    function _health(AccountId id) internal view returns (HealthWords memory) {
        return _health(id, _allMarkets());
    }

    function _equity(AccountId id) internal view returns (int256) {
        return _health(id).equity;
    }

    /// @dev Whether the account holds no share of any market.
    function _isFlat(AccountId id, MarketWords[] memory all) internal view returns (bool) {
        (, MarketSet markets) = house.accountOf(id);
        for (uint8 market; market < all.length; ++market) {
            if (!markets.contains(market)) continue;
            if (_positionWords(id, market, all[market]).shares != 0) return false;
        }
        return true;
    }

    function _pool(uint8 market) internal view returns (uint256) {
        return _marketWords(market).pool;
    }

    function _shortfall(uint8 market) internal view returns (uint256) {
        return _marketWords(market).shortfall;
    }

    /// @dev Has the house accept every price that the oracle vouches for.
    function _acceptPrices() internal {
        for (uint8 market; market < feeds.length; ++market) house.accrueFunding(market);
    }

    /// @dev The vault's count of tokens, in money.
    function _vaultMoney() internal view returns (uint256) {
        return vault.ledgerBalance() * (WAD / one);
    }

    // ------------------------------------------------------------------ numbers

    function _valueFloor(int256 shares, int256 perShare, uint256 scale) private pure returns (int256) {
        int256 product = int256(_magnitude(shares)) * perShare;
        int256 unit = int256(WAD << scale);
        int256 quotient = product / unit;
        return product < 0 && product % unit != 0 ? quotient - 1 : quotient;
    }

    function _ceil(uint256 product, uint256 divisor) internal pure returns (uint256) {
        return (product + divisor - 1) / divisor;
    }

    function _magnitude(int256 x) internal pure returns (uint256) {
        return uint256(x < 0 ? -x : x);
    }

    function _positive(int256 x) internal pure returns (uint256) {
        return x > 0 ? uint256(x) : 0;
    }

    function _min(uint256 a, uint256 b) internal pure returns (uint256) {
        return a < b ? a : b;
    }

    function _max(uint256 a, uint256 b) internal pure returns (uint256) {
        return a > b ? a : b;
    }
}
