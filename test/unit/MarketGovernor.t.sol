// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Errors} from "../../contracts/interfaces/Errors.sol";
import {IMarketGovernor} from "../../contracts/interfaces/IMarketGovernor.sol";
import {IPriceOracle} from "../../contracts/interfaces/IPriceOracle.sol";
import {MarketStatus, PackedRisk, RiskParameters, pack} from "../../contracts/types/RiskParameters.sol";
import {World} from "../utils/World.sol";

contract MarketGovernorTest is World {
    uint64 internal constant GUARDIAN = 7;
    uint64 internal constant RISK = 8;

    address internal guardian = makeAddr("guardian");
    address internal stranger = makeAddr("stranger");
    uint8 internal market;

    function setUp() public override {
        super.setUp();
        market = _list(100e18, _plain());
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = IMarketGovernor.restrictMarket.selector;
        manager.setTargetFunctionRole(address(governor), selectors, GUARDIAN);
        manager.grantRole(GUARDIAN, guardian, 0);
    }

    // ------------------------------------------------------------------ who may

    function test_listMarket_refusesStrangers() public {
        _expectUnauthorized(stranger);
        vm.prank(stranger);
        governor.listMarket(_plain(), MAX_PRICE);
    }

    function test_setRiskParameters_refusesStrangers() public {
        _expectUnauthorized(stranger);
        vm.prank(stranger);
        governor.setRiskParameters(market, _plain());
    }

    function test_restrictMarket_refusesStrangers() public {
        _expectUnauthorized(stranger);
        vm.prank(stranger);
        governor.restrictMarket(market);
    }

    function test_endMarket_refusesStrangers() public {
        _expectUnauthorized(stranger);
        vm.prank(stranger);
        governor.endMarket(market);
    }

    function test_restrictMarket_isAllThatAGuardianMay() public {
        vm.prank(guardian);
        governor.restrictMarket(market);
        assertEq(uint256(governor.riskParametersOf(market).status), uint256(MarketStatus.ReduceOnly), "restricted");

        _expectUnauthorized(guardian);
        vm.prank(guardian);
        governor.endMarket(market);

        _expectUnauthorized(guardian);
        vm.prank(guardian);
        governor.setRiskParameters(market, _plain());
        _expectUnauthorized(guardian);
        vm.prank(guardian);
        governor.listMarket(_plain(), MAX_PRICE);
    }

    function test_addMarket_refusesEverybodyButTheGovernor() public {
        PackedRisk memory risk = pack(_plain());
        vm.expectRevert(abi.encodeWithSelector(Errors.OnlyGovernor.selector, address(this)));
        house.addMarket(risk, 24);
        vm.expectRevert(abi.encodeWithSelector(Errors.OnlyGovernor.selector, stranger));
        vm.prank(stranger);
        house.addMarket(risk, 24);
    }

    function test_setRisk_refusesEverybodyButTheGovernor() public {
        PackedRisk memory risk = pack(_plain());
        vm.expectRevert(abi.encodeWithSelector(Errors.OnlyGovernor.selector, address(this)));
        house.setRisk(market, risk);
        vm.expectRevert(abi.encodeWithSelector(Errors.OnlyGovernor.selector, stranger));
        vm.prank(stranger);
        house.setRisk(market, risk);
    }

    // ------------------------------------------------------------------ listing

    function test_listMarket_numbersOnFromZero() public {
        assertEq(uint256(market), 0, "the first");
        assertEq(house.marketCount(), 1, "count");
        for (uint8 i = 1; i < 4; ++i) {
            _quote(i, 100e18);
            assertEq(uint256(governor.listMarket(_plain(), MAX_PRICE)), i, "the next");
            assertEq(house.marketCount(), i + 1, "count");
        }
    }

    function test_listMarket_announcesWhatItListed() public {
        _quote(1, 100e18);
        vm.expectEmit(address(governor));
        emit IMarketGovernor.MarketListed(1, MAX_PRICE, 24, _plain());
        governor.listMarket(_plain(), MAX_PRICE);
        _assertParameters(1, _plain());
    }

    function test_listMarket_needsAPrice() public {
        vm.expectRevert(abi.encodeWithSelector(Errors.PriceFeedMissing.selector, 1));
        governor.listMarket(_plain(), MAX_PRICE);
        assertEq(house.marketCount(), 1, "nothing was listed");
    }

    function test_listMarket_128AndNoMore() public {
        for (uint256 i = 1; i < 128; ++i) {
            _quote(uint8(i), 100e18);
            governor.listMarket(_plain(), MAX_PRICE);
        }
        assertEq(house.marketCount(), 128, "count");
        _quote(128, 100e18);
        vm.expectRevert(abi.encodeWithSelector(Errors.TooManyMarkets.selector, 128, 128));
        governor.listMarket(_plain(), MAX_PRICE);
    }

    function test_listMarket_boundsTheMaximumPrice() public {
        _quote(1, 1);
        governor.listMarket(_plain(), 1e9);
        _expectOutOfBounds("maxPrice", 1e9 - 1, 1e9, 1e27);
        governor.listMarket(_plain(), 1e9 - 1);
        _quote(2, 1);
        governor.listMarket(_plain(), 1e27);
        _expectOutOfBounds("maxPrice", 1e27 + 1, 1e9, 1e27);
        governor.listMarket(_plain(), 1e27 + 1);
    }

    function test_listMarket_boundsTheParametersToo() public {
        _quote(1, 100e18);
        RiskParameters memory p = _plain();
        p.buffer = 1e6 - 1;
        _expectOutOfBounds("buffer", 1e6 - 1, 1e6, 2e6);
        governor.listMarket(p, MAX_PRICE);
    }

    function test_listMarket_mayBeginReduceOnly() public {
        _quote(1, 100e18);
        RiskParameters memory p = _plain();
        p.status = MarketStatus.ReduceOnly;
        governor.listMarket(p, MAX_PRICE);
        _assertParameters(1, p);
    }

    function test_listMarket_scales() public {
        uint256[8] memory maxPrices = [uint256(1e9), 2 ** 33 - 1, 2 ** 33, 2 ** 34, 1e18, 1e24, 2 ** 89, 1e27];
        uint256[8] memory scales = [uint256(70), 70, 70, 69, 44, 24, 14, 14];
        for (uint8 i; i < 8; ++i) {
            _quote(i + 1, 1);
            vm.expectEmit(address(governor));
            emit IMarketGovernor.MarketListed(i + 1, maxPrices[i], uint8(scales[i]), _plain());
            governor.listMarket(_plain(), maxPrices[i]);
        }
    }

    /// @dev The highest scale, up to 70, with which the maximum price stays below 2^104 as a value.
    function testFuzz_listMarket_scalesTheMaximumPriceJustBelowItsBound(uint256 maxPrice) public {
        maxPrice = bound(maxPrice, 1e9, 1e27);
        uint256 scale;
        while (scale < 70 && maxPrice * 2 ** (scale + 1) < 2 ** 104) ++scale;
        _quote(1, 1);
        vm.expectEmit(address(governor));
        emit IMarketGovernor.MarketListed(1, maxPrice, uint8(scale), _plain());
        governor.listMarket(_plain(), maxPrice);
    }

    /// @dev 100 lies between 2^66 and 2^67 as a number: the market takes what is below the upper of the two.
    function test_listMarket_takesPricesUpToThePowerOfTwoAboveTheMaximum() public {
        _quote(1, 2 ** 67 - 1);
        governor.listMarket(_plain(), 100e18);
        _quote(2, 2 ** 67);
        vm.expectRevert(abi.encodeWithSelector(Errors.PriceRefused.selector, 2, 2 ** 67, vm.getBlockTimestamp()));
        governor.listMarket(_plain(), 100e18);
    }

    // ------------------------------------------------------------------ setting

    function test_setRiskParameters_replacesAll() public {
        RiskParameters memory p = RiskParameters({
            status: MarketStatus.ReduceOnly,
            isolatedOnly: true,
            initialMargin: 200_001,
            initialMarginAtCap: 300_015,
            volatilityMargin: 400_016,
            maintenanceMargin: 40_002,
            incentiveMin: 1_003,
            incentiveMax: 10_004,
            fundFee: 5_005,
            tradeFee: 606,
            priceBand: 30_007,
            buffer: 1_500_008,
            openInterestCap: 9e24 + 9e15,
            minNotional: 10e18 + 1e15,
            shortfallLimit: 11_011,
            maxFundingRate: 3_612,
            bountyRate: 603,
            bountyCap: 14e18 + 14
        });
        vm.expectEmit(address(governor));
        emit IMarketGovernor.RiskParametersSet(market, p, 0);
        governor.setRiskParameters(market, p);
        _assertParameters(market, p);
    }

    function test_setRiskParameters_refusesAMarketThatIsNotListed() public {
        vm.expectRevert(abi.encodeWithSelector(Errors.UnknownMarket.selector, 1));
        governor.setRiskParameters(1, _plain());
        vm.expectRevert(abi.encodeWithSelector(Errors.UnknownMarket.selector, 255));
        governor.setRiskParameters(255, _plain());
    }

    function test_riskParametersOf_aMarketThatIsNotListedIsEmpty() public view {
        RiskParameters memory nothing;
        _assertParameters(1, nothing);
    }

    function test_restrictMarket_keepsTheRest() public {
        RiskParameters memory p = _plain();
        (p.tradeFee, p.bountyRate, p.bountyCap, p.minNotional) = (500, 499, 7e18, 10e18);
        governor.setRiskParameters(market, p);
        p.status = MarketStatus.ReduceOnly;
        vm.expectEmit(address(governor));
        emit IMarketGovernor.RiskParametersSet(market, p, 0);
        vm.prank(guardian);
        governor.restrictMarket(market);
        _assertParameters(market, p);
    }

    function test_restrictMarket_again() public {
        governor.setRiskParameters(market, _restricted());
        vm.prank(guardian);
        governor.restrictMarket(market);
        _assertParameters(market, _restricted());
    }

    function test_restrictMarket_refusesAMarketThatIsNotListed() public {
        vm.expectRevert(abi.encodeWithSelector(Errors.UnknownMarket.selector, 1));
        vm.prank(guardian);
        governor.restrictMarket(1);
    }

    // ------------------------------------------------------------------ ending

    function test_endMarket_isForItsRole() public {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = IMarketGovernor.endMarket.selector;
        manager.setTargetFunctionRole(address(governor), selectors, RISK);
        address risk = makeAddr("risk");
        manager.grantRole(RISK, risk, 0);
        _expectUnauthorized(address(this));
        governor.endMarket(market);
        vm.prank(risk);
        governor.endMarket(market);
        assertEq(uint256(governor.riskParametersOf(market).status), uint256(MarketStatus.Settled), "ended");
    }

    /// @dev All but the funding that fills could go on to set.
    function test_endMarket_keepsTheRest() public {
        uint8 other = _list(50e18, _plain());
        RiskParameters memory p = _restricted();
        (p.tradeFee, p.bountyRate, p.bountyCap, p.minNotional) = (500, 499, 7e18, 10e18);
        p.maxFundingRate = 3_000;
        governor.setRiskParameters(market, p);
        (p.status, p.maxFundingRate) = (MarketStatus.Settled, 0);
        vm.expectEmit(address(governor));
        emit IMarketGovernor.RiskParametersSet(market, p, 0);
        governor.endMarket(market);
        _assertParameters(market, p);
        _assertParameters(other, _plain());
    }

    /// @dev Not reopened, not restricted, not ended again, not even by whoever may do all of it.
    function test_endMarket_forGood() public {
        governor.endMarket(market);
        RiskParameters memory ended = governor.riskParametersOf(market);
        for (uint256 i; i < 2; ++i) {
            _expectEnded();
            governor.setRiskParameters(market, _plain());
            _expectEnded();
            governor.setRiskParameters(market, _restricted());
            _expectEnded();
            vm.prank(guardian);
            governor.restrictMarket(market);
            _expectEnded();
            governor.endMarket(market);
            _expectEnded();
            governor.raiseMaintenanceMargin(market);
            _assertParameters(market, ended);
            // Wound up or not.
            skip(30 days);
            house.accrueFunding(market);
        }
    }

    function test_endMarket_refusesAMarketThatIsNotListed() public {
        vm.expectRevert(abi.encodeWithSelector(Errors.UnknownMarket.selector, 1), address(governor));
        governor.endMarket(1);
        vm.expectRevert(abi.encodeWithSelector(Errors.UnknownMarket.selector, 255), address(governor));
        governor.endMarket(255);
    }

    function _expectEnded() private {
        vm.expectRevert(abi.encodeWithSelector(Errors.MarketEnded.selector, market), address(governor));
    }

    // ------------------------------------------------------------------ bounds: accepted at the edge, refused beyond

    function test_bounds_status() public {
        RiskParameters memory p = _plain();
        p.status = MarketStatus.Unlisted;
        _refuses(p, "status", 0, 1, 2);
        // That takes `endMarket`.
        p.status = MarketStatus.Settled;
        _refuses(p, "status", 3, 1, 2);
        p.status = MarketStatus.ReduceOnly;
        _accepts(p);
    }

    function test_bounds_maintenanceMargin() public {
        RiskParameters memory p = _plain();
        (p.incentiveMin, p.incentiveMax, p.fundFee, p.priceBand) = (0, 0, 0, 0);
        p.maintenanceMargin = 1_000;
        _accepts(p);
        p.maintenanceMargin = 999;
        _refuses(p, "maintenanceMargin", 999, 1_000, 500_000);
        (p.initialMargin, p.initialMarginAtCap, p.maintenanceMargin) = (1_000_000, 1_000_000, 500_000);
        _accepts(p);
        p.maintenanceMargin = 500_001;
        _refuses(p, "maintenanceMargin", 500_001, 1_000, 500_000);
    }

    function test_bounds_initialMargin() public {
        RiskParameters memory p = _plain();
        p.initialMargin = 50_001;
        _accepts(p);
        p.initialMargin = 50_000;
        _refuses(p, "initialMargin", 50_000, 50_001, 1_000_000);
        (p.initialMargin, p.initialMarginAtCap) = (1_000_000, 1_000_000);
        _accepts(p);
        p.initialMargin = 1_000_001;
        _refuses(p, "initialMargin", 1_000_001, 50_001, 1_000_000);
    }

    function test_bounds_initialMarginAtCap() public {
        RiskParameters memory p = _plain();
        p.initialMarginAtCap = 99_999;
        _refuses(p, "initialMarginAtCap", 99_999, 100_000, 1_000_000);
        p.initialMarginAtCap = 1_000_000;
        _accepts(p);
        p.initialMarginAtCap = 1_000_001;
        _refuses(p, "initialMarginAtCap", 1_000_001, 100_000, 1_000_000);
    }

    function test_bounds_volatilityMargin() public {
        RiskParameters memory p = _plain();
        p.volatilityMargin = 1_000_000;
        _accepts(p);
        p.volatilityMargin = 1_000_001;
        _refuses(p, "volatilityMargin", 1_000_001, 0, 1_000_000);
    }

    function test_bounds_incentive() public {
        RiskParameters memory p = _plain();
        p.fundFee = 0;
        p.incentiveMax = 25_000;
        _accepts(p);
        p.incentiveMax = 25_001;
        _refuses(p, "incentiveMax", 25_001, 5_000, 25_000);
        (p.incentiveMin, p.incentiveMax) = (15_000, 15_000);
        _accepts(p);
        p.incentiveMin = 15_001;
        _refuses(p, "incentiveMax", 15_000, 15_001, 25_000);
        (p.incentiveMin, p.incentiveMax) = (0, 0);
        _accepts(p);
    }

    /// @dev d_max + φ ≤ m / 2, halves rounded down.
    function test_bounds_fundFee() public {
        RiskParameters memory p = _plain();
        p.fundFee = 10_000;
        _accepts(p);
        p.fundFee = 10_001;
        _refuses(p, "fundFee", 10_001, 0, 10_000);
        p.maintenanceMargin = 50_001;
        _refuses(p, "fundFee", 10_001, 0, 10_000);
        p.maintenanceMargin = 50_002;
        _accepts(p);
        p.fundFee = 0;
        _accepts(p);
    }

    function test_bounds_buffer() public {
        RiskParameters memory p = _plain();
        p.buffer = 1_000_000;
        _accepts(p);
        p.buffer = 999_999;
        _refuses(p, "buffer", 999_999, 1_000_000, 2_000_000);
        p.buffer = 2_000_000;
        _accepts(p);
        p.buffer = 2_000_001;
        _refuses(p, "buffer", 2_000_001, 1_000_000, 2_000_000);
    }

    function test_bounds_tradeFee() public {
        RiskParameters memory p = _plain();
        p.tradeFee = 10_000;
        _accepts(p);
        p.tradeFee = 10_001;
        _refuses(p, "tradeFee", 10_001, 0, 10_000);
    }

    function test_bounds_priceBand() public {
        RiskParameters memory p = _plain();
        p.priceBand = 50_000;
        _accepts(p);
        p.priceBand = 50_001;
        _refuses(p, "priceBand", 50_001, 0, 50_000);
        p.priceBand = 0;
        _accepts(p);
    }

    function test_bounds_openInterestCap() public {
        RiskParameters memory p = _plain();
        p.openInterestCap = 1e33;
        _accepts(p);
        p.openInterestCap = 1e33 + 1e15;
        _refuses(p, "openInterestCap", 1e33 + 1e15, 0, 1e33);
        p.openInterestCap = 1e33 - 1;
        _refuses(p, "openInterestCap % 1e15", 1e15 - 1, 0, 0);
        p.openInterestCap = 1e15;
        _accepts(p);
        p.openInterestCap = 0;
        _accepts(p);
    }

    function test_bounds_minNotional() public {
        RiskParameters memory p = _plain();
        p.minNotional = 1e24;
        _accepts(p);
        p.minNotional = 1e24 + 1e15;
        _refuses(p, "minNotional", 1e24 + 1e15, 0, 1e24);
        p.minNotional = 10e18 + 1;
        _refuses(p, "minNotional % 1e15", 1, 0, 0);
        p.minNotional = 1e15;
        _accepts(p);
    }

    function test_bounds_shortfallLimit() public {
        RiskParameters memory p = _plain();
        p.shortfallLimit = 1_000_000;
        _accepts(p);
        p.shortfallLimit = 1_000_001;
        _refuses(p, "shortfallLimit", 1_000_001, 0, 1_000_000);
    }

    function test_bounds_maxFundingRate() public {
        RiskParameters memory p = _plain();
        p.maxFundingRate = 1;
        _refuses(p, "maxFundingRate", 1, 0, 0);
        p.tradeFee = 1_000;
        p.maxFundingRate = 6_000;
        _accepts(p);
        p.maxFundingRate = 6_001;
        _refuses(p, "maxFundingRate", 6_001, 0, 6_000);
        p.tradeFee = 10_000;
        p.maxFundingRate = 40_000;
        _accepts(p);
        p.maxFundingRate = 40_001;
        _refuses(p, "maxFundingRate", 40_001, 0, 40_000);
    }

    /// @dev Below the fees of the round trip that it takes to default for it.
    function test_bounds_bountyRate() public {
        RiskParameters memory p = _plain();
        p.bountyRate = 1;
        _refuses(p, "bountyRate", 1, 0, 0);
        (p.tradeFee, p.bountyRate) = (1, 1);
        _accepts(p);
        p.bountyRate = 2;
        _refuses(p, "bountyRate", 2, 0, 1);
        (p.tradeFee, p.bountyRate) = (500, 500);
        _accepts(p);
        p.bountyRate = 501;
        _refuses(p, "bountyRate", 501, 0, 500);
    }

    function test_bounds_bountyCapIsBoundByItsTypeAlone() public {
        RiskParameters memory p = _plain();
        p.bountyCap = type(uint80).max;
        _accepts(p);
    }

    // ------------------------------------------------------------------ makings

    /// @dev As if a higher maintenance margin had been reached already.
    function _accepts(RiskParameters memory p) private {
        RiskParameters memory reached = governor.riskParametersOf(market);
        reached.maintenanceMargin = p.maintenanceMargin;
        _decree(market, reached);
        governor.setRiskParameters(market, p);
        _assertParameters(market, p);
    }

    function _refuses(
        RiskParameters memory p,
        string memory name,
        uint256 value,
        uint256 lowest,
        uint256 highest
    ) private {
        RiskParameters memory before = governor.riskParametersOf(market);
        _expectOutOfBounds(name, value, lowest, highest);
        governor.setRiskParameters(market, p);
        _assertParameters(market, before);
    }

    function _assertParameters(uint8 of_, RiskParameters memory p) private view {
        assertEq(keccak256(abi.encode(governor.riskParametersOf(of_))), keccak256(abi.encode(p)), "parameters");
    }

    function _expectOutOfBounds(string memory name, uint256 value, uint256 lowest, uint256 highest) private {
        vm.expectRevert(
            abi.encodeWithSelector(Errors.ParameterOutOfBounds.selector, name, value, lowest, highest),
            address(governor)
        );
    }

    function _expectUnauthorized(address caller) private {
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller),
            address(governor)
        );
    }

    /// @dev The oracle vouches for `price`, to the wei, which a feed of 8 decimals could not.
    function _quote(uint8 of_, uint256 price) private {
        vm.mockCall(
            address(oracle),
            abi.encodeWithSelector(IPriceOracle.read.selector, of_),
            abi.encode(price, vm.getBlockTimestamp(), 0)
        );
    }

    function _restricted() private pure returns (RiskParameters memory p) {
        p = _plain();
        p.status = MarketStatus.ReduceOnly;
    }
}
