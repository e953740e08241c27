// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {Errors} from "../../../contracts/interfaces/Errors.sol";
import {Events} from "../../../contracts/interfaces/Events.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {ICollateralVault} from "../../../contracts/interfaces/ICollateralVault.sol";
import {IInsuranceFund} from "../../../contracts/interfaces/IInsuranceFund.sol";
import {IMarketGovernor} from "../../../contracts/interfaces/IMarketGovernor.sol";
import {IOrderSettlement} from "../../../contracts/interfaces/IOrderSettlement.sol";
import {Call, Courier} from "../../../contracts/periphery/Courier.sol";
import {AccountId, NO_ACCOUNT, accountId} from "../../../contracts/types/AccountId.sol";
import {Rights, TRADE, WITHDRAW} from "../../../contracts/types/Rights.sol";
import {RiskParameters} from "../../../contracts/types/RiskParameters.sol";
import {HouseTest} from "./HouseTest.sol";

/// @notice Somebody else's contract that a batch calls.
contract Passerby {
    address public caller;

    function note() external {
        caller = msg.sender;
    }

    function act(address target, bytes calldata data) external returns (bytes memory) {
        return Address.functionCall(target, data);
    }
}

/// @notice Several calls with one margin check at the end: what is deferred, what is not, and what a courier can do for whoever
/// sends it.
contract BatchingTest is HouseTest {
    uint8 private _m;
    AccountId private _keeper;
    AccountId private _maker;
    Call[] private _calls;

    function setUp() public override {
        super.setUp();
        _m = _list(100e18, _plain());
        _keeper = _join("keeper", 100);
        _maker = _join("maker", 100_000);
        _allow(_maker, _keeper.owner(), TRADE);
    }

    // ------------------------------------------------------------------ what is deferred

    function test_batch_checksTheMarginOnceAtTheEnd() public {
        // 50 units need 500 of margin; the 100 there are suffice when 40 have been sold again.
        _add(_fillCall(_keeper, _maker, 50e18, 100e18));
        _add(_fillCall(_maker, _keeper, 40e18, 100e18));
        _run(_keeper.owner());
        _assertAccount(_keeper, _m, 100e18, 10e18, "keeper");
        _assertSolvent();
    }

    /// @dev Whatever is done in a transaction, and for how many, a market's price is asked for once.
    function test_batch_asksForThePriceOnce() public {
        _pass(1);
        for (uint256 i; i < 3; ++i) _add(_fillCall(_keeper, _maker, 1e18, 100e18));
        vm.expectCall(address(oracle), abi.encodeWithSelector(oracle.read.selector), 1);
        _run(_keeper.owner());
    }

    function test_batch_refuses_whenTheMarginIsMissingAtTheEnd() public {
        _add(_fillCall(_keeper, _maker, 50e18, 100e18));
        _add(_fillCall(_maker, _keeper, 40e18 - 1, 100e18));
        vm.expectRevert(
            abi.encodeWithSelector(Errors.InsufficientMargin.selector, _keeper, int256(100e18), 100e18 + 10)
        );
        this.run(_keeper.owner());
    }

    /// @dev Whom one batch has proved, the next of the transaction does not ask again: by then its margin may be less than the
    /// initial one, as anybody's.
    function test_batch_asksOnlyItsOwn() public {
        _add(_fillCall(_keeper, _maker, 10e18, 100e18));
        this.runAndTighten(_keeper.owner());
        _assertAccount(_keeper, _m, 100e18, 10e18, "keeper");
    }

    /// @dev The second batch of a transaction finds nobody in charge and nothing pending, and is checked like the first.
    function test_batch_leavesNothingBehindInItsTransaction() public {
        _add(_fillCall(_keeper, _maker, 6e18, 100e18));
        vm.expectRevert(abi.encodeWithSelector(Errors.InsufficientMargin.selector, _keeper, int256(100e18), 120e18));
        this.runTwice(_keeper.owner());
        delete _calls;
        _add(_fillCall(_keeper, _maker, 5e18, 100e18));
        this.runTwice(_keeper.owner());
        _assertAccount(_keeper, _m, 100e18, 10e18, "keeper");
        _assertSolvent();
    }

    function test_batch_defersAWithdrawal() public {
        _fill(_keeper, _maker, _m, 10e18, 100e18);
        _add(address(house), abi.encodeCall(house.withdraw, (_keeper, 60e18, _keeper.owner())));
        _add(_fillCall(_maker, _keeper, 6e18, 100e18));
        _run(_keeper.owner());
        _assertAccount(_keeper, _m, 40e18, 4e18, "keeper");
        assertEq(token.balanceOf(_keeper.owner()), 60e18, "paid");
        _assertSolvent();
    }

    function test_batch_doesNotDeferAWithdrawal_forWhoMayOnlyWithdraw() public {
        address treasurer = makeAddr("treasurer");
        _fill(_keeper, _maker, _m, 10e18, 100e18);
        _allow(_keeper, treasurer, WITHDRAW);
        _add(address(house), abi.encodeCall(house.withdraw, (_keeper, 1, treasurer)));
        vm.expectRevert(
            abi.encodeWithSelector(Errors.InsufficientMargin.selector, _keeper, int256(100e18 - 1), 100e18)
        );
        this.run(treasurer);
    }

    function test_batch_doesNotDeferTheMarginOfOthers() public {
        // The venue may trade for a third, who is nobody of the batcher's.
        AccountId third = _join("third", 100);
        Passerby venue = new Passerby();
        _allow(third, address(venue), TRADE);
        _allow(_maker, address(venue), TRADE);
        bytes memory data = abi.encodeCall(
            house.fill,
            (IClearingHouse.Fill(third, _maker, _m, 50e18, 100e18, NO_ACCOUNT, 0, 0))
        );
        _add(address(venue), abi.encodeCall(venue.act, (address(house), data)));
        vm.expectRevert(abi.encodeWithSelector(Errors.InsufficientMargin.selector, third, int256(100e18), 500e18));
        this.run(_keeper.owner());
    }

    function test_batch_defersTheMarginOfWhoeverTheBatcherTradesFor() public {
        AccountId client = _join("client", 100);
        _allow(client, _keeper.owner(), TRADE);
        _add(_fillCall(client, _maker, 50e18, 100e18));
        vm.expectRevert(abi.encodeWithSelector(Errors.InsufficientMargin.selector, client, int256(100e18), 500e18));
        this.run(_keeper.owner());
    }

    function test_batch_defersNoUnpaidLoss() public {
        // Bought at 105 and marked at 100: the loss of 105 exceeds the collateral, whatever comes later.
        _add(_fillCall(_keeper, _maker, 21e18, 105e18));
        _add(_fillCall(_maker, _keeper, 21e18, 105e18));
        vm.expectRevert(abi.encodeWithSelector(Errors.UnpaidLoss.selector, _keeper, 5e18));
        this.run(_keeper.owner());
    }

    function test_batch_refusesToWithdrawWhatALossHasTaken() public {
        _fill(_keeper, _maker, _m, 10e18, 100e18);
        _setPrice(_m, 95e18);
        _add(address(house), abi.encodeCall(house.withdraw, (_keeper, 50e18 + 1, _keeper.owner())));
        vm.expectRevert(abi.encodeWithSelector(Errors.UnpaidLoss.selector, _keeper, 1));
        this.run(_keeper.owner());
    }

    function test_batch_needsAPriceAtTheEnd_forWhatItDeferred() public {
        uint8 other = _list(100e18, _plain());
        AccountId rich = _join("rich", 10_000);
        _fill(rich, _maker, other, 1e18, 100e18);
        _refuse(other);
        _add(address(house), abi.encodeCall(house.withdraw, (rich, 1, rich.owner())));
        vm.expectRevert(abi.encodeWithSelector(Errors.PriceNotPositive.selector, int256(0)));
        this.run(rich.owner());
    }

    function test_batch_chargesAPendingReducerInFull() public {
        RiskParameters memory p = _plain();
        p.tradeFee = 10_000;
        governor.setRiskParameters(_m, p);
        _add(_fillCall(_keeper, _maker, 40e18, 100e18));
        _add(_fillCall(_maker, _keeper, 40e18, 100e18));
        _run(_keeper.owner());
        _assertAccount(_keeper, _m, 20e18, 0, "keeper");
        _assertSolvent();
    }

    function test_batch_refusesAPendingReducerWhoCannotPayItsFee() public {
        RiskParameters memory p = _plain();
        p.tradeFee = 10_000;
        governor.setRiskParameters(_m, p);
        _add(_fillCall(_keeper, _maker, 90e18, 100e18));
        _add(_fillCall(_maker, _keeper, 90e18, 100e18));
        vm.expectRevert(abi.encodeWithSelector(Errors.InsufficientCollateral.selector, 10e18, 90e18));
        this.run(_keeper.owner());
    }

    /// @dev A gain at the fill may pay an unpaid loss or the fee, not both: what pays the loss leaves no collateral.
    function test_batch_refusesAFeeThatNoCollateralPays() public {
        (uint8 other, AccountId x) = (_list(100e18, _plain()), _join("x", 1_000));
        _allow(_maker, x.owner(), TRADE);
        _fill(x, _maker, _m, 10e18, 100e18);
        _fill(x, _join("winner", 10_000), other, 50e18, 100e18);
        RiskParameters memory p = _plain();
        p.tradeFee = 10_000;
        governor.setRiskParameters(_m, p);
        _setPrice(_m, 200e18);
        _setPrice(other, 78e18);
        // Secured is -100. Buying one at 198 brings 2, and costs a fee of 1.98.
        AccountId fresh = _join("fresh", 10_000);
        _allow(fresh, x.owner(), TRADE);
        _fundTokens(x.owner(), 10_000e18);
        _add(_fillCall(x, fresh, 1e18, 198e18));
        _add(address(house), abi.encodeCall(house.deposit, (0, 10_000e18)));
        vm.expectRevert(abi.encodeWithSelector(Errors.InsufficientCollateral.selector, 0, 1.98e18));
        this.run(x.owner());
    }

    function test_batch_letsAPendingReducerPassBelowItsMargin() public {
        // At 96 a reduction of half costs 4 a unit, more than its share of the equity; at the end there is margin enough.
        AccountId k = _join("k", 180);
        _add(_fillCall(k, _maker, 40e18, 100e18));
        _add(_fillCall(_maker, k, 39e18, 96e18));
        _run(k.owner(), _maker);
        _assertAccount(k, _m, 24e18, 1e18, "k");
    }

    function test_batch_depositsAndTradesInOne() public {
        address fresh = makeAddr("fresh");
        AccountId id = accountId(fresh, 3);
        everyone.push(id);
        _allow(_maker, fresh, TRADE);
        token.mint(fresh, 100e18);
        vm.prank(fresh);
        token.approve(address(vault), 100e18);
        _add(_fillCall(id, _maker, 10e18, 100e18));
        _add(address(house), abi.encodeCall(house.deposit, (3, 100e18)));
        _run(fresh);
        _assertAccount(id, _m, 100e18, 10e18, "fresh");
        _assertSolvent();
    }

    function test_batch_setsOperatorsForTheBatcher() public {
        _add(address(house), abi.encodeCall(house.setOperator, (0, address(0xbeef), WITHDRAW)));
        _run(_keeper.owner());
        assertTrue(house.mayAct(_keeper, address(0xbeef), WITHDRAW));
    }

    function test_batch_mayBeEmpty() public {
        _run(_keeper.owner());
    }

    // ------------------------------------------------------------------ whoever is pending

    function test_liquidate_refusesAPendingAccount() public {
        AccountId debtor = _debtor();
        _allow(debtor, _keeper.owner(), TRADE);
        _add(_fillCall(debtor, _maker, 1e18, 100e18));
        _add(address(house), abi.encodeCall(house.liquidate, (debtor, _m, ALL, _maker)));
        vm.expectRevert(abi.encodeWithSelector(Errors.CheckPending.selector, debtor));
        this.run(_keeper.owner());
    }

    function test_deleverage_skipsAPendingAccount() public {
        AccountId victim = _join("victim", 100);
        _allow(victim, _keeper.owner(), TRADE);
        _fill(victim, _maker, _m, 10e18, 100e18);
        _setPrice(_m, 89e18);
        house.accrueFunding(_m);
        // In default, and made pending by taking over another position: it may not be resolved half-way.
        AccountId debtor = _join("debtor", 1_000);
        _fill(debtor, _maker, _m, 100e18, 89e18);
        _setPrice(_m, 80e18);
        _add(address(house), abi.encodeCall(house.liquidate, (debtor, _m, ALL, victim)));
        _add(address(house), abi.encodeCall(house.deleverage, (_list1(victim), NO_ACCOUNT)));
        _add(address(house), abi.encodeCall(house.depositFor, (victim, 10_000e18)));
        _fundTokens(_keeper.owner(), 10_000e18);
        vm.recordLogs();
        _run(_keeper.owner());
        assertEq(_count(vm.getRecordedLogs(), Events.Deleveraged.selector), 0, "skipped");
        assertGt(house.sizeOf(victim, _m), int256(10e18), "victim");
        _assertSolvent();
    }

    function test_deleverage_refusesAPendingTaker_andClosesInstead() public {
        AccountId alice = _inDefault();
        _insure("backer", 1_000);
        _add(_fillCall(_keeper, _maker, 1e18, 80e18));
        _add(address(house), abi.encodeCall(house.deleverage, (_list1(alice), _keeper)));
        vm.recordLogs();
        _run(_keeper.owner());
        assertEq(_count(vm.getRecordedLogs(), Events.TakenOver.selector), 0, "taken over");
        assertEq(house.sizeOf(_keeper, _m), int256(1e18), "keeper");
        assertEq(house.sizeOf(alice, _m), int256(0), "alice is resolved all the same");
        _assertSolvent();
    }

    function test_deleverage_paysNoBountyToAPendingHunter() public {
        RiskParameters memory p = _plain();
        (p.tradeFee, p.bountyRate, p.bountyCap) = (500, 500, 100e18);
        governor.setRiskParameters(_m, p);
        AccountId alice = _inDefault();
        _insure("backer", 1_000);
        uint256 id = vm.snapshotState();
        _add(address(house), abi.encodeCall(house.deleverage, (_list1(alice), NO_ACCOUNT)));
        vm.recordLogs();
        _run(_keeper.owner());
        assertEq(_count(vm.getRecordedLogs(), Events.BountyPaid.selector), 1, "in a batch, for the batcher");
        assertEq(_collateral(_keeper), 100e18 + 0.4e18, "500 ppm of 800");

        vm.revertToState(id);
        delete _calls;
        _add(_fillCall(_keeper, _maker, 1e18, 80e18));
        _add(address(house), abi.encodeCall(house.deleverage, (_list1(alice), NO_ACCOUNT)));
        vm.recordLogs();
        _run(_keeper.owner());
        assertEq(_count(vm.getRecordedLogs(), Events.BountyPaid.selector), 0, "pending");
        _assertSolvent();
    }

    // ------------------------------------------------------------------ take over and sell on

    function test_batch_takesOverAndSellsOnWithoutInventory() public {
        AccountId debtor = _debtor();
        IOrderSettlement venue = IOrderSettlement(
            _create("OrderSettlement.sol:OrderSettlement", abi.encode(address(house)))
        );
        Key memory key = makeAddrAndKey("resting");
        AccountId resting = _join("resting", 10_000);
        _allow(resting, address(venue), TRADE);
        _allow(_keeper, address(venue), TRADE);

        Key memory own = makeAddrAndKey("keeper");
        IOrderSettlement.Order memory buy = _order(resting, true);
        IOrderSettlement.Order memory sell = _order(_keeper, false);

        _add(address(house), abi.encodeCall(house.liquidate, (debtor, _m, ALL, _keeper)));
        _add(
            address(venue),
            abi.encodeCall(venue.settle, (buy, _sign(venue, key, buy), sell, _sign(venue, own, sell), ALL, NO_ACCOUNT))
        );
        _run(_keeper.owner());
        // 43.478… taken with an incentive of 39.13, sold at 99.9. The margin of 434 was never there.
        uint256 taken = 43_478260869565217391;
        assertEq(house.sizeOf(_keeper, _m), int256(0), "no inventory");
        assertEq(house.sizeOf(resting, _m), int256(taken), "sold on");
        assertEq(_collateral(_keeper), 100e18 + 39_130434782608695652 - 4_347826086956521740, "keeper");
        _assertSolvent();
    }

    // ------------------------------------------------------------------ nesting and re-entrancy

    function test_batch_doesNotNest() public {
        _add(address(house), abi.encodeCall(house.batch, (new Call[](0))));
        vm.expectRevert(abi.encodeWithSelector(Errors.BatchInProgress.selector));
        this.run(_keeper.owner());
    }

    function test_batch_doesNotNestThroughOthers() public {
        Passerby passerby = new Passerby();
        bytes memory inner = abi.encodeCall(house.batch, (new Call[](0)));
        _add(address(passerby), abi.encodeCall(passerby.act, (address(house), inner)));
        vm.expectRevert(abi.encodeWithSelector(Errors.BatchInProgress.selector));
        this.run(_keeper.owner());
    }

    function test_batch_actsForNobodyButItsCaller() public {
        // What a passer-by calls comes from the passer-by, not from the batcher.
        Passerby passerby = new Passerby();
        bytes memory theft = abi.encodeCall(house.withdraw, (_keeper, 1, address(passerby)));
        _add(address(passerby), abi.encodeCall(passerby.act, (address(house), theft)));
        vm.expectRevert(abi.encodeWithSelector(Errors.NotPermitted.selector, _keeper, address(passerby), WITHDRAW));
        this.run(_keeper.owner());
    }

    function test_batch_leavesNobodyInCharge() public {
        _run(_keeper.owner());
        address courier = _courier();
        Call[] memory theft = new Call[](1);
        theft[0] = Call(address(house), abi.encodeCall(house.withdraw, (_keeper, 1, address(this))));
        vm.expectRevert(abi.encodeWithSelector(Errors.OnlyClearingHouse.selector, address(this)));
        Courier(courier).carry(theft);
    }

    function test_batch_revertsAllWithTheReasonOfOne() public {
        _add(_fillCall(_keeper, _maker, 1e18, 100e18));
        _add(address(house), abi.encodeCall(house.withdraw, (_maker, 1, _keeper.owner())));
        vm.expectRevert(abi.encodeWithSelector(Errors.NotPermitted.selector, _maker, _keeper.owner(), WITHDRAW));
        this.run(_keeper.owner());
        assertEq(house.sizeOf(_keeper, _m), int256(0), "nothing happened");
    }

    function test_batch_refusesTargetsWithoutCode() public {
        address nowhere = makeAddr("nowhere");
        _add(nowhere, "");
        vm.expectRevert(abi.encodeWithSelector(Address.AddressEmptyCode.selector, nowhere));
        this.run(_keeper.owner());
    }

    // ------------------------------------------------------------------ what the courier may do elsewhere: nothing

    function test_batch_cannotMoveTheVaultsTokens() public {
        address courier = _courier();
        _expectRefused(
            address(vault),
            abi.encodeCall(ICollateralVault.push, (_keeper.owner(), 1)),
            abi.encodeWithSelector(Errors.OnlyClearingHouse.selector, courier)
        );
        _expectRefused(
            address(vault),
            abi.encodeCall(ICollateralVault.pull, (_maker.owner(), 1)),
            abi.encodeWithSelector(Errors.OnlyClearingHouse.selector, courier)
        );
        _expectRefused(
            address(token),
            abi.encodeCall(IERC20.transferFrom, (address(vault), _keeper.owner(), 1)),
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, courier, 0, 1)
        );
    }

    function test_batch_cannotCommandTheFund() public {
        address courier = _courier();
        _expectRefused(
            address(fund),
            abi.encodeCall(IInsuranceFund.cover, (new uint8[](0), new uint256[](0), 0)),
            abi.encodeWithSelector(Errors.OnlyClearingHouse.selector, courier)
        );
        _expectRefused(
            address(fund),
            abi.encodeCall(IInsuranceFund.setLimit, (_m, IInsuranceFund.Limit(1, 1, 0))),
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, courier)
        );
    }

    function test_batch_cannotGovern() public {
        address courier = _courier();
        _expectRefused(
            address(governor),
            abi.encodeCall(IMarketGovernor.restrictMarket, (_m)),
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, courier)
        );
        _expectRefused(
            address(house),
            abi.encodeCall(IClearingHouse.setRisk, (_m, house.riskOf(_m))),
            abi.encodeWithSelector(Errors.OnlyGovernor.selector, courier)
        );
    }

    function test_batch_cannotSendTheCourierItself() public {
        address courier = _courier();
        _expectRefused(
            courier,
            abi.encodeCall(Courier.carry, (new Call[](0))),
            abi.encodeWithSelector(Errors.OnlyClearingHouse.selector, courier)
        );
    }

    // ------------------------------------------------------------------ helpers

    function _add(address target, bytes memory data) private {
        _calls.push(Call(target, data));
    }

    function _add(Call memory call) private {
        _calls.push(call);
    }

    function _fillCall(
        AccountId buyer,
        AccountId seller,
        uint256 size,
        uint256 price
    ) private view returns (Call memory) {
        IClearingHouse.Fill memory trade = IClearingHouse.Fill(buyer, seller, _m, size, price, NO_ACCOUNT, 0, 0);
        return Call(address(house), abi.encodeCall(house.fill, (trade)));
    }

    function runAndTighten(address batcher) external {
        _run(batcher);
        RiskParameters memory p = _plain();
        (p.initialMargin, p.initialMarginAtCap) = (200_000, 200_000);
        governor.setRiskParameters(_m, p);
        delete _calls;
        _run(batcher);
    }

    function run(address batcher) external {
        _run(batcher);
    }

    function runTwice(address batcher) external {
        _run(batcher);
        _run(batcher);
    }

    function _run(address batcher) private {
        Call[] memory calls = _calls;
        vm.prank(batcher);
        house.batch(calls);
    }

    /// @dev The same where the maker has to trust the batcher first.
    function _run(address batcher, AccountId maker) private {
        _allow(maker, batcher, TRADE);
        _run(batcher);
    }

    function _expectRefused(address target, bytes memory data, bytes memory reason) private {
        delete _calls;
        _add(target, data);
        vm.expectRevert(reason);
        this.run(_keeper.owner());
    }

    function _allow(AccountId id, address operator, Rights rights) private {
        vm.prank(id.owner());
        house.setOperator(id.subAccount(), operator, rights);
    }

    function _fundTokens(address owner, uint256 amount) private {
        token.mint(owner, amount);
        vm.prank(owner);
        token.approve(address(vault), amount);
    }

    /// @dev Whoever makes the calls of a batch.
    function _courier() private returns (address) {
        Passerby passerby = new Passerby();
        delete _calls;
        _add(address(passerby), abi.encodeCall(passerby.note, ()));
        _run(_keeper.owner());
        return passerby.caller();
    }

    /// @dev 100 at 99.9; a sell only reduces.
    function _order(AccountId id, bool isBuy) private view returns (IOrderSettlement.Order memory) {
        return
            IOrderSettlement.Order({
                account: id,
                market: _m,
                isBuy: isBuy,
                reduceOnly: !isBuy,
                size: 100e18,
                price: 99.9e18,
                nonce: 0,
                epoch: 0,
                expiry: type(uint40).max,
                fee: 0
            });
    }

    function _sign(
        IOrderSettlement venue,
        Key memory key,
        IOrderSettlement.Order memory order
    ) private view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key.secret, venue.hashOrder(order));
        return abi.encodePacked(r, s, v);
    }

    /// @dev Long 100 at 100 with an equity of 400, as in the worked example of a liquidation.
    function _debtor() private returns (AccountId debtor) {
        debtor = _join("debtor", 1_400);
        _setPrice(_m, 110e18);
        _fill(debtor, _maker, _m, 100e18, 110e18);
        _setPrice(_m, 100e18);
        house.accrueFunding(_m);
    }

    /// @dev Long 10 from 100 with 100 and fees, at 80.
    function _inDefault() private returns (AccountId alice) {
        alice = _join("alice", 0);
        _deposit(alice, 100e18 + (governor.riskParametersOf(_m).tradeFee == 0 ? 0 : 0.5e18));
        _fill(alice, _maker, _m, 10e18, 100e18);
        _setPrice(_m, 80e18);
        house.accrueFunding(_m);
    }
}
