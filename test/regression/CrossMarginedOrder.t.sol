// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Events} from "../../contracts/interfaces/Events.sol";
import {IInsuranceFund} from "../../contracts/interfaces/IInsuranceFund.sol";
import {AccountId, NO_ACCOUNT} from "../../contracts/types/AccountId.sol";
import {RiskParameters} from "../../contracts/types/RiskParameters.sol";
import {Vm} from "../utils/Vm.sol";
import {Situations} from "./Situations.sol";

/// @notice What the order of a list may change where defaulters are in several markets, and what it may not (P6).
contract CrossMarginedOrderTest is Situations {
    uint8 private m;
    uint8 private n;
    AccountId private a;
    AccountId private c;

    /// @dev At the end a has 500 and 330 in n against 840 owed in m; c has 301 and 4.2 in m against 330 owed in n. Both gains
    /// wait. Nobody insures.
    function setUp() public override {
        super.setUp();
        RiskParameters memory p = _plain();
        (p.tradeFee, p.bountyRate, p.bountyCap) = (500, 500, 1_000e18);
        (m, n) = (_list(100e18, _plain()), _list(100e18, p));
        for (uint8 market; market < 2; ++market) fund.setLimit(market, IInsuranceFund.Limit(0, 0, 0));
        AccountId rich = _trader("rich", 1_000_000);
        a = _traderWith("a", 501.5e18);
        c = _traderWith("c", 302.5e18);
        _fill(a, c, n, 30e18, 100e18);
        _fill(a, rich, m, 19.9e18, 100e18);
        _fill(a, c, m, 0.1e18, 100e18);
        _setPrice(n, 111e18);
        _setPrice(m, 58e18);
    }

    function _traderWith(string memory name, uint256 amount) private returns (AccountId id) {
        id = _trader(name, 0);
        _deposit(id, amount);
    }

    /// @dev What c pays into the pool of n is a's gain if a comes later, and pays the bounty if a has come before. The deficit is
    /// the same, and so is what bounty and deficit come to, less what nobody bore.
    function test_deleverage_mayPayAnotherBounty_whereDefaultersAreInSeveralMarkets() public {
        uint256 id = vm.snapshotState();
        uint256[7] memory first = _allocated(_list2(a, c));
        vm.revertToState(id);
        uint256[7] memory second = _allocated(_list2(c, a));

        assertEq(first[0], 24.8e18, "deficit: 301 + 4.2 - 330");
        assertEq(second[0], first[0], "whatever the order");
        assertEq(first[1], 1.665e18, "bounty: 500 ppm of 30 at 111");
        assertEq(second[1], 0, "a has taken what was in the pool");
        assertEq(first[3] + first[4] + first[5], second[3] + second[4] + second[5] + first[1], "the rest bears it");
    }

    /// @return w Of market n: deficit, bounty, insured, haircuts of longs and shorts, shortfall, mark.
    function _allocated(AccountId[] memory list) private returns (uint256[7] memory w) {
        vm.recordLogs();
        house.deleverage(list, NO_ACCOUNT);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            bool isIt = logs[i].topics[0] == Events.DeficitAllocated.selector && uint256(logs[i].topics[1]) == n;
            if (isIt) w = abi.decode(logs[i].data, (uint256[7]));
        }
    }
}
