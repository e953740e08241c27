// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SlotDerivation} from "@openzeppelin/contracts/utils/SlotDerivation.sol";
import {Events} from "../../../contracts/interfaces/Events.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {IClearingHouseLens} from "../../../contracts/interfaces/IClearingHouseLens.sol";
import {HouseStorage} from "../../../contracts/periphery/HouseStorage.sol";
import {AccountId, NO_ACCOUNT, accountId} from "../../../contracts/types/AccountId.sol";
import {MarketState} from "../../../contracts/types/MarketState.sol";
import {MarketStatus, RiskParameters} from "../../../contracts/types/RiskParameters.sol";
import {Vm} from "../../utils/Vm.sol";
import {LensWorld} from "./LensWorld.sol";

/// @notice After whatever has happened: what the lens says, the house does; where the lens says no, the house says no in the
/// same words; and the balance sheet's collateral is the sum over all accounts.
contract LensAgreementTest is LensWorld {
    using SlotDerivation for bytes32;

    uint256 private constant TRADERS = 5;
    uint256 private constant MARKETS = 2;

    AccountId[] private _traders;
    /// @dev Liquidates in what happens; another one does in the checks, so that its own margin is never in the way.
    AccountId private _keeper;
    AccountId private _checker;

    function setUp() public override {
        super.setUp();
        RiskParameters memory risk = _plain();
        (risk.tradeFee, risk.bountyRate, risk.bountyCap) = (300, 300, 20e18);
        risk.maxFundingRate = 40_000;
        risk.minNotional = 1e18;
        _listFine(100e18, risk);
        (risk.initialMargin, risk.maintenanceMargin, risk.incentiveMax) = (40_000, 20_000, 5_000);
        (risk.initialMarginAtCap, risk.volatilityMargin, risk.openInterestCap) = (90_000, 100_000, 100_000e18);
        risk.priceBand = 20_000;
        _listFine(3e18, risk);
        string[5] memory names = ["ann", "ben", "cat", "dan", "eve"];
        for (uint256 i; i < TRADERS; ++i) _traders.push(_trader(names[i], 100 + 100 * i));
        _keeper = _trader("keeper", 1e5);
        _checker = _trader("checker", 1e9);
        _insure("backer", 40);
    }

    function testFuzz_lens_agreesWithTheHouse(uint256[20] calldata steps, uint256 last) public {
        for (uint256 i; i < steps.length; ++i) _step(steps[i]);
        _assertBalanceSheet();
        _lastPrices(last);
        _assertAll();
    }

    /// @dev One market ends, and what is compared is compared before, at or after its winding up.
    function testFuzz_lens_agreesWithTheHouse_whereAMarketEnds(
        uint256[16] calldata steps,
        uint256 last,
        uint8 end,
        uint256 time
    ) public {
        uint8 market = end % 2;
        for (uint256 i; i < 12; ++i) _step(steps[i]);
        if (end % 3 == 0) _quote(market, _drawPrice(market, last));
        if (time % 3 != 0) _addShortfall(market, (time >> 128) % 100e18);
        governor.endMarket(market);
        if (end % 4 < 2) house.settle(_traders);
        uint256 settlesAt = lens.marketSummary(market).settlesAt;
        for (uint256 i = 12; i < 16; ++i) _step(steps[i]);
        _assertBalanceSheet();
        _lastPrices(last);
        if (time % 5 < 4) vm.warp(settlesAt + [uint256(0), 0, 1, 30 days][time % 4] - (time % 4 == 0 ? 1 : 0));
        _quote(uint8(MARKETS) - 1 - market, _drawPrice(uint8(MARKETS) - 1 - market, time >> 8));
        assertTrue((vm.getBlockTimestamp() < settlesAt) == (lens.marketSummary(market).settlesAt != 0), "waits");
        _assertAll();
    }

    /// @dev More than happens by itself in so few steps: as if somebody else's gain had nobody to pay it.
    function _addShortfall(uint8 market, uint256 amount) private {
        MarketState memory state = lens.marketOf(market);
        bytes32 slot = HouseStorage.MARKETS.deriveMapping(uint256(market));
        vm.store(address(house), slot, vm.load(address(house), slot) | bytes32(uint256(4 << 248)));
        vm.store(address(house), slot.offset(6), bytes32(state.shortfall + amount));
        assertEq(uint256(lens.marketOf(market).shortfall), state.shortfall + amount, "shortfall written");
    }

    function _assertAll() private {
        for (uint256 i; i < TRADERS; ++i) _assertAgrees(_traders[i]);
        _assertAgrees(_keeper);
        _assertSettles();
        for (uint8 market; market < MARKETS; ++market) _assertMarketAgrees(market);
    }

    // ------------------------------------------------------------------ what happens

    function _step(uint256 seed) private {
        uint256 kind = seed % 10;
        seed >>= 8;
        AccountId one_ = _traders[seed % TRADERS];
        AccountId other = _traders[((seed % TRADERS) + 1 + ((seed >> 8) % (TRADERS - 1))) % TRADERS];
        uint8 market = uint8((seed >> 16) % MARKETS);
        if (kind < 4) {
            _tryFill(one_, other, market, seed >> 24);
        } else if (kind < 7) {
            _announce(market, _drawPrice(market, seed >> 24));
            if (kind == 4) house.deleverage(_traders, NO_ACCOUNT);
            if (kind == 5) _tryLiquidate(one_, market, seed >> 64);
        } else if (kind == 7) {
            _wait((seed >> 24) % 6 hours);
            house.settle(_list2(one_, other));
        } else if (kind == 8) {
            _deposit(one_, 1 + ((seed >> 24) % 50e18));
        } else {
            _tryWithdraw(one_, seed >> 24);
        }
    }

    /// @dev As much as would be a few times what a trader has; refused where that is too much for one of them. After a jump
    /// in the next block.
    function _tryFill(AccountId buyer, AccountId seller, uint8 market, uint256 seed) private {
        if (!lens.marketSummary(market).calm) _passTheJump();
        uint256 mark = lens.marketSummary(market).mark;
        uint256 size = ((1e18 + (seed % 1_500e18)) * 1e18) / mark;
        uint256 price = mark - mark / 200 + ((seed >> 128) % (mark / 100));
        try house.fill(IClearingHouse.Fill(buyer, seller, market, size, price, NO_ACCOUNT, 0, 0)) {} catch {}
    }

    function _tryLiquidate(AccountId account, uint8 market, uint256 seed) private {
        uint256 size = seed % 3 == 0 ? type(uint256).max : 1 + (seed % 50e18);
        try house.liquidate(account, market, size, _keeper) returns (uint256) {} catch {}
    }

    function _tryWithdraw(AccountId account, uint256 seed) private {
        if (_waitsForTheNextBlock(account)) _passTheJump();
        uint256 free = lens.accountHealth(account).freeCollateral;
        if (free == 0) return;
        vm.prank(account.owner());
        house.withdraw(account, 1 + (seed % free), address(this));
    }

    /// @dev The last prices are the feeds' alone: the house has yet to see them. In every third run one market's feed has
    /// fallen silent before, perhaps at a bad moment for somebody.
    function _lastPrices(uint256 seed) private {
        uint8 market = uint8((seed >> 8) % MARKETS);
        bool silent = seed % 3 == 0;
        if (silent) {
            _announce(market, _aim(market, seed >> 16));
            house.accrueFunding(market);
            _wait(MAX_AGE + 1);
        } else {
            _wait(1 + (seed % 5 hours));
            _quote(market, _aim(market, seed >> 16));
        }
        market = uint8(MARKETS) - 1 - market;
        _quote(market, _drawPrice(market, seed >> 64));
    }

    /// @dev Around the price at which some trader falls below its margin.
    function _aim(uint8 market, uint256 seed) private view returns (uint256) {
        IClearingHouseLens.PositionHealth[] memory positions = lens.positionsOf(_traders[seed % TRADERS]);
        for (uint256 i; i < positions.length; ++i) {
            uint256 price = positions[i].liquidationPrice;
            if (positions[i].market != market || price < _start(market) / 8 || price > _start(market) * 8) continue;
            return price - price / 50 + ((seed >> 8) % (price / 25));
        }
        return _drawPrice(market, seed);
    }

    /// @dev A few per cent away from now, and every third time up to a third less or half more, inside a factor of eight
    /// around where it began.
    function _drawPrice(uint8 market, uint256 seed) private view returns (uint256) {
        uint256 mark = lens.marketSummary(market).mark;
        uint256 price =
            seed % 3 == 0
                ? (mark * 2) / 3 + ((seed >> 8) % ((mark * 5) / 6))
                : mark - mark / 25 + ((seed >> 8) % (mark / 12));
        return bound(price, _start(market) / 8, _start(market) * 8);
    }

    function _start(uint8 market) private pure returns (uint256) {
        return market == 0 ? 100e18 : 3e18;
    }

    // ------------------------------------------------------------------ what must agree

    function _assertAgrees(AccountId id) private {
        IClearingHouseLens.AccountHealth memory health = lens.accountHealth(id);
        bool liquidatable;
        for (uint8 market; market < MARKETS; ++market) {
            if (_assertLiquidationAgrees(id, market)) liquidatable = true;
        }
        bool resolvable = _assertDeleveragingAgrees(id, health.equity);
        bool below = health.equity < int256(health.maintenanceMargin) || health.equity < 0;
        IClearingHouseLens.Standing expected =
            liquidatable
                ? IClearingHouseLens.Standing.Liquidatable
                : resolvable
                    ? IClearingHouseLens.Standing.InDefault
                    : below
                        ? IClearingHouseLens.Standing.Waiting
                        : IClearingHouseLens.Standing.Healthy;
        assertStanding(id, expected, "standing");
        _assertFreeCollateral(id, health.freeCollateral);
    }

    /// @dev The same terms, or the same refusal to the byte.
    function _assertLiquidationAgrees(AccountId id, uint8 market) private returns (bool accepted) {
        uint256 snapshot = vm.snapshotState();
        (bool previewed, bytes memory preview) = address(lens).staticcall(
            abi.encodeCall(IClearingHouseLens.previewLiquidation, (id, market, type(uint256).max))
        );
        vm.recordLogs();
        bytes memory answer;
        (accepted, answer) = address(house).call(
            abi.encodeCall(IClearingHouse.liquidate, (id, market, type(uint256).max, _checker))
        );
        assertEq(previewed, accepted, "accepted");
        if (accepted) {
            IClearingHouseLens.LiquidationPreview memory expected = abi.decode(
                preview,
                (IClearingHouseLens.LiquidationPreview)
            );
            bytes memory data = _logOf(Events.Liquidated.selector, id);
            (uint256 size, uint256 mark, uint256 incentive, uint256 fundFee, , ) = abi.decode(
                data,
                (uint256, uint256, uint256, uint256, int256, uint256)
            );
            assertEq(size, expected.size, "size");
            assertEq(mark, expected.mark, "mark");
            assertEq(incentive, expected.incentive, "incentive");
            assertEq(fundFee, expected.fundFee, "fund fee");
        } else {
            assertEq(keccak256(answer), keccak256(preview), "refusal");
        }
        vm.revertToState(snapshot);
    }

    /// @dev Resolved with exactly this deficit, or skipped.
    function _assertDeleveragingAgrees(AccountId id, int256 equity) private returns (bool resolved) {
        uint256 snapshot = vm.snapshotState();
        vm.recordLogs();
        house.deleverage(_list1(id), NO_ACCOUNT);
        bytes memory data = _logOf(Events.Deleveraged.selector, id);
        resolved = data.length != 0;
        if (resolved) {
            (uint256 deficit, ) = abi.decode(data, (uint256, uint256));
            assertEq(-int256(deficit), equity, "deficit");
        }
        vm.revertToState(snapshot);
    }

    /// @dev All of it can be withdrawn, and no wei more: in the next block, where a market in which it has a position has just
    /// jumped.
    function _assertFreeCollateral(AccountId id, uint256 free) private {
        uint256 snapshot = vm.snapshotState();
        if (_waitsForTheNextBlock(id)) {
            assertEq(free, 0, "nothing is free in the block of a jump");
            assertFalse(_withdraws(id, 1), "nor is a wei");
            _passTheJump();
            free = lens.accountHealth(id).freeCollateral;
        }
        assertFalse(_withdraws(id, free + 1), "more than is free");
        if (free != 0) assertTrue(_withdraws(id, free), "what is free");
        vm.revertToState(snapshot);
    }

    function _withdraws(AccountId id, uint256 amount) private returns (bool accepted) {
        vm.prank(id.owner());
        (accepted, ) = address(house).call(abi.encodeCall(IClearingHouse.withdraw, (id, amount, address(this))));
    }

    function _waitsForTheNextBlock(AccountId id) private view returns (bool) {
        for (uint8 market; market < MARKETS; ++market) {
            if (house.sizeOf(id, market) != 0 && !lens.marketSummary(market).calm) return true;
        }
        return false;
    }

    function _passTheJump() private {
        for (uint8 market; market < MARKETS; ++market) house.accrueFunding(market);
        _wait(1);
    }

    /// @dev Settling everybody changes nobody's equity, and writes the sizes and the amounts that were previewed.
    function _assertSettles() private {
        uint256 snapshot = vm.snapshotState();
        IClearingHouseLens.AccountHealth[] memory before = lens.healths(_traders);
        IClearingHouseLens.PositionHealth[][] memory positions = new IClearingHouseLens.PositionHealth[][](TRADERS);
        for (uint256 i; i < TRADERS; ++i) positions[i] = lens.positionsOf(_traders[i]);
        house.settle(_traders);
        IClearingHouseLens.AccountHealth[] memory settled = lens.healths(_traders);
        for (uint256 i; i < TRADERS; ++i) {
            int256 unsettled;
            for (uint256 j; j < positions[i].length; ++j) {
                IClearingHouseLens.PositionHealth memory position = positions[i][j];
                unsettled += position.unsettled;
                assertEq(house.sizeOf(_traders[i], position.market), position.size, "size");
            }
            assertEq(unsettled, before[i].unsettled, "sum of unsettled");
            assertEq(settled[i].equity, before[i].equity, "equity");
            assertEq(settled[i].maintenanceMargin, before[i].maintenanceMargin, "MM");
            assertEq(settled[i].collateral, _collateral(_traders[i]), "collateral");
        }
        vm.revertToState(snapshot);
    }

    function _assertMarketAgrees(uint8 market) private {
        IClearingHouseLens.MarketSummary memory summary = lens.marketSummary(market);
        house.accrueFunding(market);
        MarketState memory state = lens.marketOf(market);
        assertEq(uint256(state.mark), summary.mark, "mark");
        assertEq(uint256(state.acceptedAt) - state.publishLag, summary.publishedAt, "published");
        assertEq(int256(state.fundingIndex), summary.fundingIndex, "funding index");
        assertEq(int256(state.premium), summary.premium, "premium");
        assertEq(uint256(state.generation), summary.generation, "generation");
        assertEq(uint256(state.flags >> 4) * 50_000, summary.volatility, "volatility");
        bool calm = state.flags & 8 == 0 || state.acceptedAt != vm.getBlockTimestamp();
        assertTrue(calm == summary.calm, "calm");
        bool ended = summary.status == MarketStatus.Settled;
        assertTrue((state.payout != 0) == (ended && summary.settlesAt == 0), "wound up");
        assertEq(lens.marketSummary(market).initialMargin, summary.initialMargin, "initial margin");
        // The call has swept the fees beyond a token, into the shortfall first, unless they wait for what may be missing.
        uint256 swept = summary.fees > 1e18 && summary.settlesAt == 0 ? summary.fees - 1e18 : 0;
        if (swept > summary.pool) swept = summary.pool;
        uint256 repaid = swept < summary.shortfall ? swept : summary.shortfall;
        assertEq(uint256(state.fees), summary.fees - swept, "fees");
        assertEq(uint256(state.pool), summary.pool - swept + repaid, "pool");
        assertEq(uint256(state.shortfall), summary.shortfall - repaid, "shortfall");
    }

    /// @dev P1, with the sum that the lens does not keep: every account that there is.
    function _assertBalanceSheet() private view {
        IClearingHouseLens.BalanceSheet memory sheet = lens.balanceSheet();
        AccountId bountyHunter = accountId(address(this), 0);
        uint256 sum =
            _collateral(_keeper) + _collateral(_checker) + _collateral(fundAccount) + _collateral(bountyHunter);
        for (uint256 i; i < TRADERS; ++i) sum += _collateral(_traders[i]);
        assertEq(sheet.collateral, sum, "sum of collateral");
        assertEq(sheet.fundAssets, fund.totalAssets(), "fund");
        assertEq(sheet.ledger, vault.ledgerBalance(), "ledger");
        assertEq(sheet.pools, uint256(lens.marketOf(0).pool) + lens.marketOf(1).pool, "pools");
        assertEq(sheet.tokenBalance, token.balanceOf(address(vault)), "tokens");
    }

    /// @dev The data of the house's event about an account; empty where there was none.
    function _logOf(bytes32 selector, AccountId id) private returns (bytes memory data) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] == selector && logs[i].topics[1] == AccountId.unwrap(id)) return logs[i].data;
        }
    }
}
