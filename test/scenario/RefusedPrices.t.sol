// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Errors} from "../../contracts/interfaces/Errors.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {LedgerReader} from "../invariant/LedgerReader.sol";

/// @notice The table of docs/prices.md, cell by cell: what may be done while one market's price is refused and others' are not.
contract RefusedPricesTest is LedgerReader {
    uint8 private dead;
    uint8 private alive;
    /// @dev No position; a position in the living market; one in the dead market; one in each.
    AccountId private flat;
    AccountId private elsewhere;
    AccountId private inDead;
    AccountId private inBoth;
    AccountId private maker;
    bytes private refusal;

    /// @dev Everybody is long 10 from 100 with 300, the maker short. The dead market's feed has stopped at 95.
    function setUp() public override {
        super.setUp();
        (dead, alive) = (_list(100e18, _plain()), _list(100e18, _plain()));
        (flat, elsewhere) = (_trader("flat", 300), _trader("elsewhere", 300));
        (inDead, inBoth, maker) = (_trader("in dead", 300), _trader("in both", 300), _trader("maker", 100_000));
        _fill(inDead, maker, dead, 10e18, 100e18);
        _fill(inBoth, maker, dead, 10e18, 100e18);
        _fill(inBoth, maker, alive, 10e18, 100e18);
        _fill(elsewhere, maker, alive, 10e18, 100e18);
        _setPrice(dead, 95e18);
        house.accrueFunding(dead);
        uint256 published = vm.getBlockTimestamp();
        vm.warp(published + MAX_AGE + 1);
        _setPrice(alive, 100e18);
        refusal = abi.encodeWithSelector(Errors.PriceTooOld.selector, dead, published, MAX_AGE);
    }

    modifier refused() {
        vm.expectRevert(refusal);
        _;
    }

    // ---------------------------------------------------------------- deposit: always

    function test_deposit_byAnybody() public {
        AccountId[4] memory all = [flat, elsewhere, inDead, inBoth];
        for (uint256 i; i < all.length; ++i) {
            _deposit(all[i], 1e18);
            assertEq(_collateral(all[i]), 301e18, "collateral");
        }
    }

    // ---------------------------------------------------------------- withdraw: whoever has no position there

    function test_withdraw_byTheFlat() public {
        _withdraw(flat, 300e18);
    }

    function test_withdraw_byWhoeverIsElsewhere() public {
        _withdraw(elsewhere, 200e18);
    }

    function test_withdraw_waitsForWhoeverIsThere() public {
        _expectNoWithdrawal(inDead);
        _expectNoWithdrawal(inBoth);
    }

    // ---------------------------------------------------------------- settle: always, at the last accepted mark

    function test_settle_byAnybody() public {
        AccountId[4] memory all = [flat, elsewhere, inDead, inBoth];
        for (uint256 i; i < all.length; ++i) _settle(all[i]);
        assertEq(_collateral(elsewhere), 300e18, "elsewhere");
        assertEq(_collateral(inDead), 250e18, "10 from 100 to 95");
        assertEq(_collateral(inBoth), 250e18, "the same, and nothing elsewhere");
        _settle(maker);
        assertEq(_collateral(maker), 100_100e18, "who is paid");
    }

    // ---------------------------------------------------------------- fill

    function test_fill_notThere_opening() public refused {
        _fill(flat, maker, dead, 1e18, 95e18);
    }

    function test_fill_notThere_reducing() public refused {
        _fill(maker, inDead, dead, 1e18, 95e18);
    }

    function test_fill_elsewhere_byWhoeverHasNoPositionThere() public {
        _fill(flat, elsewhere, alive, 1e18, 100e18);
        assertEq(house.sizeOf(flat, alive), 1e18, "size");
    }

    function test_fill_elsewhere_reducing_byWhoeverIsThere() public {
        _fill(flat, inBoth, alive, 4e18, 100e18);
        assertEq(house.sizeOf(inBoth, alive), 6e18, "size");
    }

    function test_fill_elsewhere_newRiskWaitsForWhoeverIsThere() public refused {
        _fill(inDead, elsewhere, alive, 1e18, 100e18);
    }

    // ---------------------------------------------------------------- liquidate

    function test_liquidate_notThere() public refused {
        house.liquidate(inDead, dead, 1e18, flat);
    }

    /// @dev Valued at 95 there and 80 here: 300 − 50 − 200 against 5 % of 1,750.
    function test_liquidate_elsewhere_evenOfWhoeverIsThere() public {
        _setPrice(alive, 80e18);
        uint256 taken = house.liquidate(inBoth, alive, type(uint256).max, flat);
        assertGt(taken, 0, "taken");
        assertGe(_equity(inBoth), 0, "P2");
    }

    function test_liquidate_waitsForATakerWhoIsThere() public {
        _setPrice(alive, 80e18);
        vm.expectRevert(refusal);
        house.liquidate(inBoth, alive, 1e18, inDead);
    }

    // ---------------------------------------------------------------- deleverage: never a revert

    /// @dev 300 − 50 − 500 = −250, of which losses of 500 here and 50 there.
    function test_deleverage_resolvesElsewhere_andWhatIsThereStaysPending() public {
        _setPrice(alive, 50e18);
        _deleverage(inBoth);
        assertEq(house.sizeOf(inBoth, alive), 0, "resolved");
        assertEq(house.sizeOf(inBoth, dead), 10e18, "pending");
    }

    /// @dev In default at the last accepted mark: long 10 from 100 with 105, at 85.
    function test_deleverage_skipsWhoeverIsOnlyThere() public {
        AccountId late = _trader("late", 105);
        _setPrice(dead, 100e18);
        _fill(late, maker, dead, 10e18, 100e18);
        _setPrice(dead, 85e18);
        house.accrueFunding(dead);
        vm.warp(vm.getBlockTimestamp() + MAX_AGE + 1);
        assertEq(_equity(late), -45e18, "in default");
        _deleverage(late);
        assertEq(house.sizeOf(late, dead), 10e18, "skipped");
    }

    // ---------------------------------------------------------------- funding: as ever

    function test_accrueFunding_never_reverts() public {
        house.accrueFunding(dead);
        house.accrueFunding(alive);
    }

    // ---------------------------------------------------------------- once it answers again

    function test_everythingGoesOn_onceThereIsAPrice() public {
        _setPrice(dead, 94e18);
        _withdraw(inDead, 100e18);
        _fill(maker, inDead, dead, 1e18, 94e18);
        _fill(inBoth, elsewhere, alive, 1e18, 100e18);
    }

    // ----------------------------------------------------------------

    function _withdraw(AccountId id, uint256 amount) private {
        vm.prank(id.owner());
        house.withdraw(id, amount, id.owner());
        assertEq(token.balanceOf(id.owner()), amount, "withdrawn");
    }

    function _expectNoWithdrawal(AccountId id) private {
        vm.expectRevert(refusal);
        vm.prank(id.owner());
        house.withdraw(id, 1, id.owner());
    }
}
