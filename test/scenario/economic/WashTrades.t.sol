// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Errors} from "../../../contracts/interfaces/Errors.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {Call} from "../../../contracts/periphery/Courier.sol";
import {AccountId, NO_ACCOUNT} from "../../../contracts/types/AccountId.sol";
import {RiskParameters} from "../../../contracts/types/RiskParameters.sol";
import {Attack} from "./Attack.sol";

/// @notice An attacker who trades with itself: at the edges of the band, in dust, inside a batch that resolves or liquidates
/// itself, and to move the premium that funding is counted from.
contract WashTradesTest is Attack {
    uint256 private constant ALL = type(uint256).max;

    uint8 private market;
    AccountId private left;
    AccountId private right;
    uint256 private size;
    uint256 private plan;
    Call[] private calls;

    // ------------------------------------------------------------------ the edges of the band

    /// @dev There at 105 and back at 95, ten times: what one leg loses the other wins, and the fees are gone: 10 · 200 · 0.05 % of
    /// each side.
    function test_edges_costTheFeesAndBringNothing() public {
        _begin(_charging(500));
        size = 10e18;
        assertEq(_profitOf(_thereAndBackTenTimes), -int256((uint256(10) * 10 * 200e18 * 2 * 500) / 1e6), "the fees");
    }

    function _thereAndBackTenTimes() private {
        for (uint256 i; i < 10; ++i) {
            _fill(left, right, market, size, 105e18);
            _fill(right, left, market, size, 95e18);
        }
    }

    /// @dev Any trades between three accounts of its own, from a wei to large, at any price of the band, with venue fees to
    /// itself, beside strangers' waiting gains and losses: never more out than in.
    /// hardhat-config: fuzz.runs = 96
    function testFuzz_edges_bringNothing(uint256 seed) public {
        _washBook(seed);
        int256 quiet = _worthOfOthers();
        assertLe(_profitOf(_washAnything), int256(0), "profit");
        _washAnything();
        assertGe(_worthOfOthers(), quiet, "the others and the fund");
    }

    function test_edges_mostTradesAreBooked() public {
        _requireMost(_washMost, 80);
    }

    function _washMost(uint256 seed) private returns (uint256) {
        _washBook(seed);
        _washAnything();
        return succeeded / 10;
    }

    function _washBook(uint256 seed) private {
        _seed(seed);
        _beginBesideAPool(_charging(uint24(_draw(0, 1_000))));
        _mine("third", 10_000);
        plan = _draw(0, type(uint64).max);
    }

    function _washAnything() private {
        _seed(plan);
        for (uint256 i; i < 25; ++i) {
            (AccountId a, AccountId b) = _pair();
            bool charged = _chance(30);
            IClearingHouse.Fill memory trade = IClearingHouse.Fill({
                buyer: a,
                seller: b,
                market: market,
                // Dust half of the time.
                size: _chance(50) ? _draw(1, 1_000) : _drawLog(1e9, 1e21),
                price: _chance(60) ? (_chance(50) ? 1045e17 : 1155e17) : _draw(1045e17, 1155e17),
                feeTo: charged ? purse : NO_ACCOUNT,
                buyerFee: charged ? uint24(_draw(0, 10_000)) : 0,
                sellerFee: charged ? uint24(_draw(0, 10_000)) : 0
            });
            try house.fill(trade) {
                ++succeeded;
            } catch {}
        }
    }

    /// @dev Two accounts of the attacker's, the purse aside.
    function _pair() private returns (AccountId, AccountId) {
        uint256 count = mine.length - 1;
        uint256 a = _draw(0, count - 1);
        return (mine[1 + a], mine[1 + ((a + _draw(1, count - 1)) % count)]);
    }

    // ------------------------------------------------------------------ dust that is forgiven

    /// @dev What an account owes below a token unit is forgiven when it leaves. With 6 decimals, twenty accounts with next to
    /// nothing, a price that moves, and everybody leaving: at most a unit for each account and move.
    /// hardhat-config: fuzz.runs = 32
    function testFuzz_dust_isForgivenAUnitAtATime(uint256 seed) public {
        _dustBook(seed);
        assertLe(_profitOf(_scatterDust), int256((mine.length - 1) * moves), "a unit each time");
    }

    function test_dust_isTraded() public {
        _requireMost(_dustTrades, 80);
    }

    function _dustTrades(uint256 seed) private returns (uint256) {
        _dustBook(seed);
        _scatterDust();
        return succeeded;
    }

    function _dustBook(uint256 seed) private {
        _seed(seed);
        delete feeds;
        delete mine;
        _deploy(6);
        purse = _control(_trader("thief", 0));
        market = _list(100e18, _plain());
        _strangers("strangers", market, 1e18, 100e18);
        for (uint256 i; i < 20; ++i) {
            AccountId id = _mine(string.concat("dust ", vm.toString(i)), 0);
            _deposit(id, _draw(1, 3));
        }
        plan = _draw(0, type(uint64).max);
        moves = _draw(1, 4);
    }

    uint256 private moves;

    /// @dev Positions of what a unit or three carry, worth 10 to 30 units.
    function _scatterDust() private {
        _seed(plan);
        uint256 price = 100e18;
        for (uint256 i; i < moves; ++i) {
            for (uint256 j; j < 30; ++j) {
                (AccountId a, AccountId b) = _pair();
                try this.fill(a, b, _draw(1, 4e11), price) {
                    ++succeeded;
                } catch {}
            }
            price = ((price * _draw(850, 1_150)) / 1_000 / 1e10) * 1e10;
            _to(market, price);
            _hunt(mine, NO_ACCOUNT);
            for (uint256 j; j < mine.length; ++j) _leaveMarket(mine[j], price);
            house.settle(mine);
        }
    }

    function _leaveMarket(AccountId id, uint256 price) private {
        int256 held = house.sizeOf(id, market);
        if (held == 0) return;
        AccountId other = mine[_draw(0, mine.length - 1)];
        (AccountId a, AccountId b) = held > 0 ? (other, id) : (id, other);
        try this.fill(a, b, _magnitude(held), price) {} catch {}
    }

    function fill(AccountId buyer, AccountId seller, uint256 amount, uint256 price) external {
        _fill(buyer, seller, market, amount, price);
    }

    // ------------------------------------------------------------------ a batch that resolves itself

    /// @dev One leg without money loses to the other at the edge of the band, and the batch resolves it at once, at the cost of
    /// the fund and of strangers. The loss must be paid when it is made.
    function test_batch_makesNoDefaultToResolve() public {
        _beginBesideAPool(_plain());
        _insure("backer", 10_000);
        AccountId poor = _mine("poor", 0);
        _push(
            abi.encodeCall(house.fill, (IClearingHouse.Fill(poor, right, market, 100e18, 1155e17, NO_ACCOUNT, 0, 0)))
        );
        _push(abi.encodeCall(house.deleverage, (_list1(poor), NO_ACCOUNT)));
        vm.expectRevert(abi.encodeWithSelector(Errors.UnpaidLoss.selector, poor, 550e18));
        vm.prank(thief);
        house.batch(calls);
    }

    /// @dev With the loss paid, and no margin but at the end: in the batch the leg is neither resolved nor liquidated, though it is
    /// below MM all the time.
    function test_batch_neitherResolvesNorLiquidatesWhatItLeftPending() public {
        _beginBesideAPool(_plain());
        AccountId poor = _mine("poor", 560);
        _push(
            abi.encodeCall(house.fill, (IClearingHouse.Fill(poor, right, market, 100e18, 1155e17, NO_ACCOUNT, 0, 0)))
        );
        _push(abi.encodeCall(house.liquidate, (poor, market, ALL, left)));
        vm.expectRevert(abi.encodeWithSelector(Errors.CheckPending.selector, poor));
        vm.prank(thief);
        house.batch(calls);
    }

    /// @dev Random batches of the attacker's own trades, liquidations, resolutions, settlements and withdrawals beside a pool of
    /// strangers' gains and a full fund, at one price: never more out than in, and nobody else has less.
    /// hardhat-config: fuzz.runs = 128
    function testFuzz_batch_bringsNothing(uint256 seed) public {
        _seed(seed);
        _beginBesideAPool(_charging(_chance(50) ? uint24(_draw(0, 500)) : 0));
        _insure("backer", 10_000);
        _mine("poor", _draw(0, 1_000));
        plan = _draw(0, type(uint64).max);
        int256 quiet = _worthOfOthers();
        assertLe(_profitOf(_batches), int256(0), "profit");
        _batches();
        assertGe(_worthOfOthers(), quiet, "the others and the fund");
    }

    function test_batch_mostPlansHaveOneThatSucceeds() public {
        _requireMost(_batchSucceeds, 60);
    }

    function _batchSucceeds(uint256 seed) private returns (uint256) {
        _seed(seed);
        _beginBesideAPool(_plain());
        _insure("backer", 10_000);
        _mine("poor", _draw(0, 1_000));
        plan = seed;
        _batches();
        return succeeded;
    }

    uint256 private succeeded;

    function _batches() private {
        _seed(plan);
        for (uint256 i; i < 5; ++i) {
            delete calls;
            if (_chance(50)) _pushThereAndBack();
            uint256 steps = _draw(0, 4);
            for (uint256 j; j < steps; ++j) _pushSomething();
            vm.prank(thief);
            try house.batch(calls) {
                ++succeeded;
            } catch {}
        }
    }

    /// @dev Far beyond anybody's margin, there at one edge and back at mark or at the other edge, and the winner takes its gain
    /// out.
    function _pushThereAndBack() private {
        (AccountId a, AccountId b) = _pair();
        uint256 amount = _drawLog(1e16, 1e20);
        uint256 back = _chance(50) ? 110e18 : 1045e17;
        _push(abi.encodeCall(house.fill, (IClearingHouse.Fill(a, b, market, amount, 1155e17, NO_ACCOUNT, 0, 0))));
        _push(abi.encodeCall(house.fill, (IClearingHouse.Fill(b, a, market, amount, back, NO_ACCOUNT, 0, 0))));
        uint256 gain = (amount * (1155e17 - back)) / WAD;
        if (_chance(50)) gain += _free(b);
        _push(abi.encodeCall(house.withdraw, (b, (gain * 99) / 100, thief)));
    }

    function _pushSomething() private {
        (AccountId a, AccountId b) = _pair();
        uint256 kind = _draw(0, 9);
        if (kind < 5) {
            uint256 price = _chance(50) ? 110e18 : (_chance(50) ? 1045e17 : 1155e17);
            int256 held = house.sizeOf(a, market);
            uint256 amount = held < 0 && _chance(50) ? uint256(-held) : _drawLog(1e15, 1e19);
            _push(abi.encodeCall(house.fill, (IClearingHouse.Fill(a, b, market, amount, price, NO_ACCOUNT, 0, 0))));
        } else if (kind == 5) _push(abi.encodeCall(house.deleverage, (mine, a)));
        else if (kind == 6) _push(abi.encodeCall(house.settle, (mine)));
        else if (kind == 7 && _chance(30)) _push(abi.encodeCall(house.liquidate, (a, market, ALL, b)));
        else if (_free(a) != 0) _push(abi.encodeCall(house.withdraw, (a, _drawLog(1, _free(a)), thief)));
    }

    /// @dev What may be withdrawn before the batch begins.
    function _free(AccountId id) private view returns (uint256) {
        HealthWords memory h = _health(id);
        return _min(_positive(h.secured - int256(h.initialMargin)), _collateral(id));
    }

    function _push(bytes memory data) private {
        calls.push(Call(address(house), data));
    }

    // ------------------------------------------------------------------ funding

    /// @dev Documented: somebody who trades with itself inside the band moves the premium, at the price of two fees and in
    /// proportion to size. A premium at the clamp r (per day) that fades over 8 hours costs longs r / 6 of notional; two fills of
    /// s beside open interest O bring it to at most w of that. So with a position q on the other side
    ///
    ///     profit  ≤  q · mark · r / 6 · w  −  4 · fee · s · mark          w = 1 − (O / (O + s))²
    ///
    /// and it pays only where r > 12 · fee; the governor lets no more than 6. At the parameters of the local deployment (r 0.1 %, fee 0.05 %) it loses money at any
    /// size.
    function test_funding_washingLosesMoneyWhereTheClampIsBelowTwelveFees() public {
        for (uint256 i; i < 6; ++i) {
            uint256 id = vm.snapshotState();
            _fundingBook(1_000, 500, 100e18);
            size = 10e18 << (2 * i);
            assertLt(_profitOf(_washAndWait), _profitOf(_waitOut), "whatever the size");
            vm.revertToState(id);
        }
    }

    /// @dev With a clamp of 4 % beside a fee of 0.05 %, which the governor refuses, it would pay: strangers that are long 100
    /// would lose up to 0.67 % of notional in a night.
    function test_funding_washingWouldPayBeyondTheGovernorsBound() public {
        _fundingBook(40_000, 500, 100e18);
        size = 100e18;
        int256 washed = _profitOf(_washAndWait) - _profitOf(_waitOut);
        assertGt(washed, int256(0), "it pays");
        assertLe(washed, int256(100 * 100e18) / 150, "0.67 % of notional at most");
    }

    /// @dev Any clamp, fee and size: no more than the formula, with what is left of the premium when it is counted.
    /// hardhat-config: fuzz.runs = 96
    function testFuzz_funding_washingPaysNoMoreThanTheFormula(uint256 seed) public {
        _seed(seed);
        (uint256 clamp, uint256 fee) = (_draw(1, 40_000), _draw(0, 2_000));
        uint256 held = _drawLog(1e18, 1e22);
        _fundingBook(clamp, fee, held);
        size = _drawLog(1e16, 1e23);
        // Both fills have a weight of at most s / (O + s), one after the other.
        uint256 weight = WAD - (((held * WAD) / (held + size)) * held) / (held + size);
        uint256 most = (((held * 100) / 6) * clamp) / 1e6;
        most = (most * weight) / WAD;
        uint256 fees = (4 * size * 105 * fee) / 1e6;
        int256 gained = _profitOf(_washAndWait) - _profitOf(_waitOut);
        // A fading that is rounded up, and a premium in parts per hundred million.
        assertLe(gained, int256(most) - int256((fees * 95) / 105) + int256(held / 1e4), "profit");
        assertLe(gained, int256((held * 100 * clamp) / 6e6) + int256(held / 1e4), "never more than the clamp");
    }

    /// @dev A clamp of six times the fee at most, which is what the governor lets: whatever is held and traded, fees cost more.
    /// hardhat-config: fuzz.runs = 96
    function testFuzz_funding_washingNeverPaysWithinTheGovernorsBound(uint256 seed) public {
        _seed(seed);
        uint256 fee = _draw(1, 10_000);
        uint256 clamp = _chance(50) ? _min(6 * fee, 40_000) : _draw(1, _min(6 * fee, 40_000));
        uint256 held = _drawLog(1e18, 1e22);
        _fundingBook(clamp, fee, held);
        assertEq(uint256(governor.riskParametersOf(market).maxFundingRate), clamp, "as the governor has it");
        size = _drawLog(1e16, 1e23);
        int256 gained = _profitOf(_washAndWait) - _profitOf(_waitOut);
        // A fading that is rounded up, and a premium in parts per hundred million.
        assertLe(gained, int256(held / 1e4), "profit");
    }

    /// @dev The attacker is short all that strangers are long.
    function _fundingBook(uint256 clamp, uint256 fee, uint256 held) private {
        RiskParameters memory p = _charging(uint24(fee));
        p.maxFundingRate = uint16(clamp);
        _begin(p);
        AccountId short = _mine("short", 1e9);
        _fill(_trader("long", 1e9), short, market, held, 100e18);
    }

    /// @dev There at the upper edge, and back at the upper edge, so that both pull the premium up; then a night passes.
    function _washAndWait() private {
        _fill(left, right, market, size, 105e18);
        _fill(right, left, market, size, 105e18);
        _waitOut();
    }

    function _waitOut() private {
        skip(9 hours);
        _to(market, 100e18);
    }

    // ------------------------------------------------------------------ set-ups

    function _begin(RiskParameters memory p) private {
        market = _list(100e18, p);
        (left, right) = (_mine("left", 1e9), _mine("right", 1e9));
    }

    /// @dev The mark is 110, and a stranger's gain of 1,000 waits in the pool.
    function _beginBesideAPool(RiskParameters memory p) private {
        market = _waitingPool();
        governor.setRiskParameters(market, p);
        (left, right) = (_mine("left", 1_000), _mine("right", 100_000));
    }
}
