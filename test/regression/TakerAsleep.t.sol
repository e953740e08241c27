// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId} from "../../contracts/types/AccountId.sol";
import {LedgerReader} from "../invariant/LedgerReader.sol";

/// @notice A taker that has slept through the end of a generation is opened in the present one; when the call that names it
/// ends that one as well, it must not be written as if it belonged to the next: it would keep the size that everybody else
/// had closed, backed by nobody.
contract TakerAsleepTest is LedgerReader {
    function test_deleverage_closesASleepingTakerLikeEverybodyElse() public {
        uint8 market = _list(100e18, _plain());
        AccountId taker = _trader("taker", 1_000_000);
        AccountId maker = _trader("maker", 100_000_000);
        AccountId opposite = _trader("opposite", 1_000_000);
        _fill(taker, opposite, market, 1_000e18, 100e18);

        // Twice, all but a two-thousandth of the long side is closed, which ends a generation.
        _closeNearlyAll(market, "first", maker, 100e18, 115e18, AccountId.wrap(0));
        assertEq(_marketWords(market).generation, 1, "first generation ended");
        _closeNearlyAll(market, "second", maker, 115e18, 135e18, taker);
        assertEq(_marketWords(market).generation, 2, "second generation ended");

        MarketWords memory m = _marketWords(market);
        int256 ofTaker = _sizeOf(_positionWords(taker, market, m), m);
        int256 ofMaker = _sizeOf(_positionWords(maker, market, m), m);
        int256 ofOpposite = _sizeOf(_positionWords(opposite, market, m), m);
        assertLe(_magnitude(ofTaker + ofMaker + ofOpposite), 4, "sizes of both sides");
        // Closed twice to a two-thousandth.
        assertApproxEqAbs(ofTaker, int256(1_000e18) / 2_001 / 2_001, 1e12, "taker's size");
    }

    /// @dev `maker` goes long against a short that then defaults.
    function _closeNearlyAll(
        uint8 market,
        string memory name,
        AccountId maker,
        uint256 from,
        uint256 to,
        AccountId taker
    ) private {
        AccountId short = _trader(name, (2_000_000 * from) / 10e18);
        _fill(maker, short, market, 2_000_000e18, from);
        _setPrice(market, to);
        house.deleverage(_list1(short), taker);
    }
}
