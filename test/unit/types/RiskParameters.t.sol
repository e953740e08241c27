// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MILLI, MarketStatus, PPM, PackedRisk, RiskParameters, pack} from "../../../contracts/types/RiskParameters.sol";
import {Test} from "../../utils/Test.sol";

contract RiskParametersTest is Test {
    uint256 internal constant FIELDS = 18;

    function testFuzz_pack_givesBackEveryField(uint256[FIELDS] memory values) public pure {
        uint256[FIELDS] memory highest = _highest();
        for (uint256 i; i < FIELDS; ++i) values[i] = bound(values[i], 0, highest[i]);
        // The governor demands multiples of a thousandth of a token.
        (values[9], values[10]) = (values[9] - (values[9] % MILLI), values[10] - (values[10] % MILLI));
        RiskParameters memory p = _parameters(values);
        assertEq(keccak256(abi.encode(pack(p).unpack())), keccak256(abi.encode(p)), "round trip");
        uint256[FIELDS] memory read = _read(pack(p));
        for (uint256 i; i < FIELDS; ++i) assertEq(read[i], values[i], "field");
    }

    /// @dev One field at the highest value that the governor accepts (or that its type has), all others zero: it comes back
    /// and every other stays zero, so no two share a bit and none loses one.
    function test_pack_keepsFieldsApart() public pure {
        uint256[FIELDS] memory highest = _highest();
        uint256 usedOfTrading;
        uint256 usedOfClosing;
        for (uint256 i; i < FIELDS; ++i) {
            uint256[FIELDS] memory values;
            values[i] = highest[i];
            PackedRisk memory packed = pack(_parameters(values));
            uint256[FIELDS] memory read = _read(packed);
            for (uint256 j; j < FIELDS; ++j) assertEq(read[j], values[j], "field");

            assertEq(packed.trading & usedOfTrading, 0, "bits of another field");
            assertEq(packed.closing & usedOfClosing, 0, "bits of another field");
            usedOfTrading |= packed.trading;
            usedOfClosing |= packed.closing;
            assertTrue(packed.trading == 0 || packed.closing == 0, "one word");
        }
    }

    /// @dev The other way round: one field zero, all others at their highest.
    function test_pack_keepsAZeroAmongTheHighest() public pure {
        for (uint256 i; i < FIELDS; ++i) {
            uint256[FIELDS] memory values = _highest();
            values[i] = 0;
            uint256[FIELDS] memory read = _read(pack(_parameters(values)));
            for (uint256 j; j < FIELDS; ++j) assertEq(read[j], values[j], "field");
        }
    }

    function test_pack_laysOutTheBitsAsDocumented() public pure {
        uint256[FIELDS] memory ones;
        for (uint256 i; i < FIELDS; ++i) ones[i] = 1;
        (ones[9], ones[10]) = (MILLI, MILLI);
        PackedRisk memory packed = pack(_parameters(ones));
        assertEq(
            packed.trading,
            1 |
                (1 << 2) |
                (1 << 3) |
                (1 << 23) |
                (1 << 43) |
                (1 << 63) |
                (1 << 82) |
                (1 << 96) |
                (1 << 115) |
                (1 << 175) |
                (1 << 205) |
                (1 << 225),
            "trading"
        );
        assertEq(packed.closing, 1 | (1 << 24) | (1 << 48) | (1 << 72) | (1 << 96) | (1 << 120), "closing");
    }

    /// @dev The clearing house takes an empty word for a market that is not listed.
    function test_unpack_ofNothingIsUnlisted() public pure {
        PackedRisk memory nothing;
        assertEq(uint256(nothing.unpack().status), uint256(MarketStatus.Unlisted), "status");
    }

    // ------------------------------------------------------------------ fields by number

    function _highest() private pure returns (uint256[FIELDS] memory v) {
        v[0] = uint256(MarketStatus.Settled);
        (v[1], v[16], v[17], v[11]) = (PPM, PPM, PPM, PPM);
        (v[2], v[7]) = (500_000, 500_000);
        for (uint256 i = 3; i <= 5; ++i) v[i] = type(uint24).max;
        (v[6], v[8]) = (10_000, type(uint24).max);
        (v[9], v[10]) = (1e33, 1e24);
        v[12] = type(uint16).max;
        v[13] = type(uint24).max;
        v[14] = type(uint80).max;
        v[15] = 1;
    }

    function _parameters(uint256[FIELDS] memory v) private pure returns (RiskParameters memory p) {
        p.status = MarketStatus(v[0]);
        (p.initialMargin, p.maintenanceMargin) = (uint24(v[1]), uint24(v[2]));
        (p.incentiveMin, p.incentiveMax, p.fundFee) = (uint24(v[3]), uint24(v[4]), uint24(v[5]));
        (p.tradeFee, p.priceBand, p.buffer) = (uint24(v[6]), uint24(v[7]), uint24(v[8]));
        (p.openInterestCap, p.minNotional) = (uint112(v[9]), uint80(v[10]));
        (p.shortfallLimit, p.maxFundingRate) = (uint24(v[11]), uint16(v[12]));
        (p.bountyRate, p.bountyCap) = (uint24(v[13]), uint80(v[14]));
        p.isolatedOnly = v[15] != 0;
        (p.initialMarginAtCap, p.volatilityMargin) = (uint24(v[16]), uint24(v[17]));
    }

    function _read(PackedRisk memory p) private pure returns (uint256[FIELDS] memory v) {
        v[0] = uint256(p.status());
        (v[1], v[2]) = (p.initialMargin(), p.maintenanceMargin());
        (v[3], v[4], v[5]) = (p.incentiveMin(), p.incentiveMax(), p.fundFee());
        (v[6], v[7], v[8]) = (p.tradeFee(), p.priceBand(), p.buffer());
        (v[9], v[10]) = (p.openInterestCap(), p.minNotional());
        (v[11], v[12]) = (p.shortfallLimit(), p.maxFundingRate());
        (v[13], v[14]) = (p.bountyRate(), p.bountyCap());
        (v[15], v[16], v[17]) = (p.isolatedOnly() ? 1 : 0, p.initialMarginAtCap(), p.volatilityMargin());
    }
}
