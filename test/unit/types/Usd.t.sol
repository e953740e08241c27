// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Usd, ZERO_USD, usd} from "../../../contracts/types/Usd.sol";
import {Test} from "../../utils/Test.sol";

contract UsdTest is Test {
    /// @dev The documented bound of any amount.
    int256 internal constant MOST = 1 << 120;

    function testFuzz_operators_areThoseOfTheNumbers(int256 a, int256 b) public pure {
        (a, b) = (bound(a, -MOST, MOST), bound(b, -MOST, MOST));
        (Usd x, Usd y) = (Usd.wrap(a), Usd.wrap(b));
        assertEq(Usd.unwrap(x + y), a + b, "+");
        assertEq(Usd.unwrap(x - y), a - b, "-");
        assertEq(Usd.unwrap(-x), -a, "minus sign");
        assertEq(x == y, a == b, "==");
        assertEq(x != y, a != b, "!=");
        assertEq(x < y, a < b, "<");
        assertEq(x <= y, a <= b, "<=");
        assertEq(x > y, a > b, ">");
        assertEq(x >= y, a >= b, ">=");
        assertEq(Usd.unwrap(x.min(y)), a < b ? a : b, "min");
        assertEq(Usd.unwrap(x.max(y)), a < b ? b : a, "max");
    }

    function testFuzz_comparisons_ofEquals(int256 a) public pure {
        (Usd x, Usd y) = (Usd.wrap(a), Usd.wrap(a));
        assertTrue(x == y && x <= y && x >= y, "equal");
        assertFalse(x != y || x < y || x > y, "not different");
    }

    function testFuzz_parts_addUpToTheAmount(int256 a) public pure {
        Usd x = Usd.wrap(a);
        assertEq(Usd.unwrap(x.positivePart() + x.negativePart()), a, "sum");
        assertTrue(x.positivePart() >= ZERO_USD, "positive part");
        assertTrue(x.negativePart() <= ZERO_USD, "negative part");
        assertTrue(x.positivePart() == ZERO_USD || x.negativePart() == ZERO_USD, "only one of them");
    }

    function test_part_roundsAsItsNameSays() public pure {
        assertEq(Usd.wrap(100e18).partUp(50_000).raw(), 5e18, "5 % up, exact");
        assertEq(Usd.wrap(100e18).partDown(50_000).raw(), 5e18, "5 % down, exact");
        assertEq(Usd.wrap(1).partUp(1).raw(), 1, "a wei, up");
        assertEq(Usd.wrap(999_999).partDown(1).raw(), 0, "less than a wei, down");
        assertEq(Usd.wrap(1_000_001).partUp(1).raw(), 2, "more than a wei, up");
        assertEq(ZERO_USD.partUp(1_000_000).raw(), 0, "nothing, up");
    }

    function testFuzz_part_bracketsTheExactPart(uint120 a, uint24 ppm) public pure {
        Usd x = usd(a);
        (uint256 up, uint256 down) = (x.partUp(ppm).raw(), x.partDown(ppm).raw());
        uint256 product = uint256(a) * ppm;
        assertTrue(down * 1e6 <= product && product < (down + 1) * 1e6, "down");
        assertTrue(up * 1e6 >= product && product + 1e6 > up * 1e6, "up");
    }

    function test_share_roundsAsItsNameSays() public pure {
        (Usd ten, Usd one, Usd three) = (Usd.wrap(10), Usd.wrap(1), Usd.wrap(3));
        assertEq(ten.shareDown(one, three).raw(), 3, "10 / 3 down");
        assertEq(ten.shareUp(one, three).raw(), 4, "10 / 3 up");
        assertEq(ten.shareUp(three, three).raw(), 10, "all of it");
        assertEq(ten.shareDown(ZERO_USD, three).raw(), 0, "none of it");
        assertEq(ten.shareUp(ZERO_USD, three).raw(), 0, "none of it, up");
    }

    function testFuzz_share_bracketsTheExactShare(uint120 a, uint120 part, uint120 whole) public pure {
        uint256 w = bound(whole, 1, type(uint120).max);
        (Usd p, Usd all) = (usd(part), usd(uint128(w)));
        (uint256 up, uint256 down) = (usd(a).shareUp(p, all).raw(), usd(a).shareDown(p, all).raw());
        uint256 product = uint256(a) * part;
        assertLe(down * w, product, "down is not above");
        assertLt(product - down * w, w, "nor one below");
        assertGe(up * w, product, "up is not below");
        assertLt(up * w - product, w, "nor one above");
    }

    function test_usd_keepsAllBitsClearOfTheSign() public pure {
        assertEq(Usd.unwrap(usd(type(uint128).max)), int256(2 ** 128 - 1));
        assertEq(usd(0).raw(), 0);
    }

    function test_toUint_refusesAMinusSign() public {
        assertEq(Usd.wrap(type(int256).max).toUint(), 2 ** 255 - 1);
        assertEq(ZERO_USD.toUint(), 0);
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x01));
        this.toUint(Usd.wrap(-1));
    }

    function toUint(Usd a) external pure returns (uint256) {
        return a.toUint();
    }
}
