// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {RiskParameters} from "../../contracts/types/RiskParameters.sol";
import {IFund} from "../utils/IFund.sol";
import {RandomBook} from "./RandomBook.sol";

/// @notice A depositor of the insurance fund who asks what an act will give and then does it, in one transaction, and looks at
/// the tokens that really moved.
contract Depositor {
    IFund private immutable _fund;
    IERC20 private immutable _token;

    constructor(IFund fund) {
        _fund = fund;
        _token = IERC20(fund.asset());
        _token.approve(address(fund), type(uint256).max);
    }

    function deposit(uint256 assets) external returns (uint256 promised, uint256 shares, uint256 paid) {
        paid = _tokens();
        promised = _fund.previewDeposit(assets);
        shares = _fund.deposit(assets, address(this));
        paid -= _tokens();
    }

    function mint(uint256 shares) external returns (uint256 promised, uint256 assets, uint256 paid) {
        paid = _tokens();
        promised = _fund.previewMint(shares);
        assets = _fund.mint(shares, address(this));
        paid -= _tokens();
    }

    function redeem(uint256 shares) external returns (uint256 promised, uint256 assets, uint256 got) {
        got = _tokens();
        promised = _fund.previewRedeem(shares);
        assets = _fund.redeem(shares, address(this), address(this));
        got = _tokens() - got;
    }

    function withdraw(uint256 assets) external returns (uint256 promised, uint256 shares, uint256 got) {
        got = _tokens();
        promised = _fund.previewWithdraw(assets);
        shares = _fund.withdraw(assets, address(this), address(this));
        got = _tokens() - got;
    }

    function request(uint256 shares) external {
        _fund.requestWithdrawal(shares);
    }

    function passOn(address to, uint256 shares) external {
        _fund.transfer(to, shares);
    }

    function previewRedeem(uint256 shares) external view returns (uint256) {
        return _fund.previewRedeem(shares);
    }

    function previewWithdraw(uint256 assets) external view returns (uint256) {
        return _fund.previewWithdraw(assets);
    }

    function _tokens() private view returns (uint256) {
        return _token.balanceOf(address(this));
    }
}

/// @notice Depositors of the insurance fund of a real clearing house, and what makes it poorer and richer: defaults that it
/// covers, fees, penalties and gifts.
abstract contract FundBook is RandomBook {
    uint256 private constant PRICE = 100e18;
    address private constant DONOR = address(0xd0);

    Depositor[] internal depositors;
    uint8 private market;
    AccountId private maker;
    AccountId private keeper;
    uint256 private _count;

    /// @dev A token of so many decimals, a market with a fee, and so many depositors without shares.
    function _openFund(uint8 decimals, uint256 count) internal {
        delete feeds;
        delete depositors;
        _deploy(decimals);
        RiskParameters memory p = _plain();
        p.tradeFee = 500;
        market = _list(PRICE, p);
        (maker, keeper) = (_trader("maker", 1e9), _trader("keeper", 1e9));
        for (uint256 i; i < count; ++i) depositors.push(new Depositor(fund));
    }

    // ------------------------------------------------------------------ what happens to the fund

    /// @dev Somebody goes long with a tenth of margin, the mark falls by a fifth, and the fund is asked for about a tenth of
    /// that: `money`, less what the fees took of nothing.
    function _lose(uint256 money) internal returns (uint256 paid) {
        AccountId loser = _open(money * 10);
        _setPrice(market, (PRICE * 80) / 100);
        // Fees come in before the fund is asked.
        house.accrueFunding(market);
        uint256 before = _collateral(fundAccount);
        _deleverage(loser);
        paid = before - _collateral(fundAccount);
    }

    /// @dev Somebody falls below maintenance margin and is liquidated, whole; the fund earns the fee.
    function _earnPenalty(uint256 notional) internal {
        AccountId loser = _open(notional);
        _setPrice(market, (PRICE * 91) / 100);
        uint256 taken = house.liquidate(loser, market, type(uint256).max, keeper);
        _fill(maker, keeper, market, taken, (PRICE * 91) / 100);
        uint256 left = uint256(house.sizeOf(loser, market));
        if (left != 0) _fill(maker, loser, market, left, (PRICE * 91) / 100);
        house.accrueFunding(market);
    }

    /// @dev A gift into the fund's ledger account, in token units.
    function _donate(uint256 amount) internal {
        _deposit(fundAccount, amount);
    }

    /// @dev A gift of tokens that nobody counts, in token units.
    function _throwAway(address to, uint256 amount) internal {
        token.mint(DONOR, amount);
        vm.prank(DONOR);
        token.transfer(to, amount);
    }

    /// @dev A fresh account, long with just its margin and fee, against the maker.
    function _open(uint256 notional) private returns (AccountId loser) {
        _setPrice(market, PRICE);
        loser = _trader(string.concat("loser ", vm.toString(_count++)), 0);
        uint256 unit = vault.unit();
        uint256 size = (notional * WAD) / PRICE + 1;
        uint256 worth = (size * PRICE) / WAD + 1;
        _deposit(loser, _ceil(worth / 10 + worth / 2_000 + 10, unit));
        _deposit(maker, _ceil(worth / 2, unit));
        _deposit(keeper, _ceil(worth / 2, unit));
        _fill(loser, maker, market, size, PRICE);
    }

    // ------------------------------------------------------------------ depositors

    function _give(Depositor who, uint256 assets) internal {
        token.mint(address(who), assets);
    }

    /// @dev Everything that `who` has free, after a cooldown in which nothing happens.
    function _leave(Depositor who) internal returns (uint256 got) {
        uint256 shares = fund.balanceOf(address(who));
        if (fund.convertToAssets(shares) == 0) return 0;
        who.request(shares);
        skip(fund.cooldown());
        (, , got) = who.redeem(shares);
    }

    function _claim(Depositor who) internal view returns (uint256) {
        return fund.convertToAssets(fund.balanceOf(address(who)));
    }

    /// @dev Assets and shares as prices count them: with the virtual token unit, and its shares.
    function _price() internal view returns (uint256 assets, uint256 shares) {
        return (fund.totalAssets() + 1, fund.totalSupply() + 1e27 / one);
    }
}
