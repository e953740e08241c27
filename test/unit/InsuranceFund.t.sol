// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC4626, ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Errors} from "../../contracts/interfaces/Errors.sol";
import {ICollateralVault} from "../../contracts/interfaces/ICollateralVault.sol";
import {IInsuranceFund} from "../../contracts/interfaces/IInsuranceFund.sol";
import {AccountId, accountId} from "../../contracts/types/AccountId.sol";
import {MAX_LEDGER} from "../../contracts/types/Ranges.sol";
import {FeeOnTransferToken} from "../mocks/tokens/FeeOnTransferToken.sol";
import {HookedToken} from "../mocks/tokens/HookedToken.sol";
import {NoReturnToken} from "../mocks/tokens/NoReturnToken.sol";
import {TestToken} from "../mocks/tokens/TestToken.sol";
import {IFund} from "../utils/IFund.sol";
import {Test} from "../utils/Test.sol";

/// @dev What of a clearing house these tests use, so that they can run against the real one: override `_deployHouse`.
interface IFundsHouse {
    function depositFor(AccountId account, uint256 amount) external;
    function withdraw(AccountId account, uint256 amount, address to) external;
    function accountOf(AccountId account) external view returns (uint256 collateral, uint256 markets);
    function insuranceFund() external view returns (IFund);
    function vault() external view returns (ICollateralVault);
    function fundAccount() external view returns (AccountId);
}

/// @dev What the mock of that name adds to it.
interface ILedgerHouse {
    function cover(
        uint8[] calldata markets,
        uint256[] calldata amounts,
        AccountId to
    ) external returns (uint256[] memory paid);
    function move(AccountId from, AccountId to, uint256 money) external;
}

abstract contract InsuranceFundFixture is Test {
    uint256 internal constant COOLDOWN = 14 days;
    uint256 internal constant WINDOW = 2 days;
    /// @dev The market that every loss comes from; it may draw all there is.
    uint8 internal constant MARKET = 3;
    /// @dev One token of 6 decimals, in token units.
    uint256 internal constant ONE = 1e6;
    /// @dev Shares that one token costs at par.
    uint256 internal constant SHARE = 1e27;

    TestToken internal token;
    IAccessManager internal manager;
    IFundsHouse internal house;
    IFund internal fund;

    address internal alice;
    address internal bob;
    address internal carol;

    function setUp() public virtual {
        vm.warp(1_760_000_000);
        (alice, bob, carol) = (makeAddr("alice"), makeAddr("bob"), makeAddr("carol"));
        _use(new TestToken("Test", "TEST", 6));
    }

    function _use(TestToken token_) internal {
        token = token_;
        manager = IAccessManager(_create("AccessManager.sol:AccessManager", abi.encode(address(this))));
        house = IFundsHouse(_deployHouse());
        fund = house.insuranceFund();
        fund.setLimit(MARKET, IInsuranceFund.Limit(uint128(MAX_LEDGER - 1), type(uint104).max, 0));
    }

    function _deployHouse() internal virtual returns (address) {
        return _create("LedgerHouse.sol:LedgerHouse", abi.encode(token, manager, COOLDOWN, WINDOW));
    }

    // ------------------------------------------------------------------ verbs

    /// @dev Gives `who` tokens and lets `spender` take them.
    function _fund(address who, address spender, uint256 amount) internal {
        token.mint(who, amount);
        vm.prank(who);
        // No return value is expected: one of the tokens has none.
        NoReturnToken(address(token)).approve(spender, amount);
    }

    function _deposit(address who, uint256 assets) internal returns (uint256 shares) {
        _fund(who, address(fund), assets);
        vm.prank(who);
        return fund.deposit(assets, who);
    }

    /// @dev A donation: what fees and penalties do to the fund.
    function _earn(uint256 assets) internal {
        if (assets == 0) return;
        _fund(address(0xfee), address(house.vault()), assets);
        AccountId account = house.fundAccount();
        vm.prank(address(0xfee));
        house.depositFor(account, assets);
    }

    function _money() internal view returns (uint256 collateral) {
        (collateral, ) = house.accountOf(house.fundAccount());
    }

    /// @dev A deficit of `assets` token units that the fund covers, the way the house does it: asked first, then moved.
    function _lose(uint256 assets) internal {
        if (assets == 0) return;
        uint256 unit = house.vault().unit();
        uint256 money = _money();
        (uint8[] memory markets, uint256[] memory amounts) = _one(MARKET, assets * unit);
        vm.prank(address(house));
        uint256[] memory paid = fund.cover(markets, amounts, money);
        assertEq(paid[0], assets * unit, "the fund covers all of it");
        AccountId account = house.fundAccount();
        vm.prank(address(fund));
        house.withdraw(account, assets, address(0xdead));
    }

    function _request(address who, uint256 shares) internal {
        vm.prank(who);
        fund.requestWithdrawal(shares);
    }

    function _redeem(address who, uint256 shares) internal returns (uint256) {
        vm.prank(who);
        return fund.redeem(shares, who, who);
    }

    /// @dev Requests everything, waits, and takes it.
    function _leave(address who) internal returns (uint256 assets) {
        uint256 shares = fund.balanceOf(who);
        if (fund.convertToAssets(shares) == 0) return 0;
        _request(who, shares);
        skip(COOLDOWN);
        return _redeem(who, fund.maxRedeem(who));
    }

    function _one(
        uint8 market,
        uint256 amount
    ) internal pure returns (uint8[] memory markets, uint256[] memory amounts) {
        (markets, amounts) = (new uint8[](1), new uint256[](1));
        (markets[0], amounts[0]) = (market, amount);
    }
}

contract InsuranceFundSharesTest is InsuranceFundFixture {
    // ------------------------------------------------------------------ construction

    function test_constructor_describesItself() public view {
        assertEq(fund.asset(), address(token), "asset");
        assertEq(fund.clearingHouse(), address(house), "house");
        assertEq(fund.authority(), address(manager), "authority");
        assertEq(fund.decimals(), 27, "decimals");
        assertEq(fund.cooldown(), COOLDOWN, "cooldown");
        assertEq(fund.window(), WINDOW, "window");
        assertEq(fund.series(), 0, "series");
        assertEq(fund.totalAssets(), 0, "assets");
        assertEq(fund.convertToShares(ONE), SHARE, "par");
        assertEq(fund.convertToAssets(SHARE), ONE, "par");
    }

    function test_constructor_sharesHave27DecimalsWhateverTheToken() public {
        uint8[3] memory decimals = [0, 6, 18];
        for (uint256 i = 0; i < decimals.length; ++i) {
            _use(new TestToken("", "", decimals[i]));
            assertEq(fund.decimals(), 27, "decimals");
            assertEq(_deposit(alice, 5 * 10 ** decimals[i]), 5 * SHARE, "par");
        }
    }

    function test_constructor_boundsCooldownAndWindow() public {
        ICollateralVault vault = house.vault();
        uint256[2][4] memory refused = [[COOLDOWN, 0], [COOLDOWN, WINDOW + 1], [uint256(6), 1], [uint256(366 days), 1]];
        for (uint256 i = 0; i < refused.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(Errors.CooldownOutOfBounds.selector, refused[i][0], refused[i][1]));
            _deployFund(vault, refused[i][0], refused[i][1]);
        }
        _deployFund(vault, 7, 1);
        _deployFund(vault, 365 days, 52 days);
    }

    function _deployFund(ICollateralVault vault, uint256 cooldown, uint256 window) private {
        _create("InsuranceFund.sol:InsuranceFund", abi.encode(vault, manager, cooldown, window));
    }

    // ------------------------------------------------------------------ coming

    function test_deposit_movesTokensIntoTheLedger() public {
        _fund(alice, address(fund), 100 * ONE);
        vm.expectEmit(address(fund));
        emit IERC4626.Deposit(alice, bob, 100 * ONE, 100 * SHARE);
        vm.prank(alice);
        assertEq(fund.deposit(100 * ONE, bob), 100 * SHARE, "shares");

        assertEq(fund.balanceOf(bob), 100 * SHARE, "bob's shares");
        assertEq(fund.totalSupply(), 100 * SHARE, "supply");
        assertEq(fund.totalAssets(), 100 * ONE, "assets");
        assertEq(_money(), 100e18, "money in the ledger");
        assertEq(token.balanceOf(address(house.vault())), 100 * ONE, "tokens in the vault");
        assertEq(token.balanceOf(address(fund)), 0, "no tokens in the fund");
        assertEq(token.allowance(address(fund), address(house.vault())), 0, "no allowance left");
    }

    function test_mint_takesWhatTheSharesCost() public {
        _deposit(alice, 100 * ONE);
        _earn(50 * ONE);
        _fund(bob, address(fund), 100 * ONE);
        uint256 cost = fund.previewMint(SHARE);
        vm.prank(bob);
        assertEq(fund.mint(SHARE, bob), cost, "assets");
        assertEq(fund.balanceOf(bob), SHARE, "shares");
        assertEq(cost, 1.5e6, "a share has become dearer by half");
    }

    function test_deposit_refusesNothing() public {
        vm.expectRevert(abi.encodeWithSelector(Errors.AmountIsZero.selector));
        fund.deposit(0, alice);
        vm.expectRevert(abi.encodeWithSelector(Errors.AmountIsZero.selector));
        fund.mint(0, alice);
    }

    function test_deposit_refusesToGiveNoShareForIt() public {
        _earn(4e21); // before the first share: the smallest part of one costs four token units
        assertEq(fund.previewDeposit(3), 0, "less than a share");
        _fund(alice, address(fund), 3);
        vm.expectRevert(abi.encodeWithSelector(Errors.AmountIsZero.selector));
        vm.prank(alice);
        fund.deposit(3, alice);
    }

    function test_deposit_needsTheAllowance() public {
        token.mint(alice, ONE);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(fund), 0, ONE)
        );
        vm.prank(alice);
        fund.deposit(ONE, alice);
    }

    function test_maxDeposit_isTheVaultsRoom() public {
        uint256 limit = house.vault().ledgerLimit();
        assertEq(fund.maxDeposit(alice), limit, "empty");
        _deposit(alice, 100 * ONE);
        _earn(77);
        assertEq(fund.maxDeposit(alice), limit - 100 * ONE - 77, "less");

        uint256 most = fund.maxMint(bob);
        uint256 cost = fund.previewMint(most);
        _fund(bob, address(fund), cost);
        vm.prank(bob);
        fund.mint(most, bob);

        uint256 rest = fund.maxDeposit(bob);
        if (rest > 0) _deposit(bob, rest);
        assertEq(house.vault().ledgerBalance(), limit, "full");
        assertEq(fund.maxDeposit(bob), 0, "no room");
        assertEq(fund.maxMint(bob), 0, "no room in shares");
        vm.expectRevert(abi.encodeWithSelector(ERC4626.ERC4626ExceededMaxDeposit.selector, bob, 1, 0));
        fund.deposit(1, bob);
    }

    function test_totalAssets_floorsFractionsOfATokenUnit() public {
        _deposit(alice, 100 * ONE);
        AccountId donor = accountId(bob, 0);
        AccountId account = house.fundAccount();
        _fund(bob, address(house.vault()), 1);
        vm.prank(bob);
        house.depositFor(donor, 1);

        ILedgerHouse(address(house)).move(donor, account, 1e12 - 1);
        assertEq(_money(), 100e18 + 1e12 - 1, "money");
        assertEq(fund.totalAssets(), 100 * ONE, "a fraction is not there yet");
        ILedgerHouse(address(house)).move(donor, account, 1);
        assertEq(fund.totalAssets(), 100 * ONE + 1, "now it is");
    }

    function testFuzz_comingPreviews_areExactAndNeverCheaperThanTheShareIs(
        uint256 first,
        uint256 earned,
        uint256 lost,
        uint256 assets,
        bool byShares
    ) public {
        first = bound(first, 1, 1e15);
        _deposit(alice, first);
        _earn(bound(earned, 0, 1e15));
        _lose(bound(lost, 0, fund.totalAssets()));
        assets = bound(assets, 1, 1e15);

        uint256 shares = fund.previewDeposit(assets);
        vm.assume(shares > 0);
        if (byShares) assets = fund.previewMint(shares);
        _fund(bob, address(fund), assets);
        uint256 before = fund.balanceOf(alice);
        uint256 worth = fund.convertToAssets(before);
        vm.prank(bob);
        if (byShares) assertEq(fund.mint(shares, bob), assets, "mint costs what the preview said");
        else assertEq(fund.deposit(assets, bob), shares, "deposit gives what the preview said");

        assertEq(fund.balanceOf(bob), shares, "bob's shares");
        assertEq(fund.balanceOf(alice), before, "alice's shares");
        assertGe(fund.convertToAssets(before), worth, "nobody who was there loses");
        assertLe(fund.convertToAssets(shares), assets, "nobody who comes gains");
    }

    // ------------------------------------------------------------------ who owns what came in

    function test_donation_belongsToTheHolders() public {
        _deposit(alice, 100 * ONE);
        _deposit(bob, 300 * ONE);
        _earn(40 * ONE);
        assertEq(_leave(alice), 110 * ONE - 1, "a quarter, rounded down");
        assertEq(_leave(bob), 330 * ONE, "the rest");
    }

    function test_moneyBeforeTheFirstShare_belongsToNobody() public {
        _earn(1_000_000 * ONE);
        _deposit(alice, 7 * ONE);
        assertEq(fund.convertToAssets(fund.balanceOf(alice)), 7 * ONE - 1, "she has what she brought, rounded down");
        _lose(500_003 * ONE + ONE / 2);
        assertEq(fund.convertToAssets(fund.balanceOf(alice)), 3.5e6, "and it bears losses with her");
    }

    /// @dev The first depositor cannot take anything from the second by making a share dear.
    function testFuzz_inflationAttack_neverPays(uint256 first, uint256 donated, uint256 victims) public {
        first = bound(first, 1, 1e12);
        donated = bound(donated, 0, 1e18);
        victims = bound(victims, 1, 1e15);
        _deposit(bob, first);
        _earn(donated);
        vm.assume(fund.previewDeposit(victims) > 0);
        _deposit(alice, victims);

        assertLe(_leave(bob), first + donated, "the attacker gains nothing");
        uint256 loss = victims - _leave(alice);
        assertLe(loss, 1 + donated / 1e9, "the victim's loss costs the attacker a billion times as much");
    }

    function testFuzz_inflationAttack_neverPaysIn18Decimals(uint256 first, uint256 donated, uint256 victims) public {
        _use(new TestToken("", "", 18));
        first = bound(first, 1, 1e24);
        donated = bound(donated, 0, 1e33);
        victims = bound(victims, 1, 1e30);
        _deposit(bob, first);
        _earn(donated);
        vm.assume(fund.previewDeposit(victims) > 0);
        _deposit(alice, victims);

        assertLe(_leave(bob), first + donated, "the attacker gains nothing");
        assertLe(victims - _leave(alice), 1 + donated / 1e9, "and has to give away a billion times the victim's loss");
    }

    // ------------------------------------------------------------------ hostile tokens

    function test_noReturnToken_works() public {
        _use(TestToken(address(new NoReturnToken(6))));
        _deposit(alice, 100 * ONE);
        _deposit(alice, 100 * ONE);
        assertEq(_leave(alice), 200 * ONE, "all of it");
        assertEq(token.balanceOf(alice), 200 * ONE, "as tokens");
    }

    function test_feeOnTransferToken_isRefused() public {
        FeeOnTransferToken fee = new FeeOnTransferToken(6);
        _use(fee);
        fee.setFee(10_000, false);
        _fund(alice, address(fund), 100 * ONE);
        vm.expectRevert();
        vm.prank(alice);
        fund.deposit(100 * ONE, alice);
    }

    function test_hookedToken_cannotDepositAtAPriceThatRose() public {
        HookedToken hooked = new HookedToken(6);
        _use(hooked);
        _deposit(bob, 100 * ONE);

        _fund(address(hooked), address(house.vault()), ONE);
        _fund(alice, address(fund), 100 * ONE);
        hooked.setHook(alice, address(house), abi.encodeCall(house.depositFor, (house.fundAccount(), ONE)));
        vm.expectPartialRevert(Errors.SharePriceMoved.selector);
        vm.prank(alice);
        fund.deposit(100 * ONE, alice);
    }

    /// @dev Found while writing: shares promised in one series and given in the next would be worth a million times as much.
    function test_hookedToken_cannotDepositAcrossASeries() public {
        HookedToken hooked = new HookedToken(6);
        _use(hooked);
        _deposit(bob, 1_000_000 * ONE);
        _lose(1_000_000 * ONE - 2 * ONE); // a share is worth two millionths: still the first series

        (uint8[] memory markets, uint256[] memory amounts) = _one(MARKET, 1.5e18);
        _fund(alice, address(fund), 10 * ONE);
        hooked.setHook(
            alice,
            address(house),
            abi.encodeCall(ILedgerHouse.cover, (markets, amounts, accountId(carol, 0)))
        );
        vm.expectPartialRevert(Errors.SharePriceMoved.selector);
        vm.prank(alice);
        fund.deposit(10 * ONE, alice);
    }

    function test_hookedToken_cannotComeBackWhileBeingPaid() public {
        HookedToken hooked = new HookedToken(6);
        _use(hooked);
        _deposit(alice, 100 * ONE);
        _request(alice, 100 * SHARE);
        skip(COOLDOWN);
        vm.prank(alice);
        fund.approve(address(hooked), type(uint256).max);
        hooked.setHook(alice, address(fund), abi.encodeCall(fund.redeem, (SHARE, carol, alice)));
        assertEq(_redeem(alice, 40 * SHARE), 40 * ONE, "paid");

        assertEq(hooked.calls(), 1, "tried");
        assertFalse(hooked.succeeded(), "failed");
        assertEq(
            keccak256(hooked.returned()),
            keccak256(abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector)),
            "because of the house"
        );
        assertEq(token.balanceOf(carol), 0, "and got nothing");
    }
}

contract InsuranceFundWithdrawalTest is InsuranceFundFixture {
    uint256 private requestedAt;

    function setUp() public override {
        super.setUp();
        _deposit(alice, 100 * ONE);
        _deposit(bob, 300 * ONE);
        requestedAt = block.timestamp;
    }

    function _closed(uint256 now_, uint256 since) private pure returns (bytes memory) {
        return
            abi.encodeWithSelector(
                Errors.WithdrawalWindowClosed.selector,
                now_,
                since + COOLDOWN,
                since + COOLDOWN + WINDOW
            );
    }

    function _pending(address owner, uint256 shares) private pure returns (bytes memory) {
        return abi.encodeWithSelector(Errors.WithdrawalPending.selector, owner, shares);
    }

    // ------------------------------------------------------------------ asking

    function test_request_isRemembered() public {
        vm.expectEmit(address(fund));
        emit IInsuranceFund.WithdrawalRequested(
            alice,
            60 * SHARE,
            60 * ONE,
            requestedAt + COOLDOWN,
            requestedAt + COOLDOWN + WINDOW
        );
        _request(alice, 60 * SHARE);
        (uint256 shares, uint256 assets, uint256 opensAt, uint256 closesAt) = fund.withdrawalOf(alice);
        assertEq(shares, 60 * SHARE, "shares");
        assertEq(assets, 60 * ONE, "assets");
        assertEq(opensAt, requestedAt + COOLDOWN, "opens");
        assertEq(closesAt, requestedAt + COOLDOWN + WINDOW, "closes");
        assertEq(fund.balanceOf(alice), 100 * SHARE, "they are still hers");
    }

    function test_request_refusals() public {
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(Errors.AmountIsZero.selector));
        fund.requestWithdrawal(0);
        vm.expectRevert(abi.encodeWithSelector(Errors.AmountIsZero.selector));
        fund.requestWithdrawal(SHARE / ONE - 1); // less than a token unit
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, alice, 100 * SHARE, 100 * SHARE + 1)
        );
        fund.requestWithdrawal(100 * SHARE + 1);

        fund.requestWithdrawal(60 * SHARE);
        vm.expectRevert(_pending(alice, 60 * SHARE));
        fund.requestWithdrawal(40 * SHARE);
        vm.stopPrank();
    }

    function test_request_locksSharesUntilTheWindowHasPassed() public {
        _request(alice, 60 * SHARE);
        vm.startPrank(alice);
        fund.approve(carol, type(uint256).max);
        fund.transfer(carol, 30 * SHARE);

        vm.expectRevert(_pending(alice, 60 * SHARE));
        fund.transfer(carol, 10 * SHARE + 1);
        vm.stopPrank();
        vm.warp(requestedAt + COOLDOWN + WINDOW - 1);
        vm.expectRevert(_pending(alice, 60 * SHARE));
        vm.prank(carol);
        fund.transferFrom(alice, carol, 10 * SHARE + 1);
        vm.prank(alice);
        fund.transfer(carol, 10 * SHARE);

        vm.warp(requestedAt + COOLDOWN + WINDOW);
        vm.prank(alice);
        fund.transfer(carol, 60 * SHARE);
        assertEq(fund.balanceOf(carol), 100 * SHARE, "all of them moved");
    }

    function test_request_moreThanTheBalanceIsTheTokensRefusal() public {
        _request(alice, 60 * SHARE);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, alice, 100 * SHARE, 101 * SHARE)
        );
        vm.prank(alice);
        fund.transfer(carol, 101 * SHARE);
    }

    // ------------------------------------------------------------------ the window

    function test_window_boundaries() public {
        _request(alice, 60 * SHARE);
        uint256[4] memory times = [COOLDOWN - 1, COOLDOWN, COOLDOWN + WINDOW - 1, COOLDOWN + WINDOW];
        bool[4] memory open = [false, true, true, false];
        for (uint256 i = 0; i < times.length; ++i) {
            uint256 now_ = requestedAt + times[i];
            vm.warp(now_);
            assertEq(fund.maxRedeem(alice), open[i] ? fund.balanceOf(alice) - 40 * SHARE : 0, "maxRedeem");
            assertEq(fund.maxWithdraw(alice), open[i] ? fund.totalAssets() - 340 * ONE : 0, "maxWithdraw");
            if (!open[i]) vm.expectRevert(_closed(now_, requestedAt));
            vm.prank(alice);
            fund.redeem(10 * SHARE, alice, alice);
            if (!open[i]) vm.expectRevert(_closed(now_, requestedAt));
            vm.prank(alice);
            fund.withdraw(10 * ONE, alice, alice);
        }
        assertEq(token.balanceOf(alice), 40 * ONE, "twice ten, at two times");
    }

    function test_withoutARequest_nothingLeaves() public {
        assertEq(fund.maxRedeem(alice), 0, "maxRedeem");
        assertEq(fund.maxWithdraw(alice), 0, "maxWithdraw");
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(Errors.NoWithdrawalRequested.selector, alice));
        fund.redeem(1, alice, alice);
        vm.expectRevert(abi.encodeWithSelector(Errors.NoWithdrawalRequested.selector, alice));
        fund.withdraw(1, alice, alice);
        vm.stopPrank();
    }

    function test_expiry_freesTheSharesAndLeavingBeginsAnew() public {
        _request(alice, 60 * SHARE);
        vm.warp(requestedAt + COOLDOWN + WINDOW);
        (uint256 shares, uint256 assets, uint256 opensAt, uint256 closesAt) = fund.withdrawalOf(alice);
        assertEq(shares + assets + opensAt + closesAt, 0, "no request");

        _earn(400 * ONE); // a share is worth two now
        _request(alice, 100 * SHARE);
        (shares, assets, opensAt, ) = fund.withdrawalOf(alice);
        assertEq(shares, 100 * SHARE, "shares");
        assertEq(assets, 200 * ONE - 1, "at the new price");
        assertEq(opensAt, block.timestamp + COOLDOWN, "after a cooldown of its own");
    }

    function test_execution_inPartsUpToWhatWasRequested() public {
        _request(alice, 60 * SHARE);
        skip(COOLDOWN);
        vm.startPrank(alice);
        vm.expectRevert(
            abi.encodeWithSelector(ERC4626.ERC4626ExceededMaxRedeem.selector, alice, 61 * SHARE, 60 * SHARE)
        );
        fund.redeem(61 * SHARE, alice, alice);
        vm.expectRevert(
            abi.encodeWithSelector(ERC4626.ERC4626ExceededMaxWithdraw.selector, alice, 60 * ONE + 1, 60 * ONE)
        );
        fund.withdraw(60 * ONE + 1, alice, alice);

        vm.expectEmit(address(fund));
        emit IERC4626.Withdraw(alice, carol, alice, 20 * ONE, 20 * SHARE);
        fund.redeem(20 * SHARE, carol, alice);
        assertEq(token.balanceOf(carol), 20 * ONE, "paid to whom she named");
        assertEq(fund.maxRedeem(alice), 40 * SHARE, "40 left");

        vm.expectRevert(_pending(alice, 40 * SHARE));
        fund.transfer(carol, 40 * SHARE + 1);

        assertEq(fund.withdraw(40 * ONE, alice, alice), 40 * SHARE, "the rest");
        vm.expectRevert(abi.encodeWithSelector(Errors.NoWithdrawalRequested.selector, alice));
        fund.redeem(1, alice, alice);
        fund.transfer(carol, 40 * SHARE);
        vm.stopPrank();
    }

    function test_execution_byWhomTheOwnerApproved() public {
        _request(alice, 60 * SHARE);
        skip(COOLDOWN);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, carol, 0, 10 * SHARE));
        vm.prank(carol);
        fund.redeem(10 * SHARE, carol, alice);

        vm.prank(alice);
        fund.approve(carol, 10 * SHARE);
        vm.prank(carol);
        fund.redeem(10 * SHARE, carol, alice);
        assertEq(token.balanceOf(carol), 10 * ONE, "paid");
        assertEq(fund.allowance(alice, carol), 0, "used up");
    }

    function test_requests_ofTwoOwnersDoNotTouchEachOther() public {
        _request(alice, 60 * SHARE);
        skip(1 days);
        _request(bob, 300 * SHARE);
        vm.warp(requestedAt + COOLDOWN);
        assertEq(fund.maxRedeem(alice), 60 * SHARE, "alice's is open");
        assertEq(fund.maxRedeem(bob), 0, "bob's is not");
    }

    // ------------------------------------------------------------------ the lower of two prices

    function test_price_rose_paysThatOfTheRequest() public {
        _request(alice, 100 * SHARE);
        _earn(100 * ONE); // 1.25 a share
        skip(COOLDOWN);
        assertEq(fund.maxWithdraw(alice), 100 * ONE, "maxWithdraw knows the owner");
        assertEq(_redeem(alice, 100 * SHARE), 100 * ONE, "paid");
        assertEq(fund.convertToAssets(300 * SHARE), 400 * ONE - 1, "what she was not paid is bob's");
    }

    function test_price_fell_paysThatOfTheExecution() public {
        _request(alice, 100 * SHARE);
        _lose(100 * ONE); // 0.75 a share
        skip(COOLDOWN);
        assertEq(fund.maxWithdraw(alice), 75 * ONE, "maxWithdraw");
        assertEq(_redeem(alice, 100 * SHARE), 75 * ONE, "requested shares bear losses");
        assertEq(fund.convertToAssets(300 * SHARE), 225 * ONE, "with everyone else");
    }

    function test_price_fellAndRose_isComparedAtExecutionOnly() public {
        _request(alice, 100 * SHARE);
        _lose(100 * ONE);
        _earn(40 * ONE); // 0.85 a share
        skip(COOLDOWN);
        assertEq(_redeem(alice, 50 * SHARE), 42.5e6, "paid");
        _earn(300 * ONE);
        assertEq(_redeem(alice, 50 * SHARE), 50 * ONE, "and never more than when requested");
    }

    function test_previews_areForTheCallerAsOwner() public {
        _request(alice, 50 * SHARE);
        _earn(400 * ONE); // two a share
        skip(COOLDOWN);

        vm.prank(alice);
        assertEq(fund.previewRedeem(10 * SHARE), 10 * ONE, "alice, at her request's price");
        vm.prank(alice);
        assertEq(fund.previewWithdraw(10 * ONE), 10 * SHARE, "alice");
        vm.prank(alice);
        assertEq(fund.previewRedeem(100 * SHARE), 100 * ONE, "no limit is accounted for");
        vm.prank(bob);
        assertEq(fund.previewRedeem(10 * SHARE), 20 * ONE - 1, "bob, at today's");
        vm.prank(bob);
        assertEq(fund.previewWithdraw(10 * ONE), fund.convertToShares(10 * ONE) + 1, "bob, rounded up");
        vm.prank(alice);
        assertEq(fund.convertToAssets(10 * SHARE), 20 * ONE - 1, "conversions know no caller");

        vm.warp(requestedAt + COOLDOWN + WINDOW);
        vm.prank(alice);
        assertEq(fund.previewRedeem(10 * SHARE), 20 * ONE - 1, "after expiry there is only today's price");
    }

    function test_worthlessShares_canStillBeBurnt() public {
        _request(alice, 100 * SHARE);
        _lose(400 * ONE);
        skip(COOLDOWN);
        uint256 shares = fund.maxRedeem(alice);
        assertGt(shares, 0, "a new series has left some");
        assertEq(_redeem(alice, shares), 0, "paid nothing");
        assertEq(fund.balanceOf(alice), 0, "gone");
    }

    function test_tinyRest_ofARequestIsLetGo() public {
        _request(alice, 60 * SHARE);
        skip(COOLDOWN);
        _redeem(alice, 60 * SHARE - 1);
        assertEq(fund.maxRedeem(alice), 0, "a rest worth no token unit");
        vm.prank(alice);
        fund.transfer(carol, 40 * SHARE + 1);
    }

    function testFuzz_price_isTheLowerOfTwo(
        uint256 shares,
        uint256 earnedBefore,
        uint256 earned,
        uint256 lost,
        uint256 part,
        bool byAssets
    ) public {
        _earn(bound(earnedBefore, 0, 1e12));
        shares = bound(shares, SHARE, 100 * SHARE);
        _request(alice, shares);
        uint256 atRequest = fund.convertToAssets(shares);

        _earn(bound(earned, 0, 1e12));
        _lose(bound(lost, 0, fund.totalAssets() - ONE));
        assertEq(fund.series(), 0, "no new series here");
        (, uint256 worth, , ) = fund.withdrawalOf(alice);
        skip(COOLDOWN);

        uint256 atExecution = fund.convertToAssets(shares);
        uint256 most = fund.maxWithdraw(alice);
        assertEq(most, atRequest < atExecution ? atRequest : atExecution, "the lower price");
        assertEq(fund.maxRedeem(alice), shares, "all of the shares");

        uint256 othersBefore = fund.convertToAssets(300 * SHARE);
        uint256 paid;
        uint256 burnt;
        vm.startPrank(alice);
        if (byAssets) {
            paid = bound(part, 0, most);
            burnt = fund.previewWithdraw(paid);
            assertEq(fund.withdraw(paid, alice, alice), burnt, "previewWithdraw is exact for the owner");
            assertLe(burnt, shares, "within the request");
            assertGe(burnt * worth, paid * shares, "not dearer than at the request");
            assertGe(fund.convertToAssets(burnt) + 1, paid, "nor than now");
        } else {
            burnt = bound(part, 0, shares);
            paid = fund.previewRedeem(burnt);
            assertEq(fund.redeem(burnt, alice, alice), paid, "previewRedeem is exact for the owner");
        }
        // The rest, in a second part.
        uint256 left = fund.maxRedeem(alice);
        uint256 rest = left == 0 ? 0 : fund.redeem(left, alice, alice);
        vm.stopPrank();

        assertEq(token.balanceOf(alice), paid + rest, "paid out");
        assertLe(paid + rest, most, "parts are never paid more than the whole");
        assertGe(paid + rest + 2, most, "and at most two units less");
        assertGe(fund.convertToAssets(300 * SHARE), othersBefore, "who stays loses nothing");
    }

    /// @dev Nobody who comes and goes around income and losses takes out what others brought.
    function testFuzz_comingAndGoing_takesNothingFromOthers(uint256[6] calldata steps, uint256 choices) public {
        uint256 brought;
        for (uint256 i = 0; i < steps.length; ++i) {
            uint256 choice = (choices >> (8 * i)) % 4;
            if (choice == 0) {
                uint256 amount = bound(steps[i], 1, 1e12);
                if (fund.previewDeposit(amount) == 0) continue;
                _deposit(carol, amount);
                brought += amount;
            } else if (choice == 1) {
                _lose(bound(steps[i], 0, fund.totalAssets()));
            } else if (choice == 2) {
                skip(bound(steps[i], 0, 30 days));
            } else {
                skip(COOLDOWN + WINDOW);
                _leave(carol);
            }
        }
        skip(COOLDOWN + WINDOW);
        _leave(carol);
        assertLe(token.balanceOf(carol), brought, "no income, no gain");
    }
}

contract InsuranceFundSeriesTest is InsuranceFundFixture {
    function test_series_startsBelowAMillionthOfPar() public {
        _deposit(alice, 3_000_000 * ONE);
        _lose(2_999_997 * ONE);
        assertEq(fund.series(), 0, "a millionth is enough");
        assertEq(fund.totalSupply(), 3_000_000 * SHARE, "supply");

        vm.expectEmit(address(fund));
        emit IInsuranceFund.SeriesStarted(6, 6, 3 * SHARE);
        _lose(1);
        assertEq(fund.series(), 6, "one unit less is not");
        assertEq(fund.totalSupply(), 3 * SHARE, "supply");
        assertEq(fund.balanceOf(alice), 3 * SHARE, "alice");
        assertEq(fund.convertToAssets(3 * SHARE), 3 * ONE - 1, "worth all that is left");
    }

    function test_series_afterAllIsLost_newcomersArePaidInFull() public {
        _deposit(alice, 1_000_000 * ONE);
        _lose(1_000_000 * ONE);
        assertEq(fund.series(), 12, "a unit of 6 decimals is the twelfth digit");
        uint256 shares = _deposit(bob, 500 * ONE);
        assertLe(shares, 500 * SHARE * 10, "at no absurd price");
        assertGe(fund.convertToAssets(shares), 500 * ONE - 1, "worth what he brought");
        assertLe(fund.convertToAssets(fund.balanceOf(alice)), 1, "alice has at most a token unit");

        assertEq(_leave(bob), 500 * ONE, "he leaves with it");
    }

    /// @dev Wiping the fund out again and again never exhausts the numbers.
    function test_series_wipedOutAHundredTimes() public {
        _use(new TestToken("", "", 18));
        uint256 room = house.vault().ledgerLimit();
        for (uint256 i = 0; i < 100; ++i) {
            _deposit(alice, room);
            assertGe(fund.convertToAssets(fund.balanceOf(alice)), room - 2, "worth what she brought");
            assertEq(fund.maxDeposit(alice), 0, "full");
            skip(5 minutes); // the limit refills in less
            _lose(i % 2 == 0 ? room : room - 1);
            room = fund.maxDeposit(alice);
            assertLt(fund.totalSupply(), 1 << 176, "in range");
        }
        assertGt(fund.series(), 3000, "every time a new series");
    }

    /// @dev The case against letting old shares lapse: the fund was refilled at a low price, and then loses little.
    function test_series_takesNothingFromAFundRefilledAtALowPrice() public {
        _deposit(alice, 10_000_000 * ONE);
        _lose(9_999_980 * ONE); // two millionths of par
        assertEq(fund.series(), 0, "still the first");
        _deposit(bob, 1_000_000 * ONE);
        _lose(600_000 * ONE);
        assertEq(fund.series(), 6, "a new series");
        assertApproxEqAbs(fund.convertToAssets(fund.balanceOf(bob)), 400_012 * ONE, 5 * ONE, "bob has 40 % left");
    }

    function test_series_requestsGoOn() public {
        _deposit(alice, 1_000_000 * ONE);
        _deposit(bob, 3_000_000 * ONE);
        _request(alice, 800_000 * SHARE);
        _lose(4_000_000 * ONE - 3 * ONE);
        assertEq(fund.series(), 6, "a new series");
        (uint256 shares, uint256 assets, , ) = fund.withdrawalOf(alice);
        assertEq(shares, (SHARE * 8) / 10, "the request is divided too");
        assertEq(assets, 800_000 * ONE, "its worth is money and is not");

        vm.expectRevert(abi.encodeWithSelector(Errors.WithdrawalPending.selector, alice, shares));
        vm.prank(alice);
        fund.transfer(bob, SHARE);
        vm.prank(alice);
        fund.transfer(bob, SHARE / 5);

        _earn(400 * ONE); // about a hundred a share
        skip(COOLDOWN);
        uint256 paid = _redeem(alice, shares / 2);
        assertApproxEqAbs(paid, 40.3 * 1e6, 10, "half of a fifth");
        assertEq(fund.maxRedeem(alice), shares - shares / 2, "the rest is still open");
        _redeem(alice, fund.maxRedeem(alice));
        assertEq(fund.balanceOf(alice), 0, "left");
    }

    function test_series_requestOfDustDies() public {
        _use(new TestToken("", "", 18));
        _deposit(alice, 1e9);
        _deposit(bob, 1e33);
        _request(alice, 1e9 * 1e9);
        _lose(1e33 + 1e9);
        assertEq(fund.balanceOf(alice), 0, "less than a share of the new series");
        skip(COOLDOWN);
        assertEq(fund.maxRedeem(alice), 0, "nothing to redeem");
        assertEq(fund.maxWithdraw(alice), 0, "nothing to withdraw");
        vm.expectRevert(abi.encodeWithSelector(Errors.NoWithdrawalRequested.selector, alice));
        vm.prank(alice);
        fund.redeem(0, alice, alice);
    }

    function test_series_longAbsenceLeavesNothing() public {
        _deposit(carol, 1);
        for (uint256 i = 0; i < 8; ++i) {
            _deposit(alice, 1e15);
            _lose(fund.totalAssets());
        }
        assertGt(fund.series(), 76, "more digits than a number has");
        assertEq(fund.balanceOf(carol), 0, "read without a fault");
        vm.prank(carol);
        fund.transfer(alice, 0);
    }

    /// @dev A fall divides everybody's shares and leaves their parts alone, but for less than a token unit each.
    function testFuzz_series_keepsEverybodysPart(
        uint256 a,
        uint256 b,
        uint256 left,
        uint256 refill,
        bool touch
    ) public {
        a = bound(a, ONE, 1e15);
        b = bound(b, ONE, 1e15);
        _deposit(alice, a);
        _deposit(bob, b);
        uint256 supply = fund.totalSupply() + 1e21; // with the virtual shares
        (uint256 ofAlice, uint256 ofBob) = (fund.balanceOf(alice), fund.balanceOf(bob));

        left = bound(left, 0, (a + b - 1) / 1e6);
        _lose(a + b - left);
        bool fell = (a + b) / 1e6 > left;
        assertEq(fund.series() > 0, fell, "a new series below a millionth, and only then");

        if (touch) {
            vm.prank(alice);
            fund.transfer(alice, 0);
        }
        assertApproxEqAbs(fund.convertToAssets(fund.balanceOf(alice)), (ofAlice * (left + 1)) / supply, 1, "alice");
        assertApproxEqAbs(fund.convertToAssets(fund.balanceOf(bob)), (ofBob * (left + 1)) / supply, 1, "bob");
        assertLe(fund.balanceOf(alice) + fund.balanceOf(bob), fund.totalSupply(), "balances within the supply");
        assertLe(fund.totalSupply(), 1e6 * 1e21 * (left + 2), "a share is worth a millionth of par or more");

        refill = bound(refill, 1, 1e15);
        uint256 shares = _deposit(carol, refill);
        assertLe(fund.convertToAssets(shares), refill, "a newcomer gains nothing");
        assertGe(fund.convertToAssets(shares) + 1, refill, "and loses nothing");
    }
}

contract InsuranceFundCoverTest is InsuranceFundFixture {
    uint128 private constant CAPACITY = 1000e18;
    uint104 private constant REFILL = 0.01e18;

    function setUp() public override {
        super.setUp();
        _limit(0, CAPACITY, REFILL);
        _limit(1, CAPACITY, REFILL);
        _limit(2, CAPACITY, REFILL);
    }

    function _limit(uint8 market, uint128 capacity, uint104 refillPerSecond) private {
        _limit(market, capacity, refillPerSecond, 0);
    }

    function _limit(uint8 market, uint128 capacity, uint104 refillPerSecond, uint24 gap) private {
        fund.setLimit(market, IInsuranceFund.Limit(capacity, refillPerSecond, gap));
    }

    function _cover(uint8 market, uint256 amount, uint256 assets) private returns (uint256) {
        (uint8[] memory markets, uint256[] memory amounts) = _one(market, amount);
        vm.prank(address(house));
        return fund.cover(markets, amounts, assets)[0];
    }

    function test_cover_paysWhatBucketAndAssetsAllow() public {
        vm.expectEmit(address(fund));
        emit IInsuranceFund.Covered(0, 300e18, 300e18, 700e18);
        assertEq(_cover(0, 300e18, 5000e18), 300e18, "all of it");
        assertEq(_cover(0, 900e18, 5000e18), 700e18, "what the bucket has");
        assertEq(_cover(0, 1, 5000e18), 0, "nothing");
        assertEq(_cover(1, 900e18, 40e18), 40e18, "what the fund has");
        assertEq(fund.available(1), 960e18, "only what was paid is taken from the bucket");
        assertEq(_cover(9, 1e18, 5000e18), 0, "no limit, nothing");
        vm.recordLogs();
        assertEq(_cover(0, 0, 5000e18), 0, "nothing asked");
        assertEq(vm.getRecordedLogs().length, 0, "nothing said");
    }

    function test_cover_sharesProRataRoundedDown() public {
        uint8[] memory markets = new uint8[](3);
        (markets[0], markets[1], markets[2]) = (2, 0, 1);
        uint256[] memory amounts = new uint256[](3);
        (amounts[0], amounts[1], amounts[2]) = (100e18, 200e18, 5000e18); // of the last, 1000 are allowed
        vm.prank(address(house));
        uint256[] memory paid = fund.cover(markets, amounts, 100e18);
        assertEq(paid[0], 7692307692307692307, "100 of 1300");
        assertEq(paid[1], 15384615384615384615, "200 of 1300");
        assertEq(paid[2], 76923076923076923076, "1000 of 1300");
        assertEq(fund.available(2), CAPACITY - paid[0], "bucket 2");
        assertEq(fund.available(0), CAPACITY - paid[1], "bucket 0");
        assertEq(fund.available(1), CAPACITY - paid[2], "bucket 1");
    }

    function test_cover_throughTheHouse() public {
        _deposit(alice, 100 * ONE);
        (uint8[] memory markets, uint256[] memory amounts) = _one(0, 30e18 + 1);
        ILedgerHouse(address(house)).cover(markets, amounts, accountId(carol, 0));
        assertEq(_money(), 70e18 - 1, "money left");
        assertEq(fund.totalAssets(), 70 * ONE - 1, "in whole token units");
    }

    function test_cover_onlyByClearingHouse() public {
        (uint8[] memory markets, uint256[] memory amounts) = _one(0, 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.OnlyClearingHouse.selector, address(this)));
        fund.cover(markets, amounts, 1);
    }

    function test_cover_needsAnAmountForEveryMarket() public {
        vm.expectRevert(abi.encodeWithSelector(Errors.LengthsDiffer.selector, 1, 0));
        vm.prank(address(house));
        fund.cover(new uint8[](1), new uint256[](0), 1);
    }

    // ------------------------------------------------------------------ limits

    function test_setLimit_onlyThroughTheAccessManager() public {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, alice));
        vm.prank(alice);
        fund.setLimit(0, IInsuranceFund.Limit(1, 1, 0));
    }

    function test_setLimit_firstStartsFullAndLaterOnesNeverFill() public {
        vm.expectEmit(address(fund));
        emit IInsuranceFund.LimitSet(7, CAPACITY, REFILL, 0, CAPACITY);
        _limit(7, CAPACITY, REFILL);
        assertEq(fund.limitOf(7).capacity, CAPACITY, "capacity");
        assertEq(fund.limitOf(7).refillPerSecond, REFILL, "refill");
        assertEq(fund.available(7), CAPACITY, "full");

        _cover(7, 600e18, 5000e18);
        _limit(7, 2 * CAPACITY, REFILL);
        assertEq(fund.available(7), 400e18, "more room is not more money");
        vm.expectEmit(address(fund));
        emit IInsuranceFund.LimitSet(7, 100e18, REFILL, 0, 100e18);
        _limit(7, 100e18, REFILL);
        assertEq(fund.available(7), 100e18, "cut to less room");
        _limit(7, 0, 0);
        _limit(7, CAPACITY, 0);
        assertEq(fund.available(7), 0, "taken away and given back: empty");
        skip(365 days);
        assertEq(fund.available(7), 0, "and without a refill it stays so");
    }

    function test_setLimit_settlesTheTimeBeforeAtTheOldRate() public {
        _cover(0, CAPACITY, 5000e18);
        skip(100);
        _limit(0, CAPACITY, 10 * REFILL);
        assertEq(fund.available(0), 1e18, "a hundred seconds of the old rate");
        skip(100);
        assertEq(fund.available(0), 11e18, "and of the new one");
    }

    function test_setLimit_refusesMoreThanMoneyCanBe() public {
        vm.expectRevert(
            abi.encodeWithSelector(Errors.ParameterOutOfBounds.selector, "capacity", MAX_LEDGER, 0, MAX_LEDGER - 1)
        );
        _limit(0, uint128(MAX_LEDGER), 1);
    }

    // ------------------------------------------------------------------ open interest

    function test_setLimit_keepsTheGap() public {
        vm.expectEmit(address(fund));
        emit IInsuranceFund.LimitSet(7, CAPACITY, REFILL, 50_000, CAPACITY);
        _limit(7, CAPACITY, REFILL, 50_000);
        assertEq(uint256(fund.limitOf(7).gap), 50_000, "gap");
        assertEq(fund.limitOf(7).capacity, CAPACITY, "capacity");
        assertEq(fund.limitOf(7).refillPerSecond, REFILL, "refill");
        assertEq(uint256(fund.limitOf(0).gap), 0, "of another market");

        // Another gap alone: what is available is what it was.
        _cover(7, 600e18, 5000e18);
        skip(100);
        vm.expectEmit(address(fund));
        emit IInsuranceFund.LimitSet(7, CAPACITY, REFILL, 1, 401e18);
        _limit(7, CAPACITY, REFILL, 1);
        assertEq(uint256(fund.limitOf(7).gap), 1, "another gap");
        _limit(7, CAPACITY, REFILL);
        assertEq(uint256(fund.limitOf(7).gap), 0, "none");
        assertEq(fund.available(7), 401e18, "available");
    }

    function test_setLimit_boundsTheGap() public {
        _limit(7, CAPACITY, REFILL, 1_000_000);
        assertEq(uint256(fund.limitOf(7).gap), 1_000_000, "all of notional");
        vm.expectRevert(abi.encodeWithSelector(Errors.ParameterOutOfBounds.selector, "gap", 1_000_001, 0, 1_000_000));
        _limit(7, 1, 1, 1_000_001);
        assertEq(fund.limitOf(7).capacity, CAPACITY, "nothing has changed");
        assertEq(uint256(fund.limitOf(7).gap), 1_000_000, "nor the gap");
    }

    function test_openInterestLimit_withoutAGapIsNone() public {
        assertEq(fund.openInterestLimit(0, 5000e18), type(uint256).max, "with money");
        assertEq(fund.openInterestLimit(0, 0), type(uint256).max, "without");
        assertEq(fund.openInterestLimit(9, 5000e18), type(uint256).max, "without a limit at all");
        _limit(7, 0, 0, 1);
        assertEq(fund.openInterestLimit(7, 5000e18), 0, "with a gap, and nothing to draw");
    }

    /// @dev With 1,000 to draw and a gap of 5 % there is room for 20,000.
    function test_openInterestLimit_isWhatTheBucketBears() public {
        _limit(7, CAPACITY, REFILL, 50_000);
        assertEq(fund.openInterestLimit(7, 5000e18), 20_000e18, "a full bucket");
        assertEq(fund.openInterestLimit(7, 1000e18), 20_000e18, "as much money as the bucket has");
        assertEq(fund.openInterestLimit(7, 1000e18 - 1), 20_000e18 - 20, "a wei less of money");
        assertEq(fund.openInterestLimit(7, 400e18), 8_000e18, "less money than the bucket has");
        assertEq(fund.openInterestLimit(7, 0), 0, "no money");
        assertEq(fund.openInterestLimit(7, type(uint256).max), 20_000e18, "all the money there can be");
    }

    function test_openInterestLimit_closesAsTheBucketEmptiesAndOpensAsItRefills() public {
        _limit(7, CAPACITY, REFILL, 50_000);
        _cover(7, 600e18, 5000e18);
        assertEq(fund.openInterestLimit(7, 5000e18), 8_000e18, "400 are left");
        assertEq(fund.openInterestLimit(7, 100e18), 2_000e18, "and only 100 are there");
        _cover(7, 400e18, 5000e18);
        assertEq(fund.openInterestLimit(7, 5000e18), 0, "empty");
        skip(1);
        assertEq(fund.openInterestLimit(7, 5000e18), 0.2e18, "a second's refill");
        skip(50_000);
        assertEq(fund.openInterestLimit(7, 5000e18), 10_000.2e18, "half of it");
        skip(50_000);
        assertEq(fund.openInterestLimit(7, 5000e18), 20_000e18, "full");
        skip(365 days);
        assertEq(fund.openInterestLimit(7, 5000e18), 20_000e18, "and no fuller");
    }

    function test_openInterestLimit_atTheEndsOfTheGap() public {
        _limit(7, CAPACITY, 0, 1_000_000);
        assertEq(fund.openInterestLimit(7, 5000e18), CAPACITY, "all of notional");
        _limit(7, CAPACITY, 0, 1);
        assertEq(fund.openInterestLimit(7, 5000e18), 1_000_000 * uint256(CAPACITY), "a millionth");
        _limit(6, uint128(MAX_LEDGER - 1), 0, 1);
        assertEq(fund.openInterestLimit(6, type(uint256).max), (MAX_LEDGER - 1) * 1e6, "of all there can be");
    }

    /// @dev Stricter.
    function test_openInterestLimit_roundsDown() public {
        _limit(7, 7, 0, 3);
        assertEq(fund.openInterestLimit(7, 7), 2_333_333, "7 by 3 millionths");
        assertEq(fund.openInterestLimit(7, 2), 666_666, "2 by 3 millionths");
        _limit(7, 7, 0, 999_999);
        assertEq(fund.openInterestLimit(7, 7), 7, "7 and a fraction");
        assertEq(fund.openInterestLimit(7, 1), 1, "1 and a fraction");
    }

    function testFuzz_openInterestLimit_isTheMostWhoseGapIsBorne(
        uint256 capacity,
        uint256 assets,
        uint256 gap,
        uint256 drawn
    ) public {
        (capacity, gap) = (bound(capacity, 0, MAX_LEDGER - 1), bound(gap, 1, 1_000_000));
        assets = bound(assets, 0, 2 * MAX_LEDGER);
        _limit(7, uint128(capacity), 0, uint24(gap));
        uint256 level = capacity - _cover(7, bound(drawn, 0, capacity), type(uint256).max);
        uint256 borne = level < assets ? level : assets;
        uint256 limit = fund.openInterestLimit(7, assets);
        assertLe(limit * gap, borne * 1e6, "its gap is borne");
        assertGt((limit + 1) * gap, borne * 1e6, "that of a wei more is not");
    }

    // ------------------------------------------------------------------ the bucket

    function test_bucket_refillsForAges() public {
        _limit(7, uint128(MAX_LEDGER - 1), type(uint104).max);
        _cover(7, type(uint256).max, type(uint256).max);
        assertEq(fund.available(7), 0, "empty");
        vm.warp(type(uint64).max);
        assertEq(fund.available(7), MAX_LEDGER - 1, "full, no overflow");
    }

    function testFuzz_bucket_paidIsAtMostLevelIsAtMostCapacity(
        uint128 capacity,
        uint104 refill,
        uint256[6] calldata asked,
        uint256[6] calldata waits
    ) public {
        capacity = uint128(bound(capacity, 0, MAX_LEDGER - 1));
        _limit(7, capacity, refill);
        uint256 level = capacity;
        for (uint256 i = 0; i < asked.length; ++i) {
            uint256 wait = bound(waits[i], 0, 50 * 365 days);
            skip(wait);
            uint256 filled = level + wait * uint256(refill);
            level = filled < capacity ? filled : capacity;
            assertEq(fund.available(7), level, "the level is what time and capacity allow");

            uint256 paid = _cover(7, asked[i], type(uint256).max);
            assertEq(paid, asked[i] < level ? asked[i] : level, "paid");
            level -= paid;
            assertEq(fund.available(7), level, "left");
        }
    }

    function testFuzz_cover_neverRevertsAndNeverOverpays(
        uint256[4] calldata amounts_,
        uint256 assets,
        uint256 seed,
        bool tiny
    ) public {
        _deposit(alice, bound(seed, 1, 1e21));
        uint256 many = seed % 5;
        uint8[] memory markets = new uint8[](many);
        uint256[] memory amounts = new uint256[](many);
        uint256[] memory levels = new uint256[](many);
        for (uint256 i = 0; i < many; ++i) {
            markets[i] = uint8(i);
            amounts[i] = tiny ? amounts_[i] % 1e24 : amounts_[i];
            levels[i] = fund.available(markets[i]);
        }
        if (tiny) assets %= 1e24;

        vm.prank(address(house));
        uint256[] memory paid = fund.cover(markets, amounts, assets);
        uint256 sum;
        uint256 allowed;
        for (uint256 i = 0; i < many; ++i) {
            assertLe(paid[i], amounts[i], "at most what was asked");
            assertLe(paid[i], levels[i], "at most what the bucket had");
            assertEq(fund.available(markets[i]), levels[i] - paid[i], "taken from the bucket");
            sum += paid[i];
            allowed += amounts[i] < levels[i] ? amounts[i] : levels[i];
        }
        assertLe(sum, assets, "at most the assets");
        uint256 could = allowed < assets ? allowed : assets;
        assertLe(could - sum, many, "and at most a wei per market less than that");
    }

    function testFuzz_cover_neverRevertsWhereMarketsRepeat(
        uint8[] calldata markets,
        uint256 amount,
        uint256 assets
    ) public {
        uint256[] memory amounts = new uint256[](markets.length);
        for (uint256 i = 0; i < amounts.length; ++i) amounts[i] = amount;
        vm.prank(address(house));
        fund.cover(markets, amounts, assets);
    }
}
