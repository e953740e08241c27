// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {Errors} from "../../contracts/interfaces/Errors.sol";
import {Depositor, FundBook} from "./FundBook.sol";

/// @notice The insurance fund as an ERC-4626 vault, on the real clearing house: what previews, conversions and maxima promise,
/// in random walks of several depositors through losses that deleveragings made, fees, penalties and gifts.
/// @dev Prices are counted a second time, from `totalAssets`, `totalSupply` and the virtual share alone.
contract ERC4626FundTest is FundBook {
    uint256 private constant DEPOSITORS = 4;

    /// @dev What a walk has reached.
    uint256 private losses;
    uint256 private restarts;
    uint256 private paidAtOld;
    uint256 private paidAtNew;

    /// hardhat-config: fuzz.runs = 48
    function testFuzz_walk_keepsEveryPromise(uint256 seed) public {
        _walk(seed);
    }

    /// @dev Without losses, new series and payments at either price there is nothing to prove.
    function test_walks_reachWhatTheyAreFor() public {
        uint256 id = vm.snapshotState();
        uint256[4] memory reached;
        for (uint256 seed; seed < 40; ++seed) {
            _walk(seed);
            if (losses != 0) ++reached[0];
            if (restarts != 0) ++reached[1];
            if (paidAtOld != 0) ++reached[2];
            if (paidAtNew != 0) ++reached[3];
            vm.revertToState(id);
        }
        assertGe(reached[0], 36, "losses");
        assertGe(reached[1], 8, "a new series");
        assertGe(reached[2], 16, "paid at the price of the request");
        assertGe(reached[3], 16, "paid at the price of the execution");
    }

    function _walk(uint256 seed) private {
        _seed(seed);
        _openFund([6, 8, 18][_draw(0, 2)], DEPOSITORS);
        if (_chance(20)) _donate(_drawLog(1, 1e6 * one));
        for (uint256 i; i < 30; ++i) {
            Depositor who = depositors[_draw(0, DEPOSITORS - 1)];
            uint256 dice = _draw(0, 99);
            if (dice < 24) _come(who);
            else if (dice < 32) _ask(who);
            else if (dice < 64) _go(who);
            else if (dice < 69) _passOn(who);
            else if (dice < 80) _suffer();
            else if (dice < 90) _enjoy();
            else skip(_draw(1, 8 days));
            _requireRounding();
            _requireClaimsBacked();
            _requireMaxima(who);
        }
    }

    // ------------------------------------------------------------------ what happens

    /// @dev `previewDeposit` and `previewMint` are what `deposit` and `mint` give, and nobody who is there pays for it.
    function _come(Depositor who) private {
        (uint256 assets, uint256 shares) = _price();
        if (_chance(50)) {
            uint256 amount = _drawLog(1, 1e6 * one);
            _give(who, amount);
            if (fund.previewDeposit(amount) == 0) {
                vm.expectRevert(abi.encodeWithSelector(Errors.AmountIsZero.selector));
                who.deposit(amount);
                return;
            }
            (uint256 promised, uint256 got, uint256 paid) = who.deposit(amount);
            assertEq(got, promised, "previewDeposit");
            assertEq(paid, amount, "deposit takes what was named");
            _requireFloor(got, amount, shares, assets, "previewDeposit");
        } else {
            uint256 amount = _drawLog(1, (1e6 * one * shares) / assets + 1);
            _give(who, fund.previewMint(amount));
            (uint256 promised, uint256 cost, uint256 paid) = who.mint(amount);
            assertEq(cost, promised, "previewMint");
            assertEq(paid, cost, "mint takes what it says");
            _requireCeil(cost, amount, assets, shares, "previewMint");
        }
        _requirePriceKept(assets, shares);
    }

    function _ask(Depositor who) private {
        uint256 balance = fund.balanceOf(address(who));
        if (balance == 0) return _come(who);
        (uint256 pending, , , ) = fund.withdrawalOf(address(who));
        uint256 shares = _chance(50) ? balance : _draw(1, balance);
        if (fund.convertToAssets(shares) == 0) {
            vm.expectRevert(abi.encodeWithSelector(Errors.AmountIsZero.selector));
            return who.request(shares);
        }
        if (pending != 0) {
            vm.expectRevert(abi.encodeWithSelector(Errors.WithdrawalPending.selector, address(who), pending));
            return who.request(shares);
        }
        who.request(shares);
        (uint256 asked, uint256 worth, uint256 opensAt, uint256 closesAt) = fund.withdrawalOf(address(who));
        assertEq(asked, shares, "requested shares");
        assertEq(worth, fund.convertToAssets(shares), "requested worth");
        assertEq(opensAt, vm.getBlockTimestamp() + fund.cooldown(), "opens");
        assertEq(closesAt, opensAt + fund.window(), "closes");
    }

    /// @dev Pays from an open request, often after waiting for it: the lower of the two prices, rounded down, and the price of
    /// those who stay is not lowered.
    function _go(Depositor who) private {
        if (fund.balanceOf(address(who)) == 0) _come(who);
        (uint256 asked, uint256 worth, uint256 opensAt, uint256 closesAt) = fund.withdrawalOf(address(who));
        if (asked == 0) _ask(who);
        (asked, worth, opensAt, closesAt) = fund.withdrawalOf(address(who));
        // Shares worth less than a token unit cannot be asked for.
        if (asked == 0) return;
        if (vm.getBlockTimestamp() < opensAt) {
            if (_chance(25)) return _tooEarly(who, opensAt, closesAt);
            if (_chance(40)) _suffer();
            else if (_chance(70)) _enjoy();
            // Losses may have started a series, and with it another count of the same shares.
            (asked, worth, opensAt, closesAt) = fund.withdrawalOf(address(who));
            if (asked == 0) return;
            vm.warp(_draw(_max(opensAt, vm.getBlockTimestamp()), closesAt - 1));
        }
        (uint256 assets, uint256 shares) = _price();
        {
            uint256 today = (asked * assets) / shares;
            if (today > worth) ++paidAtOld;
            if (today < worth) ++paidAtNew;
        }
        if (_chance(50)) {
            uint256 amount = _chance(50) ? asked : _draw(1, asked);
            (uint256 promised, uint256 got, uint256 paid) = who.redeem(amount);
            assertEq(got, promised, "previewRedeem");
            assertEq(paid, got, "redeem pays what it says");
            assertEq(got, _min((amount * assets) / shares, (amount * worth) / asked), "the lower of two prices");
        } else {
            uint256 most = fund.maxWithdraw(address(who));
            if (most == 0) return;
            uint256 amount = _chance(50) ? most : _draw(1, most);
            (uint256 promised, uint256 burnt, uint256 paid) = who.withdraw(amount);
            assertEq(burnt, promised, "previewWithdraw");
            assertEq(paid, amount, "withdraw pays what was named");
            assertLe(burnt, asked, "of what was requested");
            _requireNotLess(burnt, amount, shares, assets, "today's price");
            assertLe(amount, (burnt * worth) / asked, "the price of the request");
        }
        _requirePriceKept(assets, shares);
    }

    function _tooEarly(Depositor who, uint256 opensAt, uint256 closesAt) private {
        bytes memory closed = abi.encodeWithSelector(
            Errors.WithdrawalWindowClosed.selector,
            vm.getBlockTimestamp(),
            opensAt,
            closesAt
        );
        vm.expectRevert(closed);
        who.redeem(1);
        vm.expectRevert(closed);
        who.withdraw(1);
    }

    /// @dev Shares that are not asked for move, and nobody is richer or poorer but the two.
    function _passOn(Depositor who) private {
        (uint256 pending, , , ) = fund.withdrawalOf(address(who));
        uint256 free = fund.balanceOf(address(who)) - pending;
        Depositor to = depositors[_draw(0, DEPOSITORS - 1)];
        (uint256 assets, uint256 shares) = _price();
        if (pending != 0) {
            vm.expectRevert(abi.encodeWithSelector(Errors.WithdrawalPending.selector, address(who), pending));
            who.passOn(address(to), free + 1);
        }
        uint256 sum = fund.balanceOf(address(who)) + fund.balanceOf(address(to));
        who.passOn(address(to), _draw(0, free));
        assertEq(fund.balanceOf(address(who)) + fund.balanceOf(address(to)), sum, "balances");
        (uint256 assetsAfter, uint256 sharesAfter) = _price();
        assertEq(assetsAfter, assets, "assets");
        assertEq(sharesAfter, shares, "shares");
    }

    /// @dev A deleveraging that the fund pays for takes from everybody in proportion, across a new series as well.
    function _suffer() private {
        uint256 money = _collateral(fundAccount);
        if (money < vault.unit()) return _enjoy();
        uint256 kind = _draw(0, 3);
        uint256 asked = money / 3;
        if (kind == 1) asked = _drawLog(vault.unit(), money);
        // Nearly all of it, or more than all.
        if (kind == 2) asked = money - money / _drawLog(1e4, 1e9);
        if (kind == 3) asked = _chance(30) ? money * 2 : asked;

        uint256 series = fund.series();
        uint256[] memory claims = _claims();
        (uint256 assets, ) = _price();
        _lose(asked);
        (uint256 assetsAfter, ) = _price();
        if (assetsAfter < assets) ++losses;
        if (fund.series() != series) ++restarts;
        // Fees of the defaulter's own trade came in first, so what is left may be more than it was.
        for (uint256 i; i < DEPOSITORS; ++i) {
            uint256 left = _claim(depositors[i]);
            // Both are rounded down, and a series costs less than a unit in all.
            uint256 fair = (claims[i] * assetsAfter) / assets;
            assertLe(left, ((claims[i] + 1) * assetsAfter) / assets + 1, "nobody loses less than the others");
            assertGe(left + 2, fair, "nobody loses more than the others");
        }
    }

    /// @dev A gift, or a penalty and fees, belong to the holders and to nobody else.
    function _enjoy() private {
        uint256[] memory claims = _claims();
        (uint256 assets, uint256 shares) = _price();
        if (_chance(50)) _donate(_drawLog(1 + one / 1e4, 1e5 * one));
        else _earnPenalty(_drawLog(WAD, 1e6 * WAD));
        (uint256 assetsAfter, uint256 sharesAfter) = _price();
        assertEq(sharesAfter, shares, "no share is made");
        assertGe(assetsAfter, assets, "the fund is not poorer");
        uint256 gained;
        for (uint256 i; i < DEPOSITORS; ++i) {
            uint256 claim = _claim(depositors[i]);
            assertGe(claim, claims[i], "nobody is poorer");
            gained += claim - claims[i];
        }
        assertLe(gained, assetsAfter - assets + DEPOSITORS, "nobody gains what did not come in");
    }

    function _claims() private view returns (uint256[] memory claims) {
        claims = new uint256[](DEPOSITORS);
        for (uint256 i; i < DEPOSITORS; ++i) claims[i] = _claim(depositors[i]);
    }

    // ------------------------------------------------------------------ what must hold in between

    /// @dev Conversions round down; what one pays rounds up and what one gets rounds down; a way there and back gives no more.
    function _requireRounding() private {
        (uint256 assets, uint256 shares) = _price();
        uint256 x = _drawLog(1, 1e7 * one);
        uint256 y = _drawLog(1, (1e7 * one * shares) / assets + 1);
        _requireFloor(fund.convertToShares(x), x, shares, assets, "convertToShares");
        _requireFloor(fund.convertToAssets(y), y, assets, shares, "convertToAssets");
        assertEq(fund.previewDeposit(x), fund.convertToShares(x), "previewDeposit");
        _requireCeil(fund.previewMint(y), y, assets, shares, "previewMint");
        // This test has no request: today's price.
        assertEq(fund.previewRedeem(y), fund.convertToAssets(y), "previewRedeem");
        _requireCeil(fund.previewWithdraw(x), x, shares, assets, "previewWithdraw");

        assertLe(fund.convertToAssets(fund.convertToShares(x)), x, "assets to shares to assets");
        assertLe(fund.convertToShares(fund.convertToAssets(y)), y, "shares to assets to shares");
        assertGe(fund.previewMint(fund.previewDeposit(x) + 1), x, "one share more costs what it is worth");
        assertLe(fund.previewMint(fund.previewDeposit(x)), x, "a deposit buys no more than a mint");
        assertGe(fund.previewWithdraw(x), fund.previewDeposit(x), "leaving takes what coming gave");
        assertLe(fund.previewRedeem(y), fund.previewMint(y), "leaving gives what coming took");
    }

    /// @dev What everybody could be paid is there, and is money of the house's ledger.
    function _requireClaimsBacked() private view {
        uint256 claims;
        uint256 balances;
        for (uint256 i; i < DEPOSITORS; ++i) {
            claims += _claim(depositors[i]);
            balances += fund.balanceOf(address(depositors[i]));
        }
        assertLe(balances, fund.totalSupply(), "balances");
        assertGe(balances + DEPOSITORS, fund.totalSupply(), "but for what a series rounds off");
        assertLe(claims, fund.totalAssets(), "claims");
        assertEq(fund.totalAssets(), _collateral(fundAccount) / vault.unit(), "assets are the ledger account's");
        assertEq(token.balanceOf(address(fund)), 0, "no token lies here");
    }

    /// @dev What the maxima promise succeeds and one more does not, at every boundary of a request's time. Leaves no trace.
    function _requireMaxima(Depositor who) private {
        (uint256 asked, , uint256 opensAt, uint256 closesAt) = fund.withdrawalOf(address(who));
        uint256 now_ = vm.getBlockTimestamp();
        if (now_ < opensAt) {
            _requireClosed(who);
            vm.warp(opensAt - 1);
            _requireClosed(who);
            vm.warp(opensAt);
        }
        if (asked != 0) {
            _requireOpen(who, asked);
            vm.warp(closesAt - 1);
            _requireOpen(who, asked);
            vm.warp(closesAt);
        }
        _requireClosed(who);
        vm.warp(now_);
        if (_chance(10)) _requireRoom(who);
    }

    function _requireClosed(Depositor who) private {
        assertEq(fund.maxRedeem(address(who)), 0, "maxRedeem");
        assertEq(fund.maxWithdraw(address(who)), 0, "maxWithdraw");
        vm.expectRevert();
        who.redeem(1);
        vm.expectRevert();
        who.withdraw(1);
    }

    function _requireOpen(Depositor who, uint256 asked) private {
        uint256 most = fund.maxWithdraw(address(who));
        assertEq(fund.maxRedeem(address(who)), asked, "maxRedeem");
        assertEq(who.previewRedeem(asked), most, "maxWithdraw is what redeeming all would pay");
        vm.expectRevert(
            abi.encodeWithSelector(ERC4626.ERC4626ExceededMaxRedeem.selector, address(who), asked + 1, asked)
        );
        who.redeem(asked + 1);
        vm.expectRevert(
            abi.encodeWithSelector(ERC4626.ERC4626ExceededMaxWithdraw.selector, address(who), most + 1, most)
        );
        who.withdraw(most + 1);

        uint256 id = vm.snapshotState();
        (, uint256 got, ) = who.redeem(asked);
        assertEq(got, most, "redeeming the most");
        assertEq(fund.maxRedeem(address(who)), 0, "nothing is left");
        vm.revertToState(id);
        if (most == 0) return;
        id = vm.snapshotState();
        (, uint256 burnt, ) = who.withdraw(most);
        assertLe(burnt, asked, "withdrawing the most");
        vm.revertToState(id);
    }

    /// @dev Up to the room that the vault has left, and not a unit more.
    function _requireRoom(Depositor who) private {
        uint256 id = vm.snapshotState();
        uint256 most = fund.maxDeposit(address(who));
        assertEq(most, vault.ledgerLimit() - vault.ledgerBalance(), "maxDeposit");
        uint256 mostShares = fund.maxMint(address(who));
        _give(who, 2 * most);
        vm.expectRevert(
            abi.encodeWithSelector(ERC4626.ERC4626ExceededMaxDeposit.selector, address(who), most + 1, most)
        );
        who.deposit(most + 1);
        vm.expectRevert(
            abi.encodeWithSelector(ERC4626.ERC4626ExceededMaxMint.selector, address(who), mostShares + 1, mostShares)
        );
        who.mint(mostShares + 1);
        if (mostShares != 0) {
            who.mint(mostShares);
            vm.revertToState(id);
            id = vm.snapshotState();
            _give(who, most);
            who.deposit(most);
            assertEq(fund.maxDeposit(address(who)), 0, "full");
        }
        vm.revertToState(id);
    }

    /// @dev Whoever comes or goes leaves what a share is worth as it was, or higher.
    function _requirePriceKept(uint256 assets, uint256 shares) private view {
        (uint256 assetsAfter, uint256 sharesAfter) = _price();
        assertGe(assetsAfter * shares, assets * sharesAfter, "the price of those who stay");
    }

    // ------------------------------------------------------------------ x · numerator / denominator, bracketed

    function _requireFloor(
        uint256 found,
        uint256 x,
        uint256 numerator,
        uint256 denominator,
        string memory what
    ) private pure {
        assertLe(found * denominator, x * numerator, string.concat(what, ": not up"));
        assertGt((found + 1) * denominator, x * numerator, string.concat(what, ": by less than one"));
    }

    function _requireCeil(
        uint256 found,
        uint256 x,
        uint256 numerator,
        uint256 denominator,
        string memory what
    ) private pure {
        _requireNotLess(found, x, numerator, denominator, what);
        if (found != 0) {
            assertLt((found - 1) * denominator, x * numerator, string.concat(what, ": by less than one"));
        }
    }

    function _requireNotLess(
        uint256 found,
        uint256 x,
        uint256 numerator,
        uint256 denominator,
        string memory what
    ) private pure {
        assertGe(found * denominator, x * numerator, string.concat(what, ": not down"));
    }
}

/// @notice Coming and going where nothing is earned or lost, and the first depositor's attack on the next one.
contract ERC4626FundAttackTest is FundBook {
    Depositor private attacker;
    Depositor private victim;
    Depositor private other;

    /// @dev Deposits and mints in any mixture, out by redeeming and withdrawing in any parts, in a fund with any past: never
    /// more out than in, and little less. Who comes in between leaves less than one share's price to those who are there; that
    /// is all there is to gain, and not after the request.
    /// hardhat-config: fuzz.runs = 128
    function testFuzz_roundTrip_givesNoMoreThanItTook(uint256 seed) public {
        _seed(seed);
        _begin();
        if (_chance(70)) _in(other, _drawLog(1, 1e6 * one));
        if (_chance(50)) _donate(_drawLog(1, 1e6 * one));
        if (_chance(50) && _collateral(fundAccount) >= vault.unit()) {
            _lose(_collateral(fundAccount) - _collateral(fundAccount) / _drawLog(2, 1e9));
        }
        (uint256 assets, uint256 shares) = _price();
        uint256 put;
        uint256 steps = _draw(1, 4);
        for (uint256 i; i < steps; ++i) put += _in(attacker, _drawLog(1, 1e6 * one));
        uint256 left;
        if (_chance(50)) {
            _in(other, _drawLog(1, 1e6 * one));
            left = assets / shares + 1;
        }
        uint256 balance = fund.balanceOf(address(attacker));
        if (fund.convertToAssets(balance) == 0) return;

        attacker.request(balance);
        skip(fund.cooldown());
        if (_chance(50)) _in(other, _drawLog(1, 1e6 * one));
        uint256 parts = _draw(1, 4);
        for (uint256 i; i < parts; ++i) _out(i + 1 == parts);
        uint256 got = token.balanceOf(address(attacker));
        assertLe(got, put + left, "never more out than in");
        // A step in leaves at most a share's price and a unit behind, a step out two units: of its own, and of the request.
        assertGe(got + (steps + 2 * parts) * (assets / shares + 2), put, "nor much less");
    }

    /// @dev The attacker makes a share dear before the victim comes: a deposit, tokens thrown at the fund and at the vault
    /// (which nobody counts), and a gift to the fund's ledger account. It gains nothing, whenever it asks to leave, and what the
    /// victim loses is at most the price of one share, and two token units: with the nine digits that a share has more than
    /// money, (1 + first + donated) / 10^(27 − decimals) + 2.
    /// hardhat-config: fuzz.runs = 128
    function testFuzz_inflation_paysNobody(uint256 seed) public {
        _seed(seed);
        _begin();
        uint256 first = _in(attacker, _chance(50) ? _draw(1, 3) : _drawLog(1, 1e6 * one));
        bool early = _chance(50);
        if (early && _claim(attacker) != 0) attacker.request(fund.balanceOf(address(attacker)));
        uint256 counted = _chance(80) ? _drawLog(1, 1e12 * one) : 0;
        _donate(counted);
        uint256 uncounted = _drawLog(1, 1e9 * one);
        (uint256 assets, uint256 shares) = _price();
        _throwAway(address(fund), uncounted);
        _throwAway(address(vault), uncounted);
        {
            (uint256 assetsAfter, uint256 sharesAfter) = _price();
            assertEq(assetsAfter, assets, "tokens that nobody sent for change no price");
            assertEq(sharesAfter, shares, "nor make shares");
        }

        uint256 brought = _drawLog(1, 1e6 * one);
        _give(victim, brought);
        if (fund.previewDeposit(brought) == 0) {
            vm.expectRevert(abi.encodeWithSelector(Errors.AmountIsZero.selector));
            victim.deposit(brought);
            assertEq(token.balanceOf(address(victim)), brought, "the victim keeps what it brought");
        } else {
            victim.deposit(brought);
            uint256 loss = brought - _claim(victim);
            assertLe(loss, assets / shares + 2, "the victim's loss");
            assertLe(loss, (1 + first + counted) / (1e27 / one) + 2, "in terms of what the attacker spent");
        }

        uint256 back;
        if (early && fund.balanceOf(address(attacker)) != 0) {
            skip(fund.cooldown());
            if (fund.maxRedeem(address(attacker)) != 0) (, , back) = attacker.redeem(fund.maxRedeem(address(attacker)));
        } else back = _leave(attacker);
        assertLe(back, first + counted, "the attacker's profit, what it threw away not counted");
    }

    function _begin() private {
        _openFund([6, 8, 18][_draw(0, 2)], 3);
        (attacker, victim, other) = (depositors[0], depositors[1], depositors[2]);
    }

    /// @dev By deposit or by mint; nothing where not one share would be given.
    function _in(Depositor who, uint256 amount) private returns (uint256 paid) {
        uint256 shares = fund.previewDeposit(amount);
        if (shares == 0) return 0;
        if (_chance(50)) {
            _give(who, amount);
            (, , paid) = who.deposit(amount);
        } else {
            _give(who, fund.previewMint(shares));
            (, , paid) = who.mint(shares);
        }
    }

    function _out(bool all) private {
        uint256 shares = fund.maxRedeem(address(attacker));
        if (shares == 0) return;
        if (all || _chance(50)) {
            attacker.redeem(all ? shares : _draw(1, shares));
        } else {
            uint256 most = fund.maxWithdraw(address(attacker));
            attacker.withdraw(_draw(0, most));
        }
    }
}
