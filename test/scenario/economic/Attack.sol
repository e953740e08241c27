// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IInsuranceFund} from "../../../contracts/interfaces/IInsuranceFund.sol";
import {AccountId, NO_ACCOUNT} from "../../../contracts/types/AccountId.sol";
import {TRADE} from "../../../contracts/types/Rights.sol";
import {RiskParameters} from "../../../contracts/types/RiskParameters.sol";
import {RandomBook} from "../../property/RandomBook.sol";
import {Situations} from "../../regression/Situations.sol";

/// @notice Keeps an attacker's books. What they put in: every deposit into an account of theirs, and every gift. What they could
/// take out at the end: all that their accounts hold once whoever owes has paid, their positions are sold at mark and everything
/// is withdrawn, bounties, incentives and venue fees included, and what the insurance fund pays for their shares.
/// @dev The attacker is the venue as well (this test), settles only what serves them, and is always served first. Amounts are
/// token units; a token here has 18 decimals, so money.
abstract contract Attack is RandomBook, Situations {
    address internal thief;
    /// @dev Where bounties and venue fees go.
    AccountId internal purse;
    AccountId[] internal mine;
    AccountId[] private _others;
    /// @dev All that was ever deposited into an account.
    mapping(AccountId id => uint256) internal putOf;
    mapping(AccountId id => bool) private _known;
    mapping(AccountId id => bool) private _isMine;
    uint256 private _given;

    function setUp() public virtual override {
        super.setUp();
        thief = makeAddr("thief");
        purse = _control(_trader("thief", 0));
    }

    // ------------------------------------------------------------------ what goes in

    /// @dev Every account that ever had a deposit, and how much of it.
    function _deposit(AccountId id, uint256 amount) internal override {
        _note(id);
        putOf[id] += amount;
        super._deposit(id, amount);
    }

    /// @dev From here on, and back to its first deposit, this account is the attacker's.
    function _control(AccountId id) internal returns (AccountId) {
        _note(id);
        _isMine[id] = true;
        vm.prank(id.owner());
        house.setOperator(id.subAccount(), thief, TRADE);
        mine.push(id);
        return id;
    }

    function _note(AccountId id) private {
        if (_known[id]) return;
        _known[id] = true;
        _others.push(id);
    }

    function _mine(string memory name, uint256 amount) internal returns (AccountId) {
        return _control(_trader(name, amount));
    }

    /// @dev The attacker pays for a deposit into somebody else's account.
    function _give(AccountId id, uint256 amount) internal {
        _given += amount;
        _deposit(id, amount);
    }

    /// @dev The attacker's own shares of the insurance fund, whole tokens.
    function _buyShares(uint256 amount) internal {
        _given += amount * one;
        _insure("thief", amount);
    }

    // ------------------------------------------------------------------ what they do

    /// @dev Resolves, for the bounty, with a taker of theirs or none.
    function _hunt(AccountId[] memory list, AccountId taker) internal {
        vm.prank(thief);
        house.deleverage(list, taker);
    }

    // ------------------------------------------------------------------ what comes out

    /// @dev The attacker's profit if a story is told and then all is taken out. Leaves no trace.
    function _profitOf(function() internal story) internal returns (int256 profit) {
        uint256 id = vm.snapshotState();
        story();
        profit = _cashOut();
        vm.revertToState(id);
    }

    function _nothing() internal {}

    /// @dev Ends the story: what the attacker's accounts and shares bring, less what was put in and given away.
    function _cashOut() internal returns (int256 profit) {
        uint256 put = _given;
        for (uint256 i; i < mine.length; ++i) put += putOf[mine[i]];
        _freshen();
        // Keepers have acted: nobody is below zero.
        for (uint256 i; i < 3; ++i) house.deleverage(_others, NO_ACCOUNT);
        _collectDebts();
        _sell();
        _collectDebts();
        for (uint256 i; i < mine.length; ++i) _withdraw(mine[i]);
        _redeem();
        return int256(token.balanceOf(thief)) - int256(put);
    }

    /// @dev Prices stand where they stood, published again.
    function _freshen() private {
        for (uint8 m; m < feeds.length; ++m) {
            house.accrueFunding(m);
            _setPrice(m, _marketWords(m).mark);
            house.accrueFunding(m);
        }
    }

    /// @dev Whoever has a loss pays what it can, and then the attacker is paid, before any other winner.
    function _collectDebts() internal {
        for (uint256 i; i < _others.length; ++i) {
            if (_health(_others[i]).secured < int256(_collateral(_others[i]))) _settle(_others[i]);
        }
        house.settle(mine);
        house.settle(mine);
    }

    /// @dev At mark, to the street, which takes anything. What may not be sold stays and is worth nothing to the attacker.
    function _sell() private {
        AccountId street = _trader("street", 1e15);
        for (uint8 m; m < feeds.length; ++m) {
            uint256 mark = _marketWords(m).mark;
            for (uint256 i; i < mine.length; ++i) {
                int256 size = _sizeOf(_positionWords(mine[i], m, _marketWords(m)), _marketWords(m));
                if (size == 0 || _equity(mine[i]) < 0) continue;
                if (size > 0) _fill(street, mine[i], m, uint256(size), mark);
                else _fill(mine[i], street, m, uint256(-size), mark);
            }
        }
    }

    function _withdraw(AccountId id) private {
        HealthWords memory h = _health(id);
        uint256 free = _min(_positive(h.secured - int256(h.initialMargin)), _collateral(id)) / vault.unit();
        if (free == 0) return;
        vm.prank(id.owner());
        house.withdraw(id, free, thief);
    }

    function _redeem() private {
        uint256 shares = fund.balanceOf(thief);
        if (shares == 0 || fund.convertToAssets(shares) == 0) return;
        vm.startPrank(thief);
        (uint256 asked, , uint256 opensAt, ) = fund.withdrawalOf(thief);
        if (asked == 0) {
            fund.requestWithdrawal(shares);
            opensAt = vm.getBlockTimestamp() + fund.cooldown();
        }
        if (vm.getBlockTimestamp() < opensAt) vm.warp(opensAt);
        fund.redeem(fund.maxRedeem(thief), thief, thief);
        vm.stopPrank();
    }

    // ------------------------------------------------------------------ what others lose

    /// @dev What everybody but the attacker is worth, the fund and what waits for it included.
    function _worthOfOthers() internal view returns (int256 sum) {
        for (uint256 i; i < _others.length; ++i) if (!_isMine[_others[i]]) sum += _equity(_others[i]);
        sum += int256(_collateral(fundAccount));
        for (uint8 m; m < feeds.length; ++m) sum += int256(_marketWords(m).fees);
    }

    // ------------------------------------------------------------------ helpers

    /// @dev Two strangers with a position against each other: what the price takes from one it gives to the other.
    function _strangers(
        string memory name,
        uint8 market,
        uint256 size,
        uint256 price
    ) internal returns (AccountId long) {
        long = _trader(string.concat(name, " long"), 1e12);
        _fill(long, _trader(string.concat(name, " short"), 1e12), market, size, price);
    }

    function _limitFund(uint8 market, uint128 capacity) internal {
        fund.setLimit(market, IInsuranceFund.Limit({capacity: capacity, refillPerSecond: 0, gap: 0}));
    }

    function _charging(uint24 fee) internal pure returns (RiskParameters memory p) {
        p = _plain();
        p.tradeFee = fee;
    }

    function _to(uint8 market, uint256 price) internal {
        _setPrice(market, price);
        house.accrueFunding(market);
    }
}
