// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Events} from "../../contracts/interfaces/Events.sol";
import {AccountId, NO_ACCOUNT} from "../../contracts/types/AccountId.sol";
import {RiskParameters} from "../../contracts/types/RiskParameters.sol";
import {Vm} from "../utils/Vm.sol";
import {RandomBook} from "./RandomBook.sol";

/// @notice P7: deleveraging changes an opposing holder's equity − MM by f · N · (m − δ), where f is the part of its position
/// that is closed, N its notional, q′ = min(q, surviving opposing size) and δ = H / (q′ · mark). So a haircut of at most
/// m · mark · q′ makes nobody of the opposing side liquidatable.
contract P7HealthOfTheOpposingTest is RandomBook {
    uint256 private constant PPM = 1e6;

    /// @dev A holder before the deleveraging.
    struct Holder {
        AccountId id;
        bool isLong;
        uint256 size;
        uint256 shares;
        /// @dev Equity − MM.
        int256 above;
    }

    /// @dev What a side goes through in the deleveraging.
    struct Charge {
        /// @dev H
        uint256 haircut;
        /// @dev Of its own holders.
        uint256 surviving;
        /// @dev q: what the defaulters of the other side leave behind.
        uint256 left;
    }

    uint8 private market;
    uint24 private margin;
    AccountId[] private defaulters;
    Holder[] private survivors;
    Charge private ofLongs;
    Charge private ofShorts;

    // ------------------------------------------------------------------ any haircut

    /// hardhat-config: fuzz.runs = 64
    function testFuzz_deleverage_changesHealthByTheClosedMarginLessTheHaircut(uint256 seed) public {
        _seed(seed);
        _openBook();
        // Gaps of up to a fifth beyond what the defaulter put up.
        _defaultBy(_draw(100, 200_000));
        _deleverageAndCompare();
    }

    /// hardhat-config: fuzz.runs = 64
    function testFuzz_deleverage_makesNobodyLiquidatableWithinTheMargin(uint256 seed) public {
        _seed(seed);
        _openBook();
        _defaultBy(_draw(100, (uint256(margin) * 9) / 10));
        _deleverageAndCompare();
        _requireWithinMargin(ofLongs);
        _requireWithinMargin(ofShorts);
        for (uint256 i; i < survivors.length; ++i) {
            Holder memory holder = survivors[i];
            int256 bound = int256(_roundingBound(holder));
            // Who had the rounding to spare is not liquidatable at all, and who had not lacks no more than it.
            if (holder.above >= bound) assertGe(_above(holder.id), int256(0), "liquidatable");
            else if (holder.above >= 0) assertGe(_above(holder.id), -bound, "liquidatable by more than rounding");
        }
    }

    /// @dev One market of isolated accounts, some of them just above their margin, perhaps deleveraged before.
    function _openBook() private {
        margin = uint24(_draw(5_000, 60_000));
        RiskParameters memory p = _thin();
        (p.maintenanceMargin, p.initialMargin, p.initialMarginAtCap) = (margin, margin + 1, margin + 1);
        market = _list((_drawLog(1e16, 1e22) / 1e10) * 1e10, p);
        _newAccounts(_draw(3, 7));
        if (_chance(30)) _insure("backer", _drawLog(1, 100));
        _fillSome();
        if (_chance(50)) {
            _defaultBy(_draw(100, 50_000));
            house.deleverage(accounts, NO_ACCOUNT);
            house.deleverage(accounts, NO_ACCOUNT);
            _fillSome();
        }
        // Defaults come from the move that follows, so all of them are of one side.
        for (uint256 i; i < accounts.length; ++i) {
            int256 equity = _equity(accounts[i]);
            if (equity < 0) _deposit(accounts[i], uint256(-equity));
        }
    }

    function _fillSome() private {
        uint256 fills = _draw(3, 7);
        for (uint256 i; i < fills; ++i) _randomFill(market, 1e16, 1e21);
    }

    /// @dev Moves the mark to where the weakest longs, or shorts, are zero, and by `gap` ppm of the new mark beyond it.
    function _defaultBy(uint256 gap) private {
        uint256 mark = _marketWords(market).mark;
        uint256 ofLong = _weakest(true);
        if (ofLong < mark / 2 && _chance(50)) {
            _setPrice(market, ((mark - ofLong) * PPM) / (PPM + gap));
        } else {
            _setPrice(market, ((mark + _weakest(false)) * PPM) / (PPM - gap));
        }
        _acceptPrices();
    }

    /// @dev The least equity per unit of size on a side.
    function _weakest(bool isLong) private view returns (uint256 least) {
        least = type(uint128).max;
        MarketWords memory m = _marketWords(market);
        for (uint256 i; i < accounts.length; ++i) {
            int256 size = _sizeOf(_positionWords(accounts[i], market, m), m);
            if (size == 0 || (size > 0) != isLong) continue;
            least = _min(least, (_positive(_equity(accounts[i])) * WAD) / _magnitude(size));
        }
    }

    // ------------------------------------------------------------------ the formula

    function _deleverageAndCompare() private {
        _readBook();
        assertGt(defaulters.length, 0, "somebody is in default");
        vm.recordLogs();
        house.deleverage(defaulters, NO_ACCOUNT);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != Events.DeficitAllocated.selector) continue;
            (, , , ofLongs.haircut, ofShorts.haircut, , ) = abi.decode(
                logs[i].data,
                (uint256, uint256, uint256, uint256, uint256, uint256, uint256)
            );
        }
        for (uint256 i; i < survivors.length; ++i) {
            Holder memory holder = survivors[i];
            int256 change = _above(holder.id) - holder.above;
            assertApproxEqAbs(change, _expectedChange(holder), _roundingBound(holder), "equity - MM");
        }
    }

    function _readBook() private {
        MarketWords memory m = _marketWords(market);
        for (uint256 i; i < accounts.length; ++i) {
            PositionWords memory p = _positionWords(accounts[i], market, m);
            (bool isLong, uint256 size) = (p.shares > 0, _magnitude(_sizeOf(p, m)));
            if (_equity(accounts[i]) < 0) {
                defaulters.push(accounts[i]);
                if (isLong) ofShorts.left += size;
                else ofLongs.left += size;
            } else if (size != 0) {
                survivors.push(Holder(accounts[i], isLong, size, _magnitude(p.shares), _above(accounts[i])));
                if (isLong) ofLongs.surviving += size;
                else ofShorts.surviving += size;
            }
        }
    }

    function _above(AccountId id) private view returns (int256) {
        HealthWords memory h = _health(id);
        return h.equity - int256(h.maintenanceMargin);
    }

    function _chargeOf(Holder memory holder) private view returns (Charge memory) {
        return holder.isLong ? ofLongs : ofShorts;
    }

    /// @dev f · N · (m − δ) = size · (q′ · mark · m − H) / surviving, with f = q′ / surviving.
    function _expectedChange(Holder memory holder) private view returns (int256) {
        Charge memory c = _chargeOf(holder);
        uint256 closed = _min(c.left, c.surviving);
        uint256 freed = (closed * _marketWords(market).mark * margin) / (WAD * PPM);
        return (int256(holder.size) * (int256(freed) - int256(c.haircut))) / int256(c.surviving);
    }

    /// @dev What a size-wei is worth and is charged, for each of these: each holder's size is rounded down, so the sum of the
    /// survivors' is one per account and one for the side's total off; A, the size before, the size after and a shift of
    /// shares round by one each. Then two wei of each: equity's floors, the two ceilings of MM before and after, and the
    /// expected value's own. The charge per share rounds up by less than a value unit.
    function _roundingBound(Holder memory holder) private view returns (uint256) {
        Charge memory c = _chargeOf(holder);
        MarketWords memory m = _marketWords(market);
        uint256 perSizeWei = _ceil(m.mark, WAD) + _ceil(c.haircut, c.surviving);
        return (accounts.length + 5) * perSizeWei + 8 + _ceil(holder.shares, WAD << m.scale);
    }

    /// @dev H ≤ m · mark · q′
    function _requireWithinMargin(Charge memory c) private view {
        uint256 closed = _min(c.left, c.surviving);
        assertLe(c.haircut, (closed * _marketWords(market).mark * margin) / (WAD * PPM), "haircut within the margin");
    }

    // ------------------------------------------------------------------ the limit itself

    /// @dev m = 6.25 %, long 8 at 64 in default, H = m · mark · q exactly: who stood at MM stands at MM.
    function test_deleverage_leavesWhoStoodAtMarginThere_whenHaircutIsTheMargin() public {
        (AccountId atMargin, AccountId above) = _openAtTheLimit(32);
        _deleverage(accounts[0]);
        assertEq(house.sizeOf(atMargin, market), -int256(4e18), "half is closed");
        assertEq(_equity(atMargin), int256(16e18), "half of the equity is gone");
        assertEq(_above(atMargin), int256(0), "at margin");
        assertEq(_above(above), int256(100e18), "above");
        assertEq(_shortfall(market), 0, "shortfall");
    }

    /// @dev The same with a haircut of one token more.
    function test_deleverage_makesLiquidatable_whenHaircutIsAboveTheMargin() public {
        (AccountId atMargin, AccountId above) = _openAtTheLimit(33);
        _deleverage(accounts[0]);
        assertEq(_above(atMargin), -int256(0.5e18), "its half of the token");
        assertEq(_above(above), int256(99.5e18), "above");
    }

    /// @dev Two shorts of 8 at 64, the first with exactly MM, the second with 100 more; a long of 8 whose deficit is `deficit`
    /// and one of 8 that is rich.
    function _openAtTheLimit(uint256 deficit) private returns (AccountId atMargin, AccountId above) {
        RiskParameters memory p = _plain();
        (p.initialMargin, p.initialMarginAtCap) = (62_500, 62_500);
        market = _list(128e18, p);
        // The long loses 8 · 64 = 512; the shorts gain it.
        accounts.push(_trader("defaulter", 512 - deficit));
        AccountId rich = _trader("rich", 10_000);
        (atMargin, above) = (_trader("at margin", 100), _trader("above", 100));
        _fill(accounts[0], atMargin, market, 8e18, 128e18);
        _fill(rich, above, market, 8e18, 128e18);
        _setPrice(market, 64e18);
        AccountId[] memory list = new AccountId[](4);
        (list[0], list[1], list[2], list[3]) = (rich, atMargin, above, accounts[0]);
        house.settle(list);
        _withdrawDownTo(atMargin, 32e18);
        _withdrawDownTo(above, 132e18);
        // One may withdraw down to IM only: a decree makes that the MM, at once.
        (p.maintenanceMargin, p.initialMargin, p.initialMarginAtCap) = (62_500, 62_501, 62_501);
        _decree(market, p);
    }

    function _withdrawDownTo(AccountId id, int256 equity) private {
        uint256 amount = uint256(_equity(id) - equity);
        vm.prank(id.owner());
        house.withdraw(id, amount, address(1));
    }
}
