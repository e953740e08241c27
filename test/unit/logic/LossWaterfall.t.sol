// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LossWaterfall} from "../../../contracts/logic/LossWaterfall.sol";
import {Usd, ZERO_USD, usd} from "../../../contracts/types/Usd.sol";
import {Test} from "../../utils/Test.sol";

contract LossWaterfallTest is Test {
    Usd internal constant NO_LIMIT = Usd.wrap(1 << 119);

    /// @dev Worked example 1, after the trader's own 2,000: 1,000 are missing and the fund has 400.
    function test_allocate_theRestOfTheFundToTheOpposingSide() public pure {
        LossWaterfall.Split memory split = LossWaterfall.allocate(
            _loss(1_000e18, 0, 1_000e18, 0),
            Usd.wrap(400e18),
            NO_LIMIT,
            NO_LIMIT
        );
        _assertSplit(split, 600e18, 0, 0);
    }

    function test_allocate_nothingWhereTheFundPaysAll() public pure {
        LossWaterfall.Split memory split = LossWaterfall.allocate(
            _loss(600e18, 400e18, 1_000e18, 5e18),
            Usd.wrap(1_005e18),
            NO_LIMIT,
            NO_LIMIT
        );
        _assertSplit(split, 0, 0, 0);
    }

    function test_allocate_nothingWhereNothingIsMissing() public pure {
        _assertSplit(LossWaterfall.allocate(_loss(0, 0, 0, 0), ZERO_USD, NO_LIMIT, NO_LIMIT), 0, 0, 0);
    }

    /// @dev Worked example 3: both sides have defaulters, and each side opposes the other's.
    function test_allocate_eachSideOpposesTheOther() public pure {
        LossWaterfall.Split memory split = LossWaterfall.allocate(
            _loss(50e18, 30e18, 80e18, 0),
            ZERO_USD,
            NO_LIMIT,
            NO_LIMIT
        );
        _assertSplit(split, 50e18, 30e18, 0);
    }

    function test_allocate_theBountyInProportion() public pure {
        LossWaterfall.Split memory split = LossWaterfall.allocate(
            _loss(60e18, 20e18, 80e18, 8e18),
            Usd.wrap(44e18),
            NO_LIMIT,
            NO_LIMIT
        );
        // 80 + 8 - 44 = 44, three quarters of it against the longs' defaults
        _assertSplit(split, 33e18, 11e18, 0);
    }

    function test_allocate_beyondALimitIsShortfall() public pure {
        LossWaterfall.Split memory split = LossWaterfall.allocate(
            _loss(50e18, 30e18, 80e18, 0),
            ZERO_USD,
            Usd.wrap(20e18),
            Usd.wrap(29e18)
        );
        _assertSplit(split, 20e18, 29e18, 31e18);
    }

    /// @dev A deficit whose size others' deleveraging has closed has no opposing side.
    function test_allocate_whatNobodyOpposesIsShortfall() public pure {
        LossWaterfall.Split memory split = LossWaterfall.allocate(
            _loss(0, 0, 80e18, 0),
            Usd.wrap(10e18),
            NO_LIMIT,
            NO_LIMIT
        );
        _assertSplit(split, 0, 0, 70e18);
        split = LossWaterfall.allocate(_loss(20e18, 20e18, 80e18, 0), Usd.wrap(40e18), NO_LIMIT, NO_LIMIT);
        _assertSplit(split, 10e18, 10e18, 20e18);
    }

    function test_allocate_theFractionToThoseWhoOpposeTheLongs() public pure {
        LossWaterfall.Split memory split = LossWaterfall.allocate(_loss(1, 1, 2, 1), ZERO_USD, NO_LIMIT, NO_LIMIT);
        _assertSplit(split, 2, 1, 0);
        split = LossWaterfall.allocate(_loss(1, 1, 3, 0), Usd.wrap(1), NO_LIMIT, NO_LIMIT);
        _assertSplit(split, 1, 1, 0);
    }

    struct Case {
        uint112 ofLongs;
        uint112 ofShorts;
        uint112 ofNobody;
        uint112 bounty;
        uint112 insured;
        uint112 shortLimit;
        uint112 longLimit;
    }

    function testFuzz_allocate_addsUpAndKeepsLimits(Case memory c) public pure {
        (LossWaterfall.Loss memory loss, Usd insured) = _any(c);
        (Usd shortLimit, Usd longLimit) = (usd(c.shortLimit), usd(c.longLimit));
        LossWaterfall.Split memory split = LossWaterfall.allocate(loss, insured, shortLimit, longLimit);

        assertEq(
            Usd.unwrap(insured + split.byShorts + split.byLongs + split.shortfall),
            Usd.unwrap(loss.deficit + loss.bounty),
            "adds up"
        );
        assertTrue(split.byShorts >= ZERO_USD && split.byShorts <= shortLimit, "shorts");
        assertTrue(split.byLongs >= ZERO_USD && split.byLongs <= longLimit, "longs");
        assertTrue(split.shortfall >= ZERO_USD, "shortfall");
    }

    /// @dev Without a limit each side bears its part of the rest: less than one wei more, or two less for the side that
    /// comes second.
    function testFuzz_allocate_isProportional(Case memory c) public pure {
        (LossWaterfall.Loss memory loss, Usd insured) = _any(c);
        LossWaterfall.Split memory split = LossWaterfall.allocate(loss, insured, NO_LIMIT, NO_LIMIT);
        (uint256 rest, uint256 deficit) = ((loss.deficit + loss.bounty - insured).raw(), loss.deficit.raw());
        uint256 shorts = split.byShorts.raw() * deficit;
        uint256 longs = split.byLongs.raw() * deficit;
        uint256 fairShorts = rest * loss.ofLongs.raw();
        uint256 fairLongs = rest * loss.ofShorts.raw();
        assertTrue(shorts >= fairShorts && shorts < fairShorts + deficit, "shorts: up");
        assertTrue(longs < fairLongs + deficit && longs + deficit > fairLongs, "longs: less than a wei either way");
    }

    function testFuzz_allocate_chargesNobodyForWhatTheyDoNotOppose(Case memory c) public pure {
        c.ofLongs = 0;
        (LossWaterfall.Loss memory loss, Usd insured) = _any(c);
        LossWaterfall.Split memory split = LossWaterfall.allocate(loss, insured, NO_LIMIT, NO_LIMIT);
        assertEq(Usd.unwrap(split.byShorts), int256(0), "no long defaulted");
    }

    function _any(Case memory c) private pure returns (LossWaterfall.Loss memory loss, Usd insured) {
        // Thirds, so that the deficit stays inside the ledger's bound.
        (loss.ofLongs, loss.ofShorts) = (usd(c.ofLongs / 3), usd(c.ofShorts / 3));
        loss.deficit = loss.ofLongs + loss.ofShorts + usd(c.ofNobody / 3) + Usd.wrap(1);
        loss.bounty = usd(c.bounty >> 32);
        insured = Usd.wrap(int256(bound(c.insured, 0, (loss.deficit + loss.bounty).raw())));
    }

    function _loss(
        uint128 ofLongs,
        uint128 ofShorts,
        uint128 deficit,
        uint128 bounty
    ) private pure returns (LossWaterfall.Loss memory) {
        return LossWaterfall.Loss(usd(ofLongs), usd(ofShorts), usd(deficit), usd(bounty));
    }

    function _assertSplit(
        LossWaterfall.Split memory split,
        uint256 byShorts,
        uint256 byLongs,
        uint256 shortfall
    ) private pure {
        assertEq(split.byShorts.raw(), byShorts, "shorts");
        assertEq(split.byLongs.raw(), byLongs, "longs");
        assertEq(split.shortfall.raw(), shortfall, "shortfall");
    }
}
