// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC5267} from "@openzeppelin/contracts/interfaces/IERC5267.sol";
import {Errors} from "../../../contracts/interfaces/Errors.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {IOrderSettlement} from "../../../contracts/interfaces/IOrderSettlement.sol";
import {AccountId, NO_ACCOUNT, accountId} from "../../../contracts/types/AccountId.sol";
import {TRADE, WITHDRAW} from "../../../contracts/types/Rights.sol";
import {RecordingHouse} from "../../mocks/RecordingHouse.sol";
import {ApprovingWallet, LyingWallet, ReentrantWallet} from "../../mocks/SignerWallets.sol";
import {Test} from "../../utils/Test.sol";
import {VM_ADDRESS} from "../../utils/Vm.sol";

interface ChainCheat {
    function chainId(uint256 id) external;
}

/// @notice The venue alone, over a house that books whatever it is told: who signed, what is left of an order, what is passed
/// on. Whether the house accepts a trade is tested with the house.
contract OrderSettlementTest is Test {
    uint8 private constant MARKET = 3;
    uint128 private constant SIZE = 10e18;
    uint128 private constant PRICE = 2000e18;
    uint128 private constant ALL_FILLED = type(uint128).max;
    uint256 private constant EVERYTHING = type(uint256).max;
    uint256 private constant CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    RecordingHouse private _house;
    IOrderSettlement private _venue;

    Key private _alice;
    Key private _bob;
    Key private _carol;
    AccountId private _buyer;
    AccountId private _seller;
    AccountId private _submitter;

    function setUp() public {
        vm.warp(1_760_000_000);
        _house = new RecordingHouse();
        _venue = _deployVenue(address(_house));
        _alice = makeAddrAndKey("alice");
        _bob = makeAddrAndKey("bob");
        _carol = makeAddrAndKey("carol");
        _buyer = accountId(_alice.addr, 0);
        _seller = accountId(_bob.addr, 7);
        _submitter = accountId(_carol.addr, 0);
    }

    function test_constructor_refusesNoHouse() public {
        vm.expectRevert(abi.encodeWithSelector(Errors.ZeroAddress.selector));
        _deployVenue(address(0));
        assertEq(address(_venue.house()), address(_house));
    }

    // ------------------------------------------------------------------ what is passed on

    function test_settle_fillsBothOrders() public {
        IOrderSettlement.Order memory buy = _buy();
        IOrderSettlement.Order memory sell = _sell();
        buy.fee = 100;
        sell.fee = 40;

        vm.expectEmit(address(_venue));
        emit IOrderSettlement.OrdersFilled(_buyer, _seller, SIZE, buy.nonce, SIZE, sell.nonce, SIZE);
        vm.prank(_carol.addr);
        uint256 size = _settle(buy, sell, EVERYTHING);

        assertEq(size, SIZE, "size");
        assertEq(_house.fillCount(), 1, "fills");
        IClearingHouse.Fill memory trade = _house.lastFill();
        assertTrue(trade.buyer == _buyer, "buyer");
        assertTrue(trade.seller == _seller, "seller");
        assertEq(trade.market, MARKET, "market");
        assertEq(trade.size, SIZE, "traded");
        assertEq(trade.price, PRICE, "price");
        assertTrue(trade.feeTo == _submitter, "fee to");
        assertEq(trade.buyerFee, 100, "buyer's fee");
        assertEq(trade.sellerFee, 40, "seller's fee");
        _assertLane(_buyer, 5, 1, SIZE);
        _assertLane(_seller, 0, 9, SIZE);
    }

    function test_settle_waivesFeesWhereNobodyEarnsThem() public {
        IOrderSettlement.Order memory buy = _buy();
        buy.fee = 100;
        bytes memory signature = _sign(_alice, buy);
        IOrderSettlement.Order memory sell = _sell();
        _venue.settle(buy, signature, sell, _sign(_bob, sell), EVERYTHING, NO_ACCOUNT);
        assertEq(_house.lastFill().buyerFee, 0, "buyer's fee");
        assertTrue(_house.lastFill().feeTo == NO_ACCOUNT, "fee to");
    }

    function test_settle_letsTwoAccountsOfOneOwnerTrade() public {
        IOrderSettlement.Order memory sell = _sell();
        sell.account = accountId(_alice.addr, 1);
        _settleSigned(_buy(), _alice, sell, _alice, EVERYTHING);
        assertTrue(_house.lastFill().seller == sell.account);
    }

    function test_settle_leavesOrdersAsTheyWere_whenTheHouseRefuses() public {
        _house.refuse(true);
        vm.expectRevert(abi.encodeWithSelector(RecordingHouse.Refused.selector));
        this.settle(_buy(), _sell(), EVERYTHING);
        _assertLane(_buyer, 5, 0, 0);

        _house.refuse(false);
        assertEq(_settle(_buy(), _sell(), EVERYTHING), SIZE);
    }

    // ------------------------------------------------------------------ price

    function test_settle_tradesAtTheMidpoint() public {
        IOrderSettlement.Order memory buy = _buy();
        buy.price = PRICE + 30e18;
        _settle(buy, _sell(), EVERYTHING);
        assertEq(_house.lastFill().price, PRICE + 15e18);
    }

    function test_settle_roundsTheMidpointDown() public {
        IOrderSettlement.Order memory buy = _buy();
        buy.price = PRICE + 1;
        _settle(buy, _sell(), EVERYTHING);
        assertEq(_house.lastFill().price, PRICE);
    }

    function testFuzz_settle_tradesWithinBothLimits(uint128 bid, uint128 ask) public {
        (bid, ask) = bid < ask ? (ask, bid) : (bid, ask);
        IOrderSettlement.Order memory buy = _buy();
        IOrderSettlement.Order memory sell = _sell();
        buy.price = bid;
        sell.price = ask;
        _settle(buy, sell, EVERYTHING);

        uint256 price = _house.lastFill().price;
        assertGe(price, ask, "seller's limit");
        assertLe(price, bid, "buyer's limit");
        assertLe((bid - price) - (price - ask), 1, "to nobody's favour by more than a wei");
    }

    function test_settle_revertsWhenLimitsDoNotCross() public {
        IOrderSettlement.Order memory sell = _sell();
        sell.price = PRICE + 1;
        vm.expectRevert(abi.encodeWithSelector(Errors.OrdersDoNotCross.selector, PRICE, PRICE + 1));
        this.settle(_buy(), sell, EVERYTHING);
    }

    function test_settle_revertsForTwoMarkets() public {
        IOrderSettlement.Order memory sell = _sell();
        sell.market = MARKET + 1;
        vm.expectRevert(abi.encodeWithSelector(Errors.OrdersDoNotMatch.selector, MARKET, MARKET + 1));
        this.settle(_buy(), sell, EVERYTHING);
    }

    function test_settle_revertsForTwoOrdersOfOneSide() public {
        IOrderSettlement.Order memory buy = _buy();
        IOrderSettlement.Order memory sell = _sell();
        sell.isBuy = true;
        vm.expectRevert(abi.encodeWithSelector(Errors.OrderSideWrong.selector, _seller));
        this.settle(buy, sell, EVERYTHING);

        sell.isBuy = false;
        buy.isBuy = false;
        vm.expectRevert(abi.encodeWithSelector(Errors.OrderSideWrong.selector, _buyer));
        this.settle(buy, sell, EVERYTHING);
    }

    // ------------------------------------------------------------------ size

    function test_settle_fillsInPartsUpToTheSizeExactly() public {
        IOrderSettlement.Order memory buy = _buy();
        assertEq(_settle(buy, _sellAt(9), 4e18), 4e18, "first");
        _assertLane(_buyer, 5, 1, 4e18);
        assertEq(_venue.remaining(buy), 6e18, "left");

        vm.expectEmit(address(_venue));
        emit IOrderSettlement.OrdersFilled(_buyer, _seller, 5e18, buy.nonce, 9e18, 10, 5e18);
        assertEq(_settle(buy, _sellAt(10), 5e18), 5e18, "second");

        assertEq(_settle(buy, _sellAt(11), 5e18), 1e18, "clamped to what is left");
        _assertLane(_buyer, 5, 1, SIZE);
        assertEq(_venue.remaining(buy), 0, "nothing left");

        vm.expectRevert(abi.encodeWithSelector(Errors.OrderFilled.selector, _buyer, SIZE, SIZE));
        this.settle(buy, _sellAt(12), 1);
    }

    function test_settle_isBoundByTheSmallerOrder() public {
        IOrderSettlement.Order memory sell = _sell();
        sell.size = 3e18;
        assertEq(_settle(_buy(), sell, EVERYTHING), 3e18);
        assertEq(_venue.remaining(sell), 0, "seller");
        assertEq(_venue.remaining(_buy()), 7e18, "buyer");
    }

    function test_settle_revertsForAnOrderWithoutSize() public {
        IOrderSettlement.Order memory buy = _buy();
        buy.size = 0;
        vm.expectRevert(abi.encodeWithSelector(Errors.OrderFilled.selector, _buyer, 0, 0));
        this.settle(buy, _sell(), EVERYTHING);
    }

    function test_settle_leavesRefusingNothingToTheHouse() public {
        assertEq(_settle(_buy(), _sell(), 0), 0);
        assertEq(_house.lastFill().size, 0);
    }

    function test_settle_sharesTheFillAmongOrdersWithOneNonce() public {
        IOrderSettlement.Order memory dearer = _buy();
        dearer.price = PRICE + 10e18;
        dearer.size = 6e18;
        _settle(_buy(), _sellAt(9), 4e18);
        assertEq(_venue.remaining(dearer), 2e18, "left");
        assertEq(_settle(dearer, _sellAt(10), EVERYTHING), 2e18, "filled");
        assertEq(_venue.remaining(_buy()), 4e18, "left of the larger one");

        dearer.size = 5e18;
        assertEq(_venue.remaining(dearer), 0, "smaller than what is filled");
        vm.expectRevert(abi.encodeWithSelector(Errors.OrderFilled.selector, _buyer, 6e18, 5e18));
        this.settle(dearer, _sellAt(11), EVERYTHING);
    }

    /// @dev Four orders of one lane, offered in any order and any portions, against a model of the lane.
    function testFuzz_settle_neverFillsMoreThanAnOrder(uint256 seed, uint128[4] memory sizes) public {
        uint256[4] memory filled;
        uint256 holder;
        for (uint256 step; step < 16; ++step) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 which = seed % 4;
            IOrderSettlement.Order memory buy = _buy();
            buy.nonce = uint96((uint256(5) << 64) | which);
            // Below the largest uint128, which as a filled amount means cancelled.
            buy.size = uint128(bound(sizes[which], 1, 1e30));
            IOrderSettlement.Order memory sell = _sellAt(uint64(step));
            sell.size = uint128(bound(seed >> 8, 1, 1e30));
            uint256 most = bound(seed >> 136, 1, 1e30);

            uint256 left = which < holder ? 0 : buy.size - filled[which];
            assertEq(_venue.remaining(buy), left, "remaining");
            (bool ok, bytes memory result) = address(this).call(abi.encodeCall(this.settle, (buy, sell, most)));
            assertEq(ok, left > 0, "filled where something is left");
            if (!ok) continue;

            uint256 size = abi.decode(result, (uint256));
            holder = which;
            filled[which] += size;
            assertLe(size, left, "at most what is left");
            assertTrue(size == left || size == sell.size || size == most, "and as much as possible");
            _assertLane(_buyer, 5, uint64(which), uint128(filled[which]));
        }
        assertEq(
            _house.sizeOf(_buyer, MARKET),
            int256(filled[0] + filled[1] + filled[2] + filled[3]),
            "the house booked what the lanes say"
        );
    }

    // ------------------------------------------------------------------ lanes

    function test_settle_letsALaterOrderTakeTheLaneOver() public {
        _settle(_buy(), _sellAt(9), 4e18);
        IOrderSettlement.Order memory later = _buy();
        later.nonce += 3;
        assertEq(_venue.remaining(later), SIZE, "starts at nothing filled");
        _settle(later, _sellAt(10), 1e18);
        _assertLane(_buyer, 5, 4, 1e18);

        assertEq(_venue.remaining(_buy()), 0, "void");
        vm.expectRevert(abi.encodeWithSelector(Errors.OrderSuperseded.selector, _buyer, _buy().nonce, 4));
        this.settle(_buy(), _sellAt(11), 1e18);
    }

    function test_settle_keepsLanesApart() public {
        IOrderSettlement.Order memory other = _buy();
        other.nonce = (6 << 64) | 1;
        _settle(_buy(), _sellAt(9), 4e18);
        _settle(other, _sellAt(10), 3e18);
        _assertLane(_buyer, 5, 1, 4e18);
        _assertLane(_buyer, 6, 1, 3e18);

        other.account = accountId(_alice.addr, 1);
        assertEq(_venue.remaining(other), SIZE, "the same lane of another account");
    }

    function test_settle_takesTheFirstAndTheLastNonce() public {
        IOrderSettlement.Order memory buy = _buy();
        buy.nonce = 0;
        assertEq(_settle(buy, _sellAt(9), 4e18), 4e18, "first, in part");
        assertEq(_settle(buy, _sellAt(10), EVERYTHING), 6e18, "first, the rest");
        buy.nonce = type(uint96).max;
        assertEq(_settle(buy, _sellAt(11), 4e18), 4e18, "last");
        _assertLane(_buyer, type(uint32).max, type(uint64).max, 4e18);
    }

    // ------------------------------------------------------------------ expiry

    function test_settle_worksUntilTheSecondBeforeExpiry() public {
        IOrderSettlement.Order memory buy = _buy();
        vm.warp(buy.expiry - 1);
        assertEq(_venue.remaining(buy), SIZE);
        _settle(buy, _sell(), EVERYTHING);
    }

    function test_settle_revertsFromExpiryOn() public {
        IOrderSettlement.Order memory buy = _buy();
        vm.warp(buy.expiry);
        assertEq(_venue.remaining(buy), 0);
        vm.expectRevert(abi.encodeWithSelector(Errors.OrderExpired.selector, _buyer, buy.expiry));
        this.settle(buy, _sell(), EVERYTHING);
    }

    // ------------------------------------------------------------------ cancel

    function test_cancelOrder_voidsIt_untouched() public {
        IOrderSettlement.Order memory buy = _buy();
        vm.expectEmit(address(_venue));
        emit IOrderSettlement.OrderCancelled(_buyer, buy.nonce);
        vm.prank(_alice.addr);
        _venue.cancelOrder(_buyer, buy.nonce);

        _assertLane(_buyer, 5, 1, ALL_FILLED);
        assertEq(_venue.remaining(buy), 0);
        vm.expectRevert(abi.encodeWithSelector(Errors.OrderCancelled.selector, _buyer, buy.nonce));
        this.settle(buy, _sell(), EVERYTHING);
    }

    function test_cancelOrder_voidsTheRestOfIt_partlyFilled() public {
        _settle(_buy(), _sellAt(9), 4e18);
        vm.prank(_alice.addr);
        _venue.cancelOrder(_buyer, _buy().nonce);
        vm.expectRevert(abi.encodeWithSelector(Errors.OrderCancelled.selector, _buyer, _buy().nonce));
        this.settle(_buy(), _sellAt(10), EVERYTHING);
    }

    function test_cancelOrder_voidsEarlierOrdersAndLeavesLaterOnes() public {
        uint96 nonce = _buy().nonce + 5;
        vm.prank(_alice.addr);
        _venue.cancelOrder(_buyer, nonce);

        vm.expectRevert(abi.encodeWithSelector(Errors.OrderSuperseded.selector, _buyer, _buy().nonce, 6));
        this.settle(_buy(), _sell(), EVERYTHING);

        IOrderSettlement.Order memory later = _buy();
        later.nonce = nonce + 1;
        assertEq(_settle(later, _sell(), EVERYTHING), SIZE, "later");
    }

    function test_cancelOrder_mayBeRepeated() public {
        vm.startPrank(_alice.addr);
        _venue.cancelOrder(_buyer, _buy().nonce);
        _venue.cancelOrder(_buyer, _buy().nonce);
        vm.stopPrank();
        _assertLane(_buyer, 5, 1, ALL_FILLED);
    }

    function test_cancelOrder_revertsForAnOrderThatALaterOneReplaced() public {
        IOrderSettlement.Order memory later = _buy();
        later.nonce += 3;
        _settle(later, _sell(), 1e18);
        vm.expectRevert(abi.encodeWithSelector(Errors.OrderSuperseded.selector, _buyer, _buy().nonce, 4));
        vm.prank(_alice.addr);
        _venue.cancelOrder(_buyer, (5 << 64) | 1);
        _assertLane(_buyer, 5, 4, 1e18);
    }

    function test_cancelLane_voidsEveryOrderOfIt() public {
        _settle(_buy(), _sellAt(9), 4e18);
        vm.expectEmit(address(_venue));
        emit IOrderSettlement.LaneCancelled(_buyer, 5);
        vm.prank(_alice.addr);
        _venue.cancelLane(_buyer, 5);

        IOrderSettlement.Order memory buy = _buy();
        vm.expectRevert(abi.encodeWithSelector(Errors.OrderSuperseded.selector, _buyer, buy.nonce, type(uint64).max));
        this.settle(buy, _sellAt(10), EVERYTHING);

        buy.nonce = (5 << 64) | type(uint64).max;
        assertEq(_venue.remaining(buy), 0, "last sequence");
        vm.expectRevert(abi.encodeWithSelector(Errors.OrderCancelled.selector, _buyer, buy.nonce));
        this.settle(buy, _sellAt(10), EVERYTHING);

        buy.nonce = (6 << 64) | 1;
        assertEq(_settle(buy, _sellAt(10), EVERYTHING), SIZE, "another lane");
    }

    function test_cancelLane_keepsTheEpoch_inLaneZero() public {
        vm.startPrank(_alice.addr);
        uint64 epoch = _venue.cancelAll(_buyer);
        _venue.cancelLane(_buyer, 0);
        vm.stopPrank();
        assertEq(_venue.epochOf(_buyer), epoch);
    }

    function test_cancelAll_voidsOrdersOfEveryLane() public {
        IOrderSettlement.Order memory inLaneZero = _buy();
        inLaneZero.nonce = 1;
        _settle(inLaneZero, _sellAt(9), 4e18);
        IOrderSettlement.Order memory elsewhere = _buy();
        elsewhere.nonce = (uint96(77) << 64) | 1;

        vm.recordLogs();
        vm.prank(_alice.addr);
        uint64 epoch = _venue.cancelAll(_buyer);
        assertEq(
            vm.getRecordedLogs()[0].topics[0],
            IOrderSettlement.AllCancelled.selector,
            "emits the epoch that results"
        );
        assertEq(_venue.epochOf(_buyer), epoch, "epoch");
        _assertLane(_buyer, 0, 1, 4e18);

        vm.expectRevert(abi.encodeWithSelector(Errors.OrderEpochEnded.selector, _buyer, 0, epoch));
        this.settle(inLaneZero, _sellAt(10), EVERYTHING);
        vm.expectRevert(abi.encodeWithSelector(Errors.OrderEpochEnded.selector, _buyer, 0, epoch));
        this.settle(elsewhere, _sellAt(10), EVERYTHING);
        assertEq(_venue.remaining(inLaneZero), 0, "lane 0");
        assertEq(_venue.remaining(elsewhere), 0, "another lane");
    }

    function test_cancelAll_letsNewOrdersNameTheNewEpoch() public {
        vm.prank(_alice.addr);
        uint64 epoch = _venue.cancelAll(_buyer);
        IOrderSettlement.Order memory inLaneZero = _buy();
        inLaneZero.epoch = epoch;
        inLaneZero.nonce = 1;
        IOrderSettlement.Order memory elsewhere = _buy();
        elsewhere.epoch = epoch;
        assertEq(_settle(inLaneZero, _sellAt(9), 4e18), 4e18, "lane 0");
        assertEq(_settle(elsewhere, _sellAt(10), 4e18), 4e18, "another lane");
        assertEq(_venue.remaining(inLaneZero), 6e18, "left in lane 0");
        assertEq(_venue.remaining(elsewhere), 6e18, "left in another lane");
        assertEq(_venue.epochOf(_buyer), epoch, "a fill keeps the epoch");
    }

    function test_cancelAll_voidsOrdersSignedAhead() public {
        IOrderSettlement.Order memory ahead = _buy();
        ahead.epoch = 1;
        vm.expectRevert(abi.encodeWithSelector(Errors.OrderEpochEnded.selector, _buyer, 1, 0));
        this.settle(ahead, _sell(), EVERYTHING);

        vm.startPrank(_alice.addr);
        uint64 first = _venue.cancelAll(_buyer);
        uint64 second = _venue.cancelAll(_buyer);
        vm.stopPrank();
        assertGt(first, 1e6, "not a number that one would sign for");
        assertNotEq(first, second, "nor the same twice in a block");
    }

    function test_cancelAll_leavesOtherAccountsOfTheOwner() public {
        vm.prank(_alice.addr);
        _venue.cancelAll(_buyer);
        IOrderSettlement.Order memory buy = _buy();
        buy.account = accountId(_alice.addr, 1);
        assertEq(_settle(buy, _sell(), EVERYTHING), SIZE);
    }

    function test_cancel_isForTheOwnerAndWhoMayTrade() public {
        bytes memory refusal = abi.encodeWithSelector(Errors.NotPermitted.selector, _buyer, _carol.addr, TRADE);
        _house.setRights(_buyer, _carol.addr, WITHDRAW);
        vm.startPrank(_carol.addr);
        vm.expectRevert(refusal);
        _venue.cancelOrder(_buyer, 1);
        vm.expectRevert(refusal);
        _venue.cancelLane(_buyer, 1);
        vm.expectRevert(refusal);
        _venue.cancelAll(_buyer);

        _house.setRights(_buyer, _carol.addr, TRADE);
        _venue.cancelOrder(_buyer, 1);
        _venue.cancelLane(_buyer, 1);
        _venue.cancelAll(_buyer);
        vm.stopPrank();
    }

    // ------------------------------------------------------------------ reduce-only

    function test_settle_clampsAReduceOnlySellToTheLong() public {
        IOrderSettlement.Order memory sell = _sell();
        sell.reduceOnly = true;
        _house.setSize(_seller, MARKET, 3e18);
        assertEq(_venue.remaining(sell), 3e18, "remaining");
        assertEq(_settle(_buy(), sell, EVERYTHING), 3e18, "size");
        assertEq(_house.sizeOf(_seller, MARKET), 0, "closed, not flipped");
        _assertLane(_seller, 0, 9, 3e18);
    }

    function test_settle_clampsAReduceOnlyBuyToTheShort() public {
        IOrderSettlement.Order memory buy = _buy();
        buy.reduceOnly = true;
        _house.setSize(_buyer, MARKET, -3e18);
        assertEq(_venue.remaining(buy), 3e18, "remaining");
        assertEq(_settle(buy, _sell(), EVERYTHING), 3e18, "size");
        assertEq(_house.sizeOf(_buyer, MARKET), 0, "closed, not flipped");
    }

    function test_settle_leavesAReduceOnlyOrderWithinThePositionAlone() public {
        IOrderSettlement.Order memory sell = _sell();
        sell.reduceOnly = true;
        _house.setSize(_seller, MARKET, 30e18);
        assertEq(_venue.remaining(sell), SIZE, "remaining");
        assertEq(_settle(_buy(), sell, EVERYTHING), SIZE, "size");
    }

    function test_settle_revertsWhereAReduceOnlyOrderWouldIncrease() public {
        IOrderSettlement.Order memory sell = _sell();
        sell.reduceOnly = true;
        int256[2] memory positions = [int256(0), -3e18];
        for (uint256 i; i < 2; ++i) {
            _house.setSize(_seller, MARKET, positions[i]);
            assertEq(_venue.remaining(sell), 0);
            vm.expectRevert(abi.encodeWithSelector(Errors.OrderWouldIncrease.selector, _seller));
            this.settle(_buy(), sell, EVERYTHING);
        }

        IOrderSettlement.Order memory buy = _buy();
        buy.reduceOnly = true;
        _house.setSize(_buyer, MARKET, 3e18);
        assertEq(_venue.remaining(buy), 0);
        vm.expectRevert(abi.encodeWithSelector(Errors.OrderWouldIncrease.selector, _buyer));
        this.settle(buy, _sell(), EVERYTHING);
    }

    function test_settle_looksAtThePositionInTheOrdersMarket() public {
        IOrderSettlement.Order memory sell = _sell();
        sell.reduceOnly = true;
        _house.setSize(_seller, MARKET + 1, 3e18);
        vm.expectRevert(abi.encodeWithSelector(Errors.OrderWouldIncrease.selector, _seller));
        this.settle(_buy(), sell, EVERYTHING);
    }

    // ------------------------------------------------------------------ signatures

    function test_hashOrder_isEip712() public view {
        (
            bytes1 fields,
            string memory name,
            string memory version,
            uint256 chainId,
            address verifyingContract,
            bytes32 salt,
            uint256[] memory extensions
        ) = IERC5267(address(_venue)).eip712Domain();
        assertEq(uint8(fields), 0x0f, "fields");
        assertEq(name, "Zerofloor Orders");
        assertEq(version, "1");
        assertEq(chainId, block.chainid, "chain id");
        assertEq(verifyingContract, address(_venue), "contract");
        assertEq(salt, bytes32(0), "salt");
        assertEq(extensions.length, 0, "extensions");

        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256(bytes(name)),
                keccak256(bytes(version)),
                block.chainid,
                address(_venue)
            )
        );
        IOrderSettlement.Order memory order = _buy();
        bytes32 contents = keccak256(
            abi.encode(
                keccak256(
                    "Order(bytes32 account,uint8 market,bool isBuy,bool reduceOnly,uint128 size,uint128 price,uint96 nonce,uint64 epoch,uint40 expiry,uint24 fee)"
                ),
                order
            )
        );
        assertEq(_venue.hashOrder(order), keccak256(abi.encodePacked(hex"1901", domain, contents)), "digest");
    }

    function test_hashOrder_bindsEveryField() public view {
        bytes32 digest = _venue.hashOrder(_buy());
        for (uint256 field; field < 10; ++field) {
            assertNotEq(_venue.hashOrder(_changed(field)), digest, "field");
        }
    }

    function test_settle_revertsWhenAFieldWasChanged() public {
        bytes memory signature = _sign(_alice, _buy());
        for (uint256 field; field < 10; ++field) {
            // A side or an epoch that was changed is refused before the signature is looked at.
            if (field == 2 || field == 7) continue;
            IOrderSettlement.Order memory buy = _changed(field);
            IOrderSettlement.Order memory sell = _sell();
            sell.market = buy.market;
            bytes memory sellSignature = _sign(_bob, sell);
            vm.expectRevert(abi.encodeWithSelector(Errors.OrderSignatureInvalid.selector, buy.account));
            _venue.settle(buy, signature, sell, sellSignature, EVERYTHING, _submitter);
        }
    }

    function test_settle_revertsForAnotherKey() public {
        vm.expectRevert(abi.encodeWithSelector(Errors.OrderSignatureInvalid.selector, _buyer));
        this.settleSigned(_buy(), _carol, _sell(), _bob, EVERYTHING);
        vm.expectRevert(abi.encodeWithSelector(Errors.OrderSignatureInvalid.selector, _seller));
        this.settleSigned(_buy(), _alice, _sell(), _carol, EVERYTHING);
        vm.expectRevert(abi.encodeWithSelector(Errors.OrderSignatureInvalid.selector, _buyer));
        this.settleSigned(_buy(), _bob, _sell(), _alice, EVERYTHING);
    }

    function test_settle_takesAKeyThatMayTradeForTheAccount() public {
        _house.setRights(_buyer, _carol.addr, TRADE);
        assertEq(_settleSigned(_buy(), _carol, _sell(), _bob, 4e18), 4e18);

        _house.setRights(_buyer, _carol.addr, WITHDRAW);
        vm.expectRevert(abi.encodeWithSelector(Errors.OrderSignatureInvalid.selector, _buyer));
        this.settleSigned(_buy(), _carol, _sellAt(10), _bob, 4e18);
    }

    function test_settle_takesA64ByteSignature() public {
        IOrderSettlement.Order memory buy = _buy();
        IOrderSettlement.Order memory sell = _sell();
        uint256 size = _venue.settle(
            buy,
            _signCompact(_alice, buy),
            sell,
            _signCompact(_bob, sell),
            EVERYTHING,
            _submitter
        );
        assertEq(size, SIZE);
    }

    function test_settle_revertsForTheTwinOfASignature() public {
        IOrderSettlement.Order memory buy = _buy();
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_alice.secret, _venue.hashOrder(buy));
        bytes32 twin = bytes32(CURVE_ORDER - uint256(s));
        assertEq(ecrecover(_venue.hashOrder(buy), v ^ 7, r, twin), _alice.addr, "the curve takes it");
        _expectInvalid(abi.encodePacked(r, twin, v ^ 7));
    }

    function test_settle_revertsForBrokenSignatures() public {
        bytes memory good = _sign(_alice, _buy());
        _expectInvalid("");
        _expectInvalid(new bytes(64));
        _expectInvalid(new bytes(65));
        _expectInvalid(abi.encodePacked(good, uint8(0)));
        good[64] = bytes1(uint8(good[64]) - 27);
        _expectInvalid(good);
    }

    function test_settle_revertsOnAnotherChain() public {
        bytes memory signature = _sign(_alice, _buy());
        ChainCheat(VM_ADDRESS).chainId(block.chainid + 1);
        _expectInvalid(signature);
    }

    function test_settle_revertsAtAnotherVenue() public {
        bytes memory signature = _sign(_alice, _buy());
        _venue = _deployVenue(address(_house));
        _expectInvalid(signature);
    }

    // ------------------------------------------------------------------ contracts that sign

    function test_settle_takesAContractsWord() public {
        ApprovingWallet wallet = new ApprovingWallet();
        IOrderSettlement.Order memory buy = _buy();
        buy.account = accountId(address(wallet), 2);
        wallet.approve(_venue.hashOrder(buy), true);
        assertEq(_settleAs(buy, "anything at all"), SIZE);
    }

    function test_settle_takesAContractsWord_whereTheBytesRecoverToAStranger() public {
        ApprovingWallet wallet = new ApprovingWallet();
        IOrderSettlement.Order memory buy = _buy();
        buy.account = accountId(address(wallet), 2);
        wallet.approve(_venue.hashOrder(buy), true);
        assertEq(_settleAs(buy, _sign(_carol, buy)), SIZE);
    }

    function test_settle_revertsOnceAContractTakesItsWordBack() public {
        ApprovingWallet wallet = new ApprovingWallet();
        IOrderSettlement.Order memory buy = _buy();
        buy.account = accountId(address(wallet), 2);
        wallet.approve(_venue.hashOrder(buy), true);
        wallet.approve(_venue.hashOrder(buy), false);
        vm.expectRevert(abi.encodeWithSelector(Errors.OrderSignatureInvalid.selector, buy.account));
        this.settleAs(buy, "");
    }

    function test_settle_revertsForContractsThatAnswerWrongly() public {
        for (uint8 answer; answer < 4; ++answer) {
            LyingWallet wallet = new LyingWallet(LyingWallet.Answer(answer));
            IOrderSettlement.Order memory buy = _buy();
            buy.account = accountId(address(wallet), 0);
            vm.expectRevert(abi.encodeWithSelector(Errors.OrderSignatureInvalid.selector, buy.account));
            this.settleAs(buy, "");
        }
    }

    /// @dev EIP-7702: the account's key signs although the account has code.
    function test_settle_takesTheKeyOfAnAccountWithCode() public {
        vm.etch(_alice.addr, address(new LyingWallet(LyingWallet.Answer.Revert)).code);
        assertEq(_settle(_buy(), _sell(), EVERYTHING), SIZE);
    }

    function test_settle_letsNobodyReenterThroughASignature() public {
        ReentrantWallet wallet = new ReentrantWallet();
        IOrderSettlement.Order memory buy = _buy();
        buy.account = accountId(address(wallet), 0);
        IOrderSettlement.Order memory sell = _sell();
        IOrderSettlement.Order memory other = _buy();
        bytes memory call_ = abi.encodeCall(
            IOrderSettlement.settle,
            (other, _sign(_alice, other), sell, _sign(_bob, sell), 1e18, _submitter)
        );
        uint256 before = vm.snapshotState();
        (bool ok, ) = address(_venue).call(call_);
        assertTrue(ok, "the call is good");
        vm.revertToState(before);

        wallet.prepare(address(_venue), call_);
        assertEq(_settleAs(buy, ""), SIZE, "the outer trade stands");
        assertEq(_house.fillCount(), 1, "alone");
        _assertLane(_buyer, 5, 0, 0);
        _assertLane(_seller, 0, 9, SIZE);
    }

    // ------------------------------------------------------------------ helpers

    function settle(
        IOrderSettlement.Order memory buy,
        IOrderSettlement.Order memory sell,
        uint256 maxSize
    ) external returns (uint256) {
        return _settle(buy, sell, maxSize);
    }

    function settleSigned(
        IOrderSettlement.Order memory buy,
        Key memory buyKey,
        IOrderSettlement.Order memory sell,
        Key memory sellKey,
        uint256 maxSize
    ) external returns (uint256) {
        return _settleSigned(buy, buyKey, sell, sellKey, maxSize);
    }

    function _deployVenue(address house) private returns (IOrderSettlement) {
        return IOrderSettlement(_create("OrderSettlement.sol:OrderSettlement", abi.encode(house)));
    }

    function settleAs(IOrderSettlement.Order memory buy, bytes memory signature) external returns (uint256) {
        return _settleAs(buy, signature);
    }

    function _settle(
        IOrderSettlement.Order memory buy,
        IOrderSettlement.Order memory sell,
        uint256 maxSize
    ) private returns (uint256) {
        return _settleSigned(buy, _alice, sell, _bob, maxSize);
    }

    function _settleSigned(
        IOrderSettlement.Order memory buy,
        Key memory buyKey,
        IOrderSettlement.Order memory sell,
        Key memory sellKey,
        uint256 maxSize
    ) private returns (uint256) {
        return _venue.settle(buy, _sign(buyKey, buy), sell, _sign(sellKey, sell), maxSize, _submitter);
    }

    function _settleAs(IOrderSettlement.Order memory buy, bytes memory signature) private returns (uint256) {
        IOrderSettlement.Order memory sell = _sell();
        return _venue.settle(buy, signature, sell, _sign(_bob, sell), EVERYTHING, _submitter);
    }

    function _expectInvalid(bytes memory signature) private {
        vm.expectRevert(abi.encodeWithSelector(Errors.OrderSignatureInvalid.selector, _buyer));
        this.settleAs(_buy(), signature);
    }

    /// @dev In lane 5, at sequence 1.
    function _buy() private view returns (IOrderSettlement.Order memory) {
        return
            IOrderSettlement.Order({
                account: _buyer,
                market: MARKET,
                isBuy: true,
                reduceOnly: false,
                size: SIZE,
                price: PRICE,
                nonce: (5 << 64) | 1,
                epoch: 0,
                expiry: 1_760_000_000 + 1 hours,
                fee: 0
            });
    }

    function _sell() private view returns (IOrderSettlement.Order memory) {
        return _sellAt(9);
    }

    /// @dev In lane 0.
    function _sellAt(uint64 sequence) private view returns (IOrderSettlement.Order memory order) {
        order = _buy();
        order.account = _seller;
        order.isBuy = false;
        order.nonce = sequence;
        order.expiry += 1 hours;
    }

    function _changed(uint256 field) private view returns (IOrderSettlement.Order memory order) {
        order = _buy();
        if (field == 0) order.account = accountId(_alice.addr, 1);
        if (field == 1) order.market += 1;
        if (field == 2) order.isBuy = !order.isBuy;
        if (field == 3) order.reduceOnly = true;
        if (field == 4) order.size += 1;
        if (field == 5) order.price += 1;
        if (field == 6) order.nonce += 1;
        if (field == 7) order.epoch += 1;
        if (field == 8) order.expiry += 1;
        if (field == 9) order.fee += 1;
    }

    function _sign(Key memory key, IOrderSettlement.Order memory order) private view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key.secret, _venue.hashOrder(order));
        return abi.encodePacked(r, s, v);
    }

    function _signCompact(Key memory key, IOrderSettlement.Order memory order) private view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key.secret, _venue.hashOrder(order));
        return abi.encodePacked(r, uint256(s) | (uint256(v - 27) << 255));
    }

    function _assertLane(AccountId account, uint32 lane, uint64 sequence, uint128 filled) private view {
        (uint64 holder, uint128 filled_) = _venue.laneOf(account, lane);
        assertEq(holder, sequence, "lane: sequence");
        assertEq(filled_, filled, "lane: filled");
    }
}
