// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId} from "../../contracts/types/AccountId.sol";
import {MarketSet} from "../../contracts/types/MarketSet.sol";
import {MarketStatus} from "../../contracts/types/RiskParameters.sol";
import {LedgerReader} from "./LedgerReader.sol";

/// @notice What is promised (docs/invariants.md), in plain words and as something that can be checked. Every property is
/// judged over all accounts there are, from storage, without the clearing house's own sums.
///
/// P1  The vault's ledger balance is the sum of all collateral, the insurance fund's included, and all profit pools: exactly,
///     after every call. The token balance is never less.
/// P2  A liquidation leaves equity at or above zero. An account in default that was listed in `deleverage` is at exactly zero
///     afterwards, unless it has a position where no price is vouched for. Once keepers have acted, nobody is below zero.
/// P3  Nobody else's action lowers the equity of an account without a position, but that winding an ended market up cuts
///     claims on it to what there is, pro rata; without an unpaid loss, nobody else lowers
///     its collateral, and it can withdraw all of that at once without a price.
/// P4  `deleverage` and `settle` never revert.
/// P5  In every `deleverage`, Σ haircuts + shortfall = Σ deficits + bounties − what the fund paid, exactly, and what holders
///     really lose is Σ haircuts up to a wei a holder and charge.
/// P6  The same list from its end leaves everybody with the same equity, where each defaulter is in one market.
/// P7  Where what a side is charged is at most its maintenance margin on the size that is closed, deleveraging leaves nobody
///     with less safety (equity − MM), up to the rounding of the charge.
/// P8  Has a handler of its own for the regime that it promises: `handlers/IsolatedMarket.sol`.
/// P9  Both sides of a market have the same size but for a size-wei for every position that was moved or touched. What its
///     winners are owed is in its pool, or still with its losers, or in its shortfall, but for that many size-wei at the
///     highest price, and as often a value unit a share: V is rounded, and so are charges. Where generations have merged
///     shares, a fraction of a share that was lost in merging counts as what a share may be charged: the highest price times
///     what was merged, 2^104 value units at most.
/// P10 Only an account with 0 ≤ equity < MM is liquidated, and its equity/MM does not fall, but for less than a token unit that
///     leaving a market may forgive. Only one with equity < 0 is deleveraged.
/// P11 Is about what did not happen, splitting an account, and so is checked by comparison: `property/P11Splitting.t.sol`.
/// P12 Where nobody is in default, whatever an attacker does at constant prices leaves the others and the fund together with
///     no less, but for penalties of accounts below MM. From random books: `property/P12NoTheft.t.sol`.
abstract contract Properties is LedgerReader {
    /// @dev Everybody who can have a claim: the ghost of the ledger.
    AccountId[] internal known;
    /// @dev Positions moved or touched so far, each of which may leave a size-wei on one side (P9).
    uint256 internal touches;
    /// @dev Of each market so far.
    mapping(uint8 market => uint256) internal highestMark;
    /// @dev Of a side of each market so far.
    mapping(uint8 market => uint256) internal mostShares;
    /// @dev After the last action.
    uint256 internal payoutsSeen;
    /// @dev What leaving a market may forgive, either way: less than a token unit (zero with 18 decimals).
    uint256 internal forgiven;

    // ------------------------------------------------------------------ P1

    function proveP1() public view {
        uint256 claims;
        for (uint256 i; i < known.length; ++i) claims += _collateral(known[i]);
        for (uint8 market; market < feeds.length; ++market) claims += _pool(market);
        assertEq(_vaultMoney(), claims, "P1: ledger balance = collateral + pools");
        assertGe(token.balanceOf(address(vault)), vault.ledgerBalance(), "P1: tokens");
    }

    // ------------------------------------------------------------------ P2

    /// @dev Assumes that keepers have just acted, at the marks now accepted.
    function _proveP2() internal view {
        MarketWords[] memory all = _allMarkets();
        for (uint256 i; i < known.length; ++i) {
            if (_waitsForPrice(known[i])) continue;
            assertGe(_health(known[i], all).equity, -int256(forgiven * feeds.length), "P2: nobody is below zero");
        }
    }

    /// @dev Whether it has a position in a market that no price is vouched for.
    function _waitsForPrice(AccountId id) internal view returns (bool) {
        (, MarketSet markets) = house.accountOf(id);
        for (uint8 market; market < feeds.length; ++market) {
            if (!markets.contains(market) || !_isRefused(market)) continue;
            if (_positionWords(id, market, _marketWords(market)).shares != 0) return true;
        }
        return false;
    }

    /// @dev A market that has ended needs no oracle.
    function _isRefused(uint8 market) internal view returns (bool) {
        if (_hasEnded(market)) return false;
        (bool answers, ) = address(oracle).staticcall(abi.encodeCall(oracle.read, (market, 0, 0)));
        return !answers;
    }

    function _hasEnded(uint8 market) internal view returns (bool) {
        return house.riskOf(market).status() == MarketStatus.Settled;
    }

    // ------------------------------------------------------------------ P3

    struct Bystander {
        bool isFlat;
        bool hasUnpaidLoss;
        int256 equity;
        uint256 collateral;
    }

    function _snapshot() internal view returns (Bystander[] memory list) {
        MarketWords[] memory all = _allMarkets();
        list = new Bystander[](known.length);
        for (uint256 i; i < list.length; ++i) {
            HealthWords memory h = _health(known[i], all);
            uint256 collateral = _collateral(known[i]);
            list[i] = Bystander(_isFlat(known[i], all), h.secured < int256(collateral), h.equity, collateral);
        }
    }

    /// @dev `acted` are those whose own action, or agreed duty, the call was.
    function _proveP3(Bystander[] memory before, bool[] memory acted) internal view {
        // Winding an ended market up under a shortfall cuts claims on it: what is left of them is equity.
        if (_payouts() != payoutsSeen) return;
        MarketWords[] memory all = _allMarkets();
        for (uint256 i; i < before.length; ++i) {
            if (acted[i] || !before[i].isFlat) continue;
            assertGe(
                _health(known[i], all).equity,
                before[i].equity - int256(forgiven * feeds.length),
                "P3: equity of an account without a position"
            );
            if (before[i].hasUnpaidLoss) continue;
            assertGe(_collateral(known[i]), before[i].collateral, "P3: its collateral");
        }
    }

    // ------------------------------------------------------------------ P6, P7

    /// @param backwards Empty where nothing is promised.
    function _proveP6(int256[] memory equities, int256[] memory backwards) internal pure {
        for (uint256 i; i < backwards.length; ++i) assertEq(equities[i], backwards[i], "P6: the order of the list");
    }

    /// @dev Assumes that every charge was covered. Not of who was in default, nor of the taker, who consented.
    function _proveP7(
        AccountId taker,
        int256[] memory equity,
        int256[] memory safety,
        int256[] memory safetyNow,
        uint256 slack
    ) internal view {
        // What a size-wei on either side of the floor is worth, and forgiven amounts.
        for (uint8 market; market < feeds.length; ++market) slack += highestMark[market] / WAD + 1 + forgiven;
        for (uint256 i; i < known.length; ++i) {
            if (equity[i] < 0 || known[i] == taker || known[i] == fundAccount) continue;
            assertGe(safetyNow[i], safety[i] - int256(slack), "P7: safety of the opposing side");
        }
    }

    // ------------------------------------------------------------------ P9

    function proveP9() public view {
        for (uint8 market; market < feeds.length; ++market) {
            MarketWords memory m = _marketWords(market);
            (int256 net, int256 claims) = (0, 0);
            for (uint256 i; i < known.length; ++i) {
                PositionWords memory p = _positionWords(known[i], market, m);
                net += _sizeOf(p, m);
                claims += _unsettled(p, m);
            }
            uint256 slack = touches + known.length;
            assertLe(_magnitude(net), slack, "P9: long size - short size, of holders");
            int256 sides = int256(_sideSize(m.long)) - int256(_sideSize(m.short));
            assertLe(_magnitude(sides), slack, "P9: long size - short size, of sides");

            uint256 bound_ = slack + (slack * _highestCharge(market, m)) / WAD + forgiven * touches;
            bound_ += slack * _ceil(mostShares[market], WAD << m.scale);
            int256 surplus = int256(m.pool + m.shortfall) - int256(m.fees) - claims;
            assertGe(surplus, -int256(bound_), "P9: claims are covered");
            // Once claims have been cut, what losers pay late is nobody's.
            if (m.payout == 0 || m.payout == 1 << 40) assertLe(surplus, int256(bound_), "P9: nothing is left over");
        }
    }

    /// @dev Of all markets: changes where one is wound up.
    function _payouts() internal view returns (uint256 sum) {
        for (uint8 market; market < feeds.length; ++market) sum += _marketWords(market).payout;
    }

    /// @dev Keeps the highest marks and the most shares that were seen. To be called after every action.
    function _observe() internal {
        payoutsSeen = _payouts();
        MarketWords[] memory all = _allMarkets();
        for (uint8 market; market < all.length; ++market) {
            MarketWords memory m = all[market];
            highestMark[market] = _max(highestMark[market], m.mark);
            mostShares[market] = _max(mostShares[market], _max(m.long.shares, m.short.shares));
        }
    }

    /// @dev Of a share: the bound on haircuts under a mark grows with what merging makes a share stand for.
    function _highestCharge(uint8 market, MarketWords memory m) internal view returns (uint256) {
        uint256 bits = _min(_mergedBits(market, m.generation), 104);
        return _min(highestMark[market] << bits, _ceil(1 << 104, 1 << m.scale));
    }

    // ------------------------------------------------------------------ P10

    /// @dev equity/MM has not fallen, without a division, but for what leaving markets may forgive.
    function _proveP10(HealthWords memory before, HealthWords memory now_) internal view {
        assertGe(before.equity, int256(0), "P10: equity before");
        assertLt(before.equity, int256(before.maintenanceMargin), "P10: below MM before");
        assertGe(now_.equity, int256(0), "P2: equity after a liquidation");
        assertGe(
            (now_.equity + int256(forgiven * feeds.length)) * int256(before.maintenanceMargin),
            before.equity * int256(now_.maintenanceMargin),
            "P10: equity/MM has not fallen"
        );
    }
}
