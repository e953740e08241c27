// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId, accountId} from "../../contracts/types/AccountId.sol";
import {RiskParameters} from "../../contracts/types/RiskParameters.sol";
import {LedgerReader} from "../invariant/LedgerReader.sol";

/// @notice Fees against traders in distress, and bounties against the fund.
contract FeesTest is LedgerReader {
    /// @dev A trader who cannot afford the fee of a reduction must not be trapped by it: the fee gives way.
    function test_fill_neverTrapsAReducingTraderByAFee() public {
        RiskParameters memory p = _plain();
        p.tradeFee = 10_000;
        uint8 market = _list(100e18, p);
        AccountId trader = _trader("trader", 110);
        AccountId maker = _trader("maker", 100_000);
        _fill(trader, maker, market, 10e18, 100e18);
        _setPrice(market, 905e17);
        // Equity 5 of 45.25 of MM. Half of it would cost 4.525; the half of the equity that belongs to it is 2.5.
        _fill(maker, trader, market, 5e18, 905e17);
        assertEq(_collateral(trader), 25e17, "the fee gave way");
        _setPrice(market, 90e18);
        // Equity is exactly zero: closing costs nothing.
        _fill(maker, trader, market, 5e18, 90e18);
        assertEq(_collateral(trader), 0, "collateral");
        assertEq(house.sizeOf(trader, market), int256(0), "closed");
    }

    /// @dev Defaulting on purpose against oneself, by a wei, for the bounty: at the highest rate that governance can set, it
    /// pays less than the fees of getting there.
    function test_deleverage_paysWhoDefaultsOnPurposeLessThanItsFees() public {
        int256 profit = _selfDefault(500);
        assertLt(profit, int256(0), "profit");
    }

    /// @dev Dust may be listed a thousand times and an account be split at will: the bounty goes by notional.
    function test_deleverage_paysNoMoreForASplitDefault() public {
        RiskParameters memory p = _bountiful(500);
        uint8 market = _list(100e18, p);
        _insure("backer", 1_000_000);
        AccountId maker = _trader("maker", 1e9);
        AccountId whole = _trader("whole", 100_500);
        _fill(whole, maker, market, 10_000e18, 100e18);
        AccountId[] memory parts = new AccountId[](10);
        for (uint256 i; i < 10; ++i) {
            parts[i] = _trader(string.concat("part ", vm.toString(i)), 10_050);
            _fill(parts[i], maker, market, 1_000e18, 100e18);
        }
        _setPrice(market, 89e18);
        uint256 before = _collateral(accountId(address(this), 0));
        _deleverage(whole);
        uint256 forWhole = _collateral(accountId(address(this), 0)) - before;
        house.deleverage(parts, AccountId.wrap(0));
        uint256 forParts = _collateral(accountId(address(this), 0)) - before - forWhole;
        assertEq(forWhole, (uint256(890_000e18) * 500) / 1e6, "for the whole");
        assertEq(forParts, forWhole, "for its parts");
    }

    function _bountiful(uint256 rate) private pure returns (RiskParameters memory p) {
        p = _plain();
        (p.tradeFee, p.bountyRate, p.bountyCap) = (500, uint24(rate), 1e6 * 1e18);
    }

    /// @dev What the attacker's accounts gain, besides the deficit that the fund covered, when their long defaults by a tick
    /// below the price at which it is at zero.
    function _selfDefault(uint256 rate) private returns (int256) {
        uint8 market = _list(100e18, _bountiful(rate));
        _insure("backer", 1_000_000);
        AccountId long = _trader("long", 100_500);
        AccountId short = _trader("short", 1_000_000);
        _fill(long, short, market, 10_000e18, 100e18);
        _setPrice(market, 90e18 - 1e10);
        house.accrueFunding(market);
        uint256 deficit = uint256(-_equity(long));
        uint256 bounty = _collateral(accountId(address(this), 0));
        _deleverage(long);
        bounty = _collateral(accountId(address(this), 0)) - bounty;
        assertEq(bounty, (uint256(900_000e18 - 1e14) * rate) / 1e6, "bounty");
        return _equity(long) + _equity(short) + int256(bounty) - int256(deficit) - 1_100_500e18;
    }
}
