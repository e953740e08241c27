// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Errors} from "../../contracts/interfaces/Errors.sol";
import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {Call} from "../../contracts/periphery/Courier.sol";
import {AccountId, NO_ACCOUNT, accountId} from "../../contracts/types/AccountId.sol";
import {Rights, TRADE, WITHDRAW} from "../../contracts/types/Rights.sol";
import {World} from "../utils/World.sol";

/// @notice Does with its users' accounts whatever the house lets it.
contract Venue {
    error Broken();

    IClearingHouse private immutable _house;

    constructor(IClearingHouse house) {
        _house = house;
    }

    /// @dev Account 0 is what it steals into.
    function fill(AccountId buyer, AccountId seller, uint256 size, uint256 price, AccountId to, uint24 fee) public {
        _house.fill(IClearingHouse.Fill(buyer, seller, 0, size, price, to, fee, fee));
    }

    /// @dev Buys dear for the victim and sells cheap, again and again, until the house refuses.
    function churn(AccountId victim, uint256 size, uint256 mark) external returns (uint256 rounds) {
        AccountId own = accountId(address(this), 0);
        while (rounds < 100) {
            try this.round(victim, own, size, mark) {
                ++rounds;
            } catch {
                return rounds;
            }
        }
    }

    function round(AccountId victim, AccountId own, uint256 size, uint256 mark) external {
        fill(victim, own, size, mark + mark / 20, own, 10_000);
        fill(own, victim, size, mark - mark / 20, own, 10_000);
    }

    function batch(Call[] calldata calls) external {
        _house.batch(calls);
    }

    function withdraw(AccountId from, uint256 amount) external {
        _house.withdraw(from, amount, address(this));
    }

    function fillAndFail(AccountId buyer, AccountId seller) external {
        fill(buyer, seller, 1e18, 100e18, NO_ACCOUNT, 0);
        revert Broken();
    }
}

/// @notice A venue that its users should not have trusted: what it can take from them, and that it can take nothing from
/// anybody else.
contract LyingVenueTest is World {
    Venue private _venue;
    AccountId private _victim;
    AccountId private _other;
    AccountId private _own;
    uint8 private _m;

    function setUp() public override {
        super.setUp();
        _m = _list(100e18, _plain());
        _venue = new Venue(house);
        _own = accountId(address(_venue), 0);
        _deposit(_own, 100_000e18);
        _victim = _trader("victim", 1_000);
        _other = _trader("other", 1_000);
        _insure("backer", 500);
        _allow(_victim, TRADE);
    }

    // ------------------------------------------------------------------ price

    function test_aLyingPrice_takesNoMoreThanTheBand() public {
        vm.expectRevert(abi.encodeWithSelector(Errors.PriceOutOfBand.selector, 105e18 + 1, 100e18, 5e18));
        _venue.fill(_victim, _own, 10e18, 105e18 + 1, NO_ACCOUNT, 0);
        vm.expectRevert(abi.encodeWithSelector(Errors.PriceOutOfBand.selector, 95e18 - 1, 100e18, 5e18));
        _venue.fill(_own, _victim, 10e18, 95e18 - 1, NO_ACCOUNT, 0);
        _venue.fill(_victim, _own, 10e18, 105e18, NO_ACCOUNT, 0);
        assertEq(_collateral(_victim), 950e18, "5 % of 1,000");
        assertEq(_collateral(_own), 100_050e18, "which the venue has");
        _assertNobodyElse();
    }

    function test_aLyingFee_takesNoMoreThanTheMaximum() public {
        vm.expectRevert(abi.encodeWithSelector(Errors.FeeAboveMaximum.selector, 10_001, 10_000));
        _venue.fill(_victim, _own, 10e18, 100e18, _own, 10_001);
        _venue.fill(_victim, _own, 10e18, 100e18, _own, 10_000);
        assertEq(_collateral(_victim), 990e18, "1 % of 1,000");
        assertEq(_collateral(_own), 100_010e18, "which the venue has, and its own back");
        _assertNobodyElse();
    }

    // ------------------------------------------------------------------ size

    function test_overfilling_goesNoFurtherThanTheMargin() public {
        vm.expectRevert(
            abi.encodeWithSelector(Errors.InsufficientMargin.selector, _victim, int256(1_000e18), 1_000e18 + 10)
        );
        _venue.fill(_victim, _own, 100e18 + 1, 100e18, NO_ACCOUNT, 0);
        _venue.fill(_victim, _own, 100e18, 100e18, NO_ACCOUNT, 0);
        assertEq(house.sizeOf(_victim, _m), int256(100e18), "ten times leverage, and no more");
        _assertNobodyElse();
    }

    // ------------------------------------------------------------------ again and again

    function test_churning_takesTheVictimsMoneyAndNobodyElses() public {
        uint256 before = _collateral(_victim) + _collateral(_own);
        // Each round costs 12 % of 2,000: 100 and 100 in price, 21 and 19 in fees.
        uint256 rounds = _venue.churn(_victim, 20e18, 100e18);
        assertEq(rounds, 3, "until the margin of the next is missing");
        assertEq(_collateral(_victim), 280e18, "victim");
        assertEq(_collateral(_victim) + _collateral(_own), before, "the venue has it");
        assertEq(_collateral(fundAccount), 500e18, "not the fund's");
        _assertNobodyElse();
        // What is left is the victim's, who takes the right away and the money out.
        _allow(_victim, Rights.wrap(0));
        vm.expectRevert(abi.encodeWithSelector(Errors.NotPermitted.selector, _victim, address(_venue), TRADE));
        _venue.fill(_victim, _own, 1e18, 100e18, NO_ACCOUNT, 0);
        vm.prank(_victim.owner());
        house.withdraw(_victim, 280e18, _victim.owner());
    }

    function test_churningInABatch_stopsAtZero() public {
        Call[] memory calls = new Call[](2);
        // Without a margin check in between, one round may be as large as what it costs; a wei more is an unpaid loss.
        calls[0] = _call(_victim, _own, 100e18, 105e18);
        calls[1] = _call(_own, _victim, 100e18, 95e18);
        _venue.batch(calls);
        assertEq(_collateral(_victim), 0, "victim");
        assertEq(_collateral(_own), 101_000e18, "venue");
        _assertNobodyElse();

        _deposit(_victim, 1_000e18);
        calls[1] = _call(_own, _victim, 100e18, 95e18 - 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.PriceOutOfBand.selector, 95e18 - 1, 100e18, 5e18));
        _venue.batch(calls);
        calls[0] = _call(_victim, _own, 100e18 + 20, 105e18);
        calls[1] = _call(_own, _victim, 100e18 + 20, 95e18);
        vm.expectRevert(abi.encodeWithSelector(Errors.UnpaidLoss.selector, _victim, 200));
        _venue.batch(calls);
    }

    function test_aBatch_leavesNoVictimWithoutItsMargin() public {
        Call[] memory calls = new Call[](1);
        calls[0] = _call(_victim, _own, 150e18, 100e18);
        vm.expectRevert(
            abi.encodeWithSelector(Errors.InsufficientMargin.selector, _victim, int256(1_000e18), 1_500e18)
        );
        _venue.batch(calls);
    }

    // ------------------------------------------------------------------ what it has no right to

    function test_theTradeRight_takesNoMoneyOut() public {
        vm.expectRevert(abi.encodeWithSelector(Errors.NotPermitted.selector, _victim, address(_venue), WITHDRAW));
        _venue.withdraw(_victim, 1);
    }

    function test_whoGaveNoRight_isLeftAlone() public {
        vm.expectRevert(abi.encodeWithSelector(Errors.NotPermitted.selector, _other, address(_venue), TRADE));
        _venue.fill(_other, _own, 1e18, 100e18, NO_ACCOUNT, 0);
        vm.expectRevert(abi.encodeWithSelector(Errors.NotPermitted.selector, _other, address(_venue), TRADE));
        _venue.fill(_own, _other, 1e18, 100e18, NO_ACCOUNT, 0);
        vm.expectRevert(abi.encodeWithSelector(Errors.FundAccountRefused.selector));
        _venue.fill(_own, fundAccount, 1e18, 100e18, NO_ACCOUNT, 0);
    }

    function test_aRevertingVenue_leavesNothingBehind() public {
        vm.expectRevert(abi.encodeWithSelector(Venue.Broken.selector));
        _venue.fillAndFail(_victim, _own);
        assertEq(house.sizeOf(_victim, _m), int256(0), "victim");
        assertEq(house.sizeOf(_own, _m), int256(0), "venue");
    }

    // ------------------------------------------------------------------ dealing with itself

    function test_selfDealing_makesNoDefaultForOthersToPay() public {
        AccountId second = accountId(address(_venue), 1);
        _deposit(second, 100e18);
        // Ten units need all of the 100: losing at the edge of the band is refused where it would go unpaid.
        _venue.fill(second, _own, 10e18, 100e18, NO_ACCOUNT, 0);
        _setPrice(_m, 91e18);
        vm.expectRevert(abi.encodeWithSelector(Errors.UnpaidLoss.selector, second, 35.5e18));
        _venue.fill(_own, second, 10e18, 91e18 - 4.55e18, NO_ACCOUNT, 0);
        vm.expectRevert(
            abi.encodeWithSelector(Errors.HealthWouldFall.selector, second, int256(10e18 - 4.55e18), 40.95e18)
        );
        _venue.fill(_own, second, 1e18, 91e18 - 4.55e18, NO_ACCOUNT, 0);
        _venue.fill(_own, second, 10e18, 91e18, NO_ACCOUNT, 0);
        assertEq(_collateral(second), 10e18, "what it had left");
        _assertNobodyElse();
    }

    function test_selfDealing_movesMoneyInACircle() public {
        AccountId second = accountId(address(_venue), 1);
        _deposit(second, 10_000e18);
        uint256 before = _collateral(_own) + _collateral(second);
        uint256 rounds = _venue.churn(second, 20e18, 100e18);
        assertGt(rounds, 0, "rounds");
        assertEq(_collateral(_own) + _collateral(second), before, "nothing is made");
        _assertNobodyElse();
    }

    // ------------------------------------------------------------------ helpers

    function _call(AccountId buyer, AccountId seller, uint256 size, uint256 price) private view returns (Call memory) {
        IClearingHouse.Fill memory trade = IClearingHouse.Fill(buyer, seller, _m, size, price, NO_ACCOUNT, 0, 0);
        return Call(address(house), abi.encodeCall(house.fill, (trade)));
    }

    function _allow(AccountId id, Rights rights) private {
        vm.prank(id.owner());
        house.setOperator(0, address(_venue), rights);
    }

    /// @dev Who gave no right has what they had, and the vault what all have together.
    function _assertNobodyElse() private view {
        assertEq(_collateral(_other), 1_000e18, "other");
        assertEq(_collateral(fundAccount), 500e18, "fund");
        uint256 sum = _collateral(_victim) + _collateral(_own) + _collateral(accountId(address(_venue), 1));
        // Whatever is not collateral is in the pool: here, nothing.
        assertEq(vault.ledgerBalance(), sum + 1_500e18, "vault");
    }
}
