// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {ICollateralVault} from "../../contracts/interfaces/ICollateralVault.sol";
import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {IPriceSource} from "../../contracts/interfaces/IPriceSource.sol";
import {IInsuranceFund} from "../../contracts/interfaces/IInsuranceFund.sol";
import {IMarketGovernor} from "../../contracts/interfaces/IMarketGovernor.sol";
import {IPriceOracle} from "../../contracts/interfaces/IPriceOracle.sol";
import {AccountId, NO_ACCOUNT, accountId} from "../../contracts/types/AccountId.sol";
import {TRADE} from "../../contracts/types/Rights.sol";
import {MarketStatus, PackedRisk, RiskParameters, pack} from "../../contracts/types/RiskParameters.sol";
import {ChainlinkAggregator} from "../mocks/ChainlinkFeed.sol";
import {TestToken} from "../mocks/tokens/TestToken.sol";
import {IFund} from "./IFund.sol";
import {Test} from "./Test.sol";

/// @notice A whole deployment to test in: token, access manager, oracle with Chainlink-shaped feeds, clearing house with
/// its vault, fund and governor. The test is governance and the venue; every trader lets it trade.
abstract contract World is Test {
    uint256 internal constant MAX_AGE = 1 days;
    address internal constant NO_SEQUENCER = address(0);
    /// @dev Markets are listed for prices up to this.
    uint256 internal constant MAX_PRICE = 1e6 * 1e18;

    IAccessManager internal manager;
    TestToken internal token;
    IPriceOracle internal oracle;
    IClearingHouse internal house;
    IFund internal fund;
    IMarketGovernor internal governor;
    ICollateralVault internal vault;
    AccountId internal fundAccount;
    ChainlinkAggregator[] internal feeds;

    /// @dev Token units in one whole token.
    uint256 internal one;

    function setUp() public virtual {
        _deploy(18);
    }

    function _deploy(uint8 decimals) internal {
        vm.warp(1_700_000_000);
        manager = IAccessManager(_create("AccessManager.sol:AccessManager", abi.encode(address(this))));
        token = TestToken(_create("TestToken.sol:TestToken", abi.encode("Test USD", "tUSD", decimals)));
        one = 10 ** decimals;
        oracle = IPriceOracle(_create("PriceOracle.sol:PriceOracle", abi.encode(manager, NO_SEQUENCER, 0)));
        house = IClearingHouse(
            _create("ClearingHouse.sol:ClearingHouse", abi.encode(token, oracle, address(manager), 7 days, 1 days))
        );
        fund = IFund(address(house.insuranceFund()));
        governor = house.governor();
        vault = house.vault();
        fundAccount = house.fundAccount();
    }

    // ------------------------------------------------------------------ markets and prices

    /// @dev Parameters of the worked examples: IM 10 % whatever is open and however marks move, MM 5 %, no fees, no bounty.
    function _plain() internal pure returns (RiskParameters memory) {
        return
            RiskParameters({
                status: MarketStatus.Active,
                isolatedOnly: false,
                initialMargin: 100_000,
                initialMarginAtCap: 100_000,
                volatilityMargin: 0,
                maintenanceMargin: 50_000,
                incentiveMin: 5_000,
                incentiveMax: 15_000,
                fundFee: 5_000,
                tradeFee: 0,
                priceBand: 50_000,
                buffer: 1_200_000,
                openInterestCap: 1e33,
                minNotional: 0,
                shortfallLimit: 0,
                maxFundingRate: 0,
                bountyRate: 0,
                bountyCap: 0
            });
    }

    /// @dev Lists a market at `price` (18 decimals) with a feed of 8 decimals behind a proxy, and an unlimited fund.
    function _list(uint256 price, RiskParameters memory parameters) internal returns (uint8 market) {
        ChainlinkAggregator feed = ChainlinkAggregator(
            _create("ChainlinkFeed.sol:ChainlinkAggregator", abi.encode(8, "TEST / USD"))
        );
        feeds.push(feed);
        market = uint8(feeds.length - 1);
        feed.setAnswer(int256(price / 1e10), vm.getBlockTimestamp());
        _point(market, feed);
        _listNext(market, parameters);
        fund.setLimit(market, IInsuranceFund.Limit({capacity: 1e33, refillPerSecond: 0, gap: 0}));
    }

    /// @dev Funding that no fee pays for is set past the governor: a test of funding need not have fees.
    function _listNext(uint8 market, RiskParameters memory parameters) internal {
        uint16 rate = parameters.maxFundingRate;
        bool free = rate > 6 * uint256(parameters.tradeFee);
        if (free) parameters.maxFundingRate = 0;
        assertEq(uint256(governor.listMarket(parameters, MAX_PRICE)), market, "market number");
        if (!free) return;
        parameters.maxFundingRate = rate;
        _decree(market, parameters);
    }

    /// @dev Parameters at once, beyond what the governor lets and without its ramp.
    function _decree(uint8 market, RiskParameters memory parameters) internal {
        vm.prank(address(governor));
        house.setRisk(market, pack(parameters));
    }

    /// @dev The market's price is the feed's, through a proxy.
    function _point(uint8 market, ChainlinkAggregator feed) internal {
        address proxy = _create("ChainlinkFeed.sol:ChainlinkProxy", abi.encode(feed));
        address source = _create("ChainlinkSource.sol:ChainlinkSource", abi.encode(proxy));
        oracle.setFeed(market, _feed(IPriceSource(source)));
    }

    /// @dev One source, of which nothing is asked but that its price is not older than `MAX_AGE`.
    function _feed(IPriceSource source) internal pure returns (IPriceOracle.Feed memory feed) {
        (feed.primary, feed.maxAge, feed.maxConfidence, feed.maxMove) = (source, uint24(MAX_AGE), 0, type(uint64).max);
        (feed.lowest, feed.highest) = (1, type(uint96).max);
    }

    /// @dev A second passes and the feed has a new price (18 decimals; a feed knows 8 of them).
    function _quotePrice(uint8 market, uint256 price) internal {
        vm.warp(vm.getBlockTimestamp() + 1);
        feeds[market].setAnswer(int256(price / 1e10), vm.getBlockTimestamp());
    }

    /// @dev The same, and the block after it where it is a jump.
    function _setPrice(uint8 market, uint256 price) internal {
        _quotePrice(market, price);
        _passJump(market, (price / 1e10) * 1e10);
    }

    /// @dev A price so far away that fills would wait for the next block is accepted, and that block comes.
    function _passJump(uint8 market, uint256 price) internal {
        (uint256 mark, uint256 margin) = (_markOf(market), house.riskOf(market).maintenanceMargin());
        if ((price > mark ? price - mark : mark - price) * 1e6 <= mark * margin) return;
        _accept(market);
        vm.warp(vm.getBlockTimestamp() + 1);
    }

    /// @dev Setting a market's parameters to what they are takes its price and does nothing else: no fee is swept.
    function _accept(uint8 market) internal {
        PackedRisk memory same = house.riskOf(market);
        vm.prank(address(governor));
        house.setRisk(market, same);
    }

    /// @dev As accepted last.
    function _markOf(uint8 market) internal view returns (uint256) {
        bytes32[] memory slots = new bytes32[](1);
        slots[0] = bytes32(uint256(keccak256(abi.encode(uint256(market), uint256(3)))) + 2);
        return (uint256(house.load(slots)[0]) >> 112) & type(uint96).max;
    }

    // ------------------------------------------------------------------ accounts

    function _account(string memory name) internal returns (AccountId) {
        return accountId(makeAddr(name), 0);
    }

    /// @dev A trader with `amount` whole tokens of collateral, who lets this test trade for it.
    function _trader(string memory name, uint256 amount) internal returns (AccountId id) {
        id = _account(name);
        _deposit(id, amount * one);
        vm.prank(id.owner());
        house.setOperator(0, address(this), TRADE);
    }

    /// @dev `amount` in token units, minted for this and paid by the test.
    function _deposit(AccountId id, uint256 amount) internal virtual {
        if (amount == 0) return;
        token.mint(address(this), amount);
        token.approve(address(vault), amount);
        house.depositFor(id, amount);
    }

    /// @dev Whole tokens into the insurance fund, owned by `name`.
    function _insure(string memory name, uint256 amount) internal {
        address owner = makeAddr(name);
        token.mint(owner, amount * one);
        vm.startPrank(owner);
        token.approve(address(fund), amount * one);
        fund.deposit(amount * one, owner);
        vm.stopPrank();
    }

    function _collateral(AccountId id) internal view returns (uint256 collateral) {
        (collateral, ) = house.accountOf(id);
    }

    // ------------------------------------------------------------------ what happens

    /// @dev `size` and `price` in 18 decimals, without a venue's fee.
    function _fill(AccountId buyer, AccountId seller, uint8 market, uint256 size, uint256 price) internal {
        house.fill(IClearingHouse.Fill(buyer, seller, market, size, price, NO_ACCOUNT, 0, 0));
    }

    function _settle(AccountId a) internal {
        house.settle(_list1(a));
    }

    function _deleverage(AccountId a) internal {
        house.deleverage(_list1(a), NO_ACCOUNT);
    }

    function _deleverage(AccountId a, AccountId b) internal {
        house.deleverage(_list2(a, b), NO_ACCOUNT);
    }

    function _list1(AccountId a) internal pure returns (AccountId[] memory list) {
        list = new AccountId[](1);
        list[0] = a;
    }

    function _list2(AccountId a, AccountId b) internal pure returns (AccountId[] memory list) {
        list = new AccountId[](2);
        (list[0], list[1]) = (a, b);
    }
}
