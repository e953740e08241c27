// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId} from "../../contracts/types/AccountId.sol";
import {Situations} from "./Situations.sol";

/// @notice A position that has shrunk to less than a size-wei still gains and loses, but has no opposing side (P8).
contract LessThanASizeWeiTest is Situations {
    uint8 private market;
    AccountId private dust;

    /// @dev The longs have been closed by a third at 120. The dust, long one size-wei from 100, has a third less of it now.
    function setUp() public override {
        super.setUp();
        market = _list(100e18, _plain());
        AccountId rich = _trader("rich", 10_000);
        (AccountId bankrupt, AccountId maker) = (_trader("bankrupt", 10), _trader("maker", 10_000));
        dust = _trader("dust", 0);
        _deposit(dust, 20);
        _fill(rich, bankrupt, market, 1e18, 100e18);
        _fill(rich, maker, market, 2e18, 100e18);
        _fill(dust, maker, market, 1, 100e18);
        _setPrice(market, 120e18);
        _deleverage(bankrupt);
        assertEq(_sizeOf(_positionWords(dust, market, _marketWords(market)), _marketWords(market)), 0, "size");
    }

    function test_deleverage_leavesWhatLessThanASizeWeiOwes_asShortfall() public {
        _setPrice(market, 60e18);
        house.accrueFunding(market);
        int256 equity = _equity(dust);
        assertLt(equity, int256(0), "in default");
        _deleverage(dust);
        assertEq(_equity(dust), 0, "resolved");
        assertEq(_shortfall(market), uint256(-equity), "nobody opposes it");
        assertLe(_shortfall(market), 120, "at most a size-wei at the highest price");
    }
}
