// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MockPyth} from "@pythnetwork/pyth-sdk-solidity/MockPyth.sol";
import {Errors} from "../../../contracts/interfaces/Errors.sol";
import {IInsuranceFund} from "../../../contracts/interfaces/IInsuranceFund.sol";
import {IPriceSource} from "../../../contracts/interfaces/IPriceSource.sol";
import {PythKeeper} from "../../../contracts/periphery/PythKeeper.sol";
import {AccountId, NO_ACCOUNT, accountId} from "../../../contracts/types/AccountId.sol";
import {Rights, TRADE} from "../../../contracts/types/Rights.sol";
import {RiskParameters} from "../../../contracts/types/RiskParameters.sol";
import {LedgerReader} from "../../invariant/LedgerReader.sol";

/// @dev Calls the keeper again with what it gets back.
contract Spendthrift {
    PythKeeper private immutable _keeper;
    bytes[] private _update;
    uint256 public refunds;

    constructor(PythKeeper keeper, bytes[] memory update) payable {
        _keeper = keeper;
        _update = update;
    }

    function act(uint256 value) external {
        _keeper.updateAndDeleverage{value: value}(_update, new AccountId[](0), NO_ACCOUNT);
    }

    // solhint-disable-next-line no-complex-fallback
    receive() external payable {
        ++refunds;
        if (refunds < 3) _keeper.updateAndDeleverage{value: msg.value}(_update, new AccountId[](0), NO_ACCOUNT);
    }
}

/// @notice Prices brought and acted on in one transaction, against Pyth's own `MockPyth`.
contract PythKeeperTest is LedgerReader {
    bytes32 private constant ID = bytes32(uint256(0xe7));
    uint256 private constant FEE = 0.01 ether;

    MockPyth private pyth;
    PythKeeper private keeper;
    uint8 private market;
    AccountId private long;
    AccountId private short;
    AccountId private taker;

    /// @dev A market whose price comes from Pyth alone: long 10 from 100 with 100, MM 5 %.
    function setUp() public override {
        super.setUp();
        pyth = new MockPyth(60, FEE);
        keeper = PythKeeper(_create("PythKeeper.sol:PythKeeper", abi.encode(pyth, house)));
        pyth.updatePriceFeeds{value: FEE}(_price(100));
        address source = _create("PythSource.sol:PythSource", abi.encode(pyth, ID));
        oracle.setFeed(0, _feed(IPriceSource(source)));
        RiskParameters memory p = _plain();
        (p.tradeFee, p.bountyRate, p.bountyCap) = (1_000, 1_000, 1_000e18);
        market = governor.listMarket(p, MAX_PRICE);
        fund.setLimit(market, IInsuranceFund.Limit(1e33, 0, 0));

        (long, short) = (_trader("long", 0), _trader("short", 10_000));
        _deposit(long, 101e18);
        _fill(long, short, market, 10e18, 100e18);
        taker = _trader("taker", 10_000);
        vm.prank(taker.owner());
        house.setOperator(0, address(keeper), TRADE);
        vm.deal(taker.owner(), 1 ether);
        vm.warp(vm.getBlockTimestamp() + 12);
    }

    function _price(int64 price) private view returns (bytes[] memory update) {
        update = new bytes[](1);
        update[0] = pyth.createPriceFeedUpdateData(ID, price, 0, 0, price, 0, uint64(vm.getBlockTimestamp()), 0);
    }

    // ---------------------------------------------------------------- liquidate

    function test_updateAndLiquidate_actsAtTheNewPrice_andRefunds() public {
        bytes[] memory update = _price(94);
        vm.prank(taker.owner());
        uint256 taken = keeper.updateAndLiquidate{value: 0.5 ether}(update, long, market, type(uint256).max, taker);
        assertGt(taken, 0, "taken");
        assertEq(house.sizeOf(taker, market), int256(taken), "size");
        assertEq(_marketWords(market).mark, 94e18, "mark");
        assertEq(taker.owner().balance, 1 ether - FEE, "refund");
        assertEq(address(keeper).balance, 0, "keeps nothing");
        assertEq(address(pyth).balance, 2 * FEE, "Pyth's fee, and the first one");
    }

    function test_updateAndLiquidate_refusesWhomTheAccountDoesNotTrust() public {
        address stranger = makeAddr("stranger");
        vm.deal(stranger, 1 ether);
        bytes[] memory update = _price(94);
        vm.expectRevert(abi.encodeWithSelector(Errors.NotPermitted.selector, taker, stranger, TRADE));
        vm.prank(stranger);
        keeper.updateAndLiquidate{value: FEE}(update, long, market, 1e18, taker);

        // One of its operators may.
        vm.prank(taker.owner());
        house.setOperator(0, stranger, TRADE);
        vm.prank(stranger);
        keeper.updateAndLiquidate{value: FEE}(update, long, market, 1e18, taker);
    }

    function test_updateAndLiquidate_needsTheRightItself() public {
        vm.startPrank(taker.owner());
        house.setOperator(0, address(keeper), Rights.wrap(0));
        bytes[] memory update = _price(94);
        vm.expectRevert(abi.encodeWithSelector(Errors.NotPermitted.selector, taker, address(keeper), TRADE));
        keeper.updateAndLiquidate{value: FEE}(update, long, market, 1e18, taker);
    }

    function test_updateAndLiquidate_passesOnTheHousesRefusal_andPaysNothing() public {
        bytes[] memory update = _price(99);
        vm.startPrank(taker.owner());
        vm.expectPartialRevert(Errors.NotLiquidatable.selector);
        keeper.updateAndLiquidate{value: FEE}(update, long, market, 1e18, taker);
        assertEq(taker.owner().balance, 1 ether, "nothing");
    }

    function test_update_refusesLessThanTheFee() public {
        bytes[] memory update = _price(94);
        vm.startPrank(taker.owner());
        vm.expectRevert(abi.encodeWithSelector(Errors.UpdateFeeUnpaid.selector, FEE, FEE - 1));
        keeper.updateAndLiquidate{value: FEE - 1}(update, long, market, 1e18, taker);
        vm.expectRevert(abi.encodeWithSelector(Errors.UpdateFeeUnpaid.selector, FEE, FEE - 1));
        keeper.updateAndDeleverage{value: FEE - 1}(update, _list1(long), NO_ACCOUNT);
    }

    // ---------------------------------------------------------------- deleverage

    /// @dev At 80: a deficit of 100. The fund has the fees of opening, 2, and pays the bounty of 0.8 first.
    function test_updateAndDeleverage_actsAtTheNewPrice_andPaysTheBountyOut() public {
        _insure("backer", 1_000);
        address caller = makeAddr("caller");
        vm.deal(caller, 1 ether);
        bytes[] memory update = _price(80);
        vm.prank(caller);
        keeper.updateAndDeleverage{value: 0.5 ether}(update, _list1(long), NO_ACCOUNT);

        assertEq(_equity(long), 0, "resolved");
        assertEq(token.balanceOf(caller), 0.8e18, "1,000 ppm of 10 at 80");
        assertEq(_collateral(accountId(address(keeper), 0)), 0, "the keeper's account");
        assertEq(caller.balance, 1 ether - FEE, "refund");
        assertEq(address(keeper).balance, 0, "keeps nothing");
    }

    function test_updateAndDeleverage_takesOnlyTakersOfItsCaller() public {
        _insure("backer", 1_000);
        bytes[] memory update = _price(80);
        address stranger = makeAddr("stranger");
        vm.deal(stranger, 1 ether);
        vm.expectRevert(abi.encodeWithSelector(Errors.NotPermitted.selector, taker, stranger, TRADE));
        vm.prank(stranger);
        keeper.updateAndDeleverage{value: FEE}(update, _list1(long), taker);

        vm.prank(taker.owner());
        keeper.updateAndDeleverage{value: FEE}(update, _list1(long), taker);
        assertEq(house.sizeOf(taker, market), 10e18, "taken over");
    }

    function test_updateAndDeleverage_doesNothingWhereNobodyIsInDefault() public {
        bytes[] memory update = _price(99);
        vm.prank(taker.owner());
        keeper.updateAndDeleverage{value: FEE}(update, _list1(long), NO_ACCOUNT);
        assertEq(house.sizeOf(long, market), 10e18, "still there");
    }

    /// @dev Whoever calls again from the refund pays again, and only with its own.
    function test_refund_mayReenter() public {
        Spendthrift caller = new Spendthrift{value: 1 ether}(keeper, _price(99));
        caller.act(1 ether);
        assertEq(caller.refunds(), 3, "refunds");
        assertEq(address(caller).balance, 1 ether - 3 * FEE, "three fees");
        assertEq(address(keeper).balance, 0, "keeps nothing");
    }
}
