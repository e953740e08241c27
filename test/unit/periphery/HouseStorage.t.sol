// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {HouseStorage} from "../../../contracts/periphery/HouseStorage.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {ALL_CLOSED, EndedGeneration, HaircutLimit, MarketState} from "../../../contracts/types/MarketState.sol";
import {Position} from "../../../contracts/types/Position.sol";
import {MarketStatus, RiskParameters} from "../../../contracts/types/RiskParameters.sol";
import {ONE_BASE} from "../../../contracts/types/Side.sol";
import {Test} from "../../utils/Test.sol";
import {LensWorld} from "./LensWorld.sol";

/// @notice Unpacking against the compiler: the structs of `types/` are written by it and read back by the library.
contract HouseStoragePackingTest is Test {
    Position private _position;
    MarketState private _market;
    HaircutLimit private _limit;
    EndedGeneration private _ended;

    function testFuzz_decodePosition_readsWhatTheCompilerWrote(Position memory p) public {
        _position = p;
        uint256 slot;
        assembly ("memory-safe") {
            slot := _position.slot
        }
        assertEq(keccak256(abi.encode(HouseStorage.decodePosition(_words(slot, 2)))), keccak256(abi.encode(p)));
    }

    function testFuzz_decodeMarket_readsWhatTheCompilerWrote(MarketState memory s) public {
        s.flags = 7;
        _market = s;
        uint256 slot;
        assembly ("memory-safe") {
            slot := _market.slot
        }
        bytes32[] memory words = _words(slot, HouseStorage.MARKET_SLOTS);
        assertEq(keccak256(abi.encode(HouseStorage.decodeMarket(words))), keccak256(abi.encode(s)));
    }

    function testFuzz_decodeMarket_readsWhatCounts(MarketState memory s) public {
        _market = s;
        uint256 slot;
        assembly ("memory-safe") {
            slot := _market.slot
        }
        MarketState memory found = HouseStorage.decodeMarket(_words(slot, HouseStorage.MARKET_SLOTS));
        (bool long, bool short) = (s.flags & 1 != 0, s.flags & 2 != 0);
        assertEq(uint256(found.longBase), long ? s.longBase : ONE_BASE, "A of longs");
        assertEq(int256(found.longCash), long ? s.longCash : int256(0), "B of longs");
        assertEq(uint256(found.shortBase), short ? s.shortBase : ONE_BASE, "A of shorts");
        assertEq(int256(found.shortCash), short ? s.shortCash : int256(0), "B of shorts");
        assertEq(uint256(found.shortfall), s.flags & 4 != 0 ? s.shortfall : 0, "shortfall");
        assertEq(uint256(found.payout), s.flags & 4 != 0 ? s.payout : 0, "payout");
        // These count always.
        assertEq(uint256(found.flags), s.flags, "flags");
        assertEq(uint256(found.low), s.low, "low");
        assertEq(uint256(found.high), s.high, "high");
        assertEq(uint256(found.previousHigh), s.previousHigh, "previous high");
    }

    function testFuzz_decodeHaircutLimit_readsWhatTheCompilerWrote(HaircutLimit memory h) public {
        _limit = h;
        uint256 slot;
        assembly ("memory-safe") {
            slot := _limit.slot
        }
        assertEq(keccak256(abi.encode(HouseStorage.decodeHaircutLimit(_words(slot, 1)))), keccak256(abi.encode(h)));
    }

    function testFuzz_decodeEndedGeneration_readsWhatTheCompilerWrote(EndedGeneration memory e) public {
        _ended = e;
        uint256 slot;
        assembly ("memory-safe") {
            slot := _ended.slot
        }
        assertEq(keccak256(abi.encode(HouseStorage.decodeEndedGeneration(_words(slot, 1)))), keccak256(abi.encode(e)));
    }

    function _words(uint256 slot, uint256 count) private view returns (bytes32[] memory words) {
        words = new bytes32[](count);
        for (uint256 i; i < count; ++i) words[i] = vm.load(address(this), bytes32(slot + i));
    }
}

/// @notice The slots themselves: what the house has written is found, field by field.
contract HouseStorageSlotsTest is LensWorld {
    int256 private constant UNIT_VALUE = 1e18 << 24;

    uint8 private _market;
    AccountId private _alice;
    AccountId private _bob;

    function setUp() public override {
        super.setUp();
        RiskParameters memory other = _plain();
        other.maintenanceMargin = 60_000;
        _listFine(50e18, other);
        _market = _listFine(2000e18, _plain());
        _alice = _trader("alice", 2_000);
        _bob = _trader("bob", 20_000);
        _insure("backer", 400);
    }

    function test_positionOf_findsBothSides() public {
        _fill(_alice, _bob, _market, 10e18, 1990e18);
        _setFinePrice(_market, 2100e18);
        _settle(_bob);

        Position memory alice = lens.positionOf(_alice, _market);
        assertEq(int256(alice.shares), 10e18, "alice's shares");
        assertEq(int256(alice.paidValue), 2000 * UNIT_VALUE, "alice's paid value");
        assertEq(uint256(alice.generation), 0, "alice's generation");
        assertFalse(alice.hasOwed, "alice has owed");
        assertEq(alice.owed, int256(0), "alice's owed");

        Position memory bob = lens.positionOf(_bob, _market);
        assertEq(int256(bob.shares), -10e18, "bob's shares");
        assertEq(int256(bob.paidValue), -2100 * UNIT_VALUE, "bob's paid value");
        assertEq(lens.positionOf(_bob, 0).shares, int256(0), "nothing in the other market");
    }

    function test_positionOf_findsWhatIsOwed() public {
        _fill(_alice, _bob, _market, 10e18, 2000e18);
        _setFinePrice(_market, 2100e18);
        // Bob has paid nothing yet, so what Alice closes for has to wait.
        AccountId carol = _trader("carol", 20_000);
        _fill(carol, _alice, _market, 10e18, 2100e18);

        Position memory alice = lens.positionOf(_alice, _market);
        assertEq(int256(alice.shares), 0, "shares");
        assertTrue(alice.hasOwed, "has owed");
        assertEq(alice.owed, 1000e18, "owed");
    }

    function test_marketOf_findsEveryField() public {
        _fill(_alice, _bob, _market, 10e18, 2000e18);
        _setFinePrice(_market, 2100e18);
        _settle(_bob);

        MarketState memory s = lens.marketOf(_market);
        assertEq(uint256(s.pool), 1000e18, "pool");
        assertEq(uint256(s.shortfall), 0, "shortfall");
        assertEq(uint256(s.longShares), 10e18, "long shares");
        assertEq(uint256(s.shortShares), 10e18, "short shares");
        assertEq(uint256(s.generation), 0, "generation");
        assertEq(uint256(s.longBase), ONE_BASE, "long base");
        assertEq(uint256(s.shortBase), ONE_BASE, "short base");
        assertEq(int256(s.longCash), 0, "long cash");
        assertEq(int256(s.shortCash), 0, "short cash");
        assertEq(uint256(s.mark), 2100e18, "mark");
        assertEq(uint256(s.publishLag), 0, "published at the same time");
        assertEq(uint256(s.acceptedAt), vm.getBlockTimestamp(), "accepted");
        assertEq(uint256(s.high), 2100e18, "high");
        assertEq(uint256(s.previousHigh), 0, "previous high");
        assertEq(uint256(s.flags), 1 << 4, "nobody has been deleveraged; one step of volatility");
        assertEq(uint256(s.low), (2000e18 << 24) >> 40, "low");
        assertEq(uint256(s.fees), 0, "fees");
        assertEq(int256(s.fundingIndex), 0, "funding index");
        assertEq(int256(s.premium), 0, "premium");
        assertEq(uint256(s.accruedAt), 0, "never accrued: there was no premium");
        assertEq(uint256(s.scale), 24, "scale");
        assertEq(uint256(lens.marketOf(0).mark), 50e18, "the other market");
        assertEq(uint256(lens.marketOf(2).scale), 0, "no market");
    }

    /// @dev Bit 3 for a jump, from bit 4 on the range in steps of 5 %.
    function test_marketOf_findsHowFarMarksReach() public {
        _assertReach(2000e18, 0, 2000e18, 0);
        _bring(2300e18);
        _assertReach(2300e18, 0, 2000e18, 8 | (3 << 4));
        _bring(2300e18);
        _assertReach(2300e18, 0, 2000e18, 3 << 4);
        _bring(1840e18);
        _assertReach(2300e18, 0, 1840e18, 8 | (5 << 4));
        _wait(1 days);
        _bring(1860e18);
        _assertReach(1860e18, 2300e18, 1840e18, 2 << 4);
        _bring(10_000e18);
        _assertReach(10_000e18, 2300e18, 1840e18, 8 | (15 << 4));
        assertEq(uint256(lens.marketOf(0).flags), 0, "the other market");
        assertEq(uint256(lens.marketOf(0).high), 50e18, "the other market");
    }

    function test_marketOf_findsThePayout() public {
        _fill(_alice, _bob, _market, 10e18, 2000e18);
        governor.endMarket(_market);
        _wait(7 days - 1);
        house.accrueFunding(_market);
        assertEq(uint256(lens.marketOf(_market).payout), 0, "not yet");
        assertEq(uint256(lens.marketOf(_market).flags), 0, "nothing counts");
        _wait(1);
        house.accrueFunding(_market);
        assertEq(uint256(lens.marketOf(_market).payout), 1 << 40, "payout");
        assertEq(uint256(lens.marketOf(_market).shortfall), 0, "shortfall");
        assertEq(uint256(lens.marketOf(_market).flags), 4, "the slot of both counts");
        assertEq(uint256(lens.marketOf(0).payout), 0, "the other market");
    }

    /// @dev A second passes, and a call takes the price and does nothing else.
    function _bring(uint256 price) private {
        _announce(_market, price);
        house.accrueFunding(_market);
    }

    function _assertReach(uint256 high, uint256 previousHigh, uint256 low, uint256 flags) private view {
        MarketState memory s = lens.marketOf(_market);
        assertEq(uint256(s.high), high, "high");
        assertEq(uint256(s.previousHigh), previousHigh, "previous high");
        assertEq(uint256(s.low), (low << 24) >> 40, "low");
        assertEq(uint256(s.flags), flags, "flags");
    }

    function test_haircutLimitOf_andEndedGenerationOf_findWhatADeleveragingLeft() public {
        _fill(_alice, _bob, _market, 10e18, 2000e18);
        _setFinePrice(_market, 1700e18);
        _deleverage(_alice);

        // A haircut of 600 over 10 shares; then nothing is left of either side.
        EndedGeneration memory ended = lens.endedGenerationOf(_market, 0);
        assertEq(int256(ended.longValue), 1700 * UNIT_VALUE, "long value");
        assertEq(int256(ended.shortValue), -1760 * UNIT_VALUE, "short value");
        assertEq(uint256(ended.longShift), ALL_CLOSED, "long shift");
        assertEq(uint256(ended.shortShift), ALL_CLOSED, "short shift");
        assertEq(uint256(lens.marketOf(_market).generation), 1, "generation");
        assertEq(int256(lens.endedGenerationOf(_market, 1).longValue), 0, "not ended");
        assertEq(int256(lens.endedGenerationOf(0, 0).longValue), 0, "the other market");

        HaircutLimit memory limit = lens.haircutLimitOf(_market);
        assertEq(uint256(limit.longLeft), uint256(2000 * UNIT_VALUE), "long left");
        assertEq(uint256(limit.shortLeft), uint256(1940 * UNIT_VALUE), "short left");
        assertEq(uint256(limit.markAcceptedAt), 0, "mark accepted: nobody is left");
        assertEq(uint256(lens.haircutLimitOf(0).longLeft), 1, "the other market");
    }

    function test_riskParametersOf_areTheGovernors() public view {
        assertEq(
            keccak256(abi.encode(lens.riskParametersOf(0))),
            keccak256(abi.encode(governor.riskParametersOf(0))),
            "first"
        );
        assertEq(uint256(lens.riskParametersOf(0).maintenanceMargin), 60_000, "margin of the first");
        assertEq(uint256(lens.riskParametersOf(_market).maintenanceMargin), 50_000, "margin of the second");
        assertEq(uint256(lens.riskParametersOf(2).status), uint256(MarketStatus.Unlisted), "not listed");
    }

    function test_house_isWhatIsLookedAt() public view {
        assertEq(address(lens.house()), address(house));
    }
}
