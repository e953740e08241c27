// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IERC20, ERC20, ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Errors} from "./interfaces/Errors.sol";
import {IClearingHouse} from "./interfaces/IClearingHouse.sol";
import {ICollateralVault} from "./interfaces/ICollateralVault.sol";
import {IInsuranceFund} from "./interfaces/IInsuranceFund.sol";
import {Rounding} from "./math/Rounding.sol";
import {accountId} from "./types/AccountId.sol";
import {MAX_LEDGER} from "./types/Ranges.sol";
import {PPM} from "./types/RiskParameters.sol";

/// @notice Owns who has which part of the insurance fund, who may leave when, and how much each market may draw. The money
/// itself is the clearing house's ledger account (this contract, 0); between calls not one token lies here. Knows no prices,
/// no positions and no traders.
/// @dev The clearing house calls this contract while it resolves deficits; this contract calls the clearing house only when
/// a depositor comes or goes, and in views. `cover` calls nobody.
/// Assumes that the clearing house lets nobody in again while it moves tokens, so that no share price is read or used
/// between the two halves of a movement.
contract InsuranceFund is IInsuranceFund, ERC4626, AccessManaged {
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    /// @dev How many shares someone has, and in which series they were counted. 176 + 40 = 216 bits.
    /// Shares stay below 2^176: money is below `MAX_LEDGER`, a new share costs at least a millionth of a token, and a share
    /// has nine digits more than money.
    struct Shares {
        uint176 amount;
        uint40 series;
    }

    struct Request {
        // slot 0: 176 + 40 + 40 = 256 bits
        uint176 shares;
        uint40 series;
        uint40 opensAt;
        // slot 1
        /// @dev What the shares were worth when they were requested, token units. Zero only where there is no request.
        uint256 assets;
    }

    struct Bucket {
        // slot 0
        Limit limit;
        // slot 1: 128 + 64 = 192 bits
        /// @dev What could be drawn at `filledAt`. Money, at most the capacity.
        uint128 level;
        uint64 filledAt;
    }

    /// @dev Nine digits more than money. The more there are, the more an attacker has to give away to the virtual shares
    /// (OpenZeppelin's `_decimalsOffset`) to make a newcomer lose a given amount to rounding: here a billion times
    /// as much; and the finer a share stays where much money came in before the first share.
    uint8 private constant SHARE_DECIMALS = 27;
    /// @dev A share worth less than one token divided by this starts a new series.
    uint256 private constant SERIES_FALL = 1e6;
    uint256 private constant WINDOWS_PER_COOLDOWN = 7;
    uint256 private constant MAX_COOLDOWN = 365 days;

    /// @inheritdoc IInsuranceFund
    address public immutable clearingHouse;
    /// @inheritdoc IInsuranceFund
    uint256 public immutable cooldown;
    /// @inheritdoc IInsuranceFund
    uint256 public immutable window;

    ICollateralVault private immutable _vault;
    /// @dev One token unit in 18-decimal money.
    uint256 private immutable _tokenUnit;
    /// @dev What one token unit costs in shares at par, as a power of ten, and that power.
    uint8 private immutable _offset;
    uint256 private immutable _sharesAtPar;

    /// @dev In the current series; the only place that knows which one that is.
    Shares private _supply;
    mapping(address owner => Shares) private _holdings;
    mapping(address owner => Request) private _requests;
    mapping(uint8 market => Bucket) private _buckets;

    modifier onlyClearingHouse() {
        require(msg.sender == clearingHouse, Errors.OnlyClearingHouse(msg.sender));
        _;
    }

    /// @dev Deployed by the clearing house, which has no code yet. Errors: `CooldownOutOfBounds`.
    constructor(
        ICollateralVault vault,
        address accessManager,
        uint256 cooldownSeconds,
        uint256 windowSeconds
    ) ERC20("Zerofloor Insurance Fund", "zfINS") ERC4626(IERC20(vault.token())) AccessManaged(accessManager) {
        require(
            windowSeconds > 0 &&
                cooldownSeconds <= MAX_COOLDOWN &&
                windowSeconds <= cooldownSeconds / WINDOWS_PER_COOLDOWN,
            Errors.CooldownOutOfBounds(cooldownSeconds, windowSeconds)
        );

        clearingHouse = msg.sender;
        cooldown = cooldownSeconds;
        window = windowSeconds;
        _vault = vault;
        _tokenUnit = vault.unit();
        _offset = SHARE_DECIMALS - IERC20Metadata(vault.token()).decimals();
        _sharesAtPar = 10 ** _offset;
    }

    // ------------------------------------------------------------------ covering deficits

    /// @inheritdoc IInsuranceFund
    function cover(
        uint8[] calldata markets,
        uint256[] calldata amounts,
        uint256 assets
    ) external onlyClearingHouse returns (uint256[] memory paid) {
        require(markets.length == amounts.length, Errors.LengthsDiffer(markets.length, amounts.length));

        paid = new uint256[](markets.length);
        uint256[] memory levels = new uint256[](markets.length);
        uint256 allowed;
        for (uint256 i = 0; i < markets.length; ++i) {
            if (amounts[i] == 0) continue;
            levels[i] = available(markets[i]);
            paid[i] = Math.min(amounts[i], levels[i]);
            allowed += paid[i];
        }

        uint256 left = assets;
        for (uint256 i = 0; i < markets.length; ++i) {
            if (amounts[i] == 0) continue;
            // Rounds down, so that the sum is at most the assets; the opposing side bears what is missing.
            if (allowed > assets) paid[i] = Rounding.mulDivDown(paid[i], assets, allowed);
            if (paid[i] != 0) {
                left -= paid[i];
                levels[i] -= paid[i];
                _setLevel(_buckets[markets[i]], levels[i]);
            }
            emit Covered(markets[i], amounts[i], paid[i], levels[i]);
        }

        // Here, because nothing else lowers the share price.
        if (left != assets) _startSeriesBelow(left);
    }

    /// @inheritdoc IInsuranceFund
    function setLimit(uint8 market, Limit calldata limit) external restricted {
        require(
            limit.capacity < MAX_LEDGER,
            Errors.ParameterOutOfBounds("capacity", limit.capacity, 0, MAX_LEDGER - 1)
        );
        require(limit.gap <= PPM, Errors.ParameterOutOfBounds("gap", limit.gap, 0, PPM));

        Bucket storage bucket = _buckets[market];
        uint256 level = bucket.filledAt == 0 ? limit.capacity : Math.min(available(market), limit.capacity);
        bucket.limit = limit;
        _setLevel(bucket, level);

        emit LimitSet(market, limit.capacity, limit.refillPerSecond, limit.gap, level);
    }

    /// @inheritdoc IInsuranceFund
    function available(uint8 market) public view returns (uint256) {
        Bucket storage bucket = _buckets[market];
        uint256 refill = uint256(bucket.limit.refillPerSecond) * (block.timestamp - bucket.filledAt);
        return Math.min(bucket.level + refill, bucket.limit.capacity);
    }

    /// @inheritdoc IInsuranceFund
    function openInterestLimit(uint8 market, uint256 assets) external view returns (uint256) {
        uint256 gap = _buckets[market].limit.gap;
        // Down: stricter.
        return gap == 0 ? type(uint256).max : Rounding.mulDivDown(Math.min(available(market), assets), PPM, gap);
    }

    /// @inheritdoc IInsuranceFund
    function limitOf(uint8 market) external view returns (Limit memory) {
        return _buckets[market].limit;
    }

    /// @dev Fits: a level is never above its capacity.
    function _setLevel(Bucket storage bucket, uint256 level) private {
        (bucket.level, bucket.filledAt) = (uint128(level), uint64(block.timestamp));
    }

    // ------------------------------------------------------------------ coming

    /// @inheritdoc ERC4626
    function totalAssets() public view override returns (uint256) {
        (uint256 collateral, ) = IClearingHouse(clearingHouse).accountOf(accountId(address(this), 0));
        return _toTokenUnits(collateral);
    }

    /// @notice What the vault still has room for, whoever asks.
    function maxDeposit(address) public view override returns (uint256) {
        return _vault.ledgerLimit() - _vault.ledgerBalance();
    }

    /// @notice What the vault still has room for, in shares, whoever asks.
    function maxMint(address receiver) public view override returns (uint256) {
        return previewDeposit(maxDeposit(receiver));
    }

    /// @dev In place of OpenZeppelin's: the token is called before the clearing house is, so if the token called anyone, the
    /// share price may have moved, and even the series. Refuses to give more shares than the assets buy *now*, and to take
    /// assets for which not one share would be given.
    function _deposit(address caller, address receiver, uint256 assets, uint256 shares) internal override {
        IERC20 token = IERC20(asset());
        token.safeTransferFrom(caller, address(this), assets);
        require(shares != 0, Errors.AmountIsZero());
        uint256 bought = previewDeposit(assets);
        require(shares <= bought, Errors.SharePriceMoved(shares, bought));

        token.forceApprove(address(_vault), assets);
        IClearingHouse(clearingHouse).depositFor(accountId(address(this), 0), assets);
        _mint(receiver, shares);

        emit Deposit(caller, receiver, assets, shares);
    }

    // ------------------------------------------------------------------ leaving

    /// @inheritdoc IInsuranceFund
    function requestWithdrawal(uint256 shares) external {
        uint256 balance = balanceOf(msg.sender);
        (uint256 pending, ) = _requestOf(msg.sender);
        uint256 assets = convertToAssets(shares);
        require(assets != 0, Errors.AmountIsZero());
        require(pending == 0, Errors.WithdrawalPending(msg.sender, pending));
        require(shares <= balance, ERC20InsufficientBalance(msg.sender, balance, shares));

        uint256 opensAt = block.timestamp + cooldown;
        _requests[msg.sender] = Request(uint176(shares), _supply.series, uint40(opensAt), assets);

        emit WithdrawalRequested(msg.sender, shares, assets, opensAt, opensAt + window);
    }

    /// @inheritdoc IInsuranceFund
    function withdrawalOf(
        address owner
    ) external view returns (uint256 shares, uint256 assets, uint256 opensAt, uint256 closesAt) {
        (shares, assets) = _requestOf(owner);
        if (shares != 0) (opensAt, closesAt) = (_requests[owner].opensAt, _requests[owner].opensAt + window);
    }

    /// @notice Pays for requested shares inside their window. The owner, or whom they approved for the shares.
    /// @dev Errors: `NoWithdrawalRequested`, `WithdrawalWindowClosed`, and the standard's for more than was requested.
    function redeem(uint256 shares, address receiver, address owner) public override returns (uint256 assets) {
        (uint256 requested, uint256 worth) = _openRequestOf(owner);
        require(shares <= requested, ERC4626ExceededMaxRedeem(owner, shares, requested));

        assets = _assetsFor(requested, worth, shares);
        _leave(requested, worth, owner, shares);
        _withdraw(msg.sender, receiver, owner, assets, shares);
    }

    /// @notice The same for an amount of token units.
    function withdraw(uint256 assets, address receiver, address owner) public override returns (uint256 shares) {
        (uint256 requested, uint256 worth) = _openRequestOf(owner);
        uint256 most = _assetsFor(requested, worth, requested);
        require(assets <= most, ERC4626ExceededMaxWithdraw(owner, assets, most));

        shares = _sharesFor(requested, worth, assets);
        _leave(requested, worth, owner, shares);
        _withdraw(msg.sender, receiver, owner, assets, shares);
    }

    /// @notice The requested shares of `owner` inside the window, zero outside it.
    function maxRedeem(address owner) public view override returns (uint256 shares) {
        (shares, ) = _requestOf(owner);
        if (block.timestamp < _requests[owner].opensAt) shares = 0;
    }

    /// @notice What `owner` would be paid for all requested shares, at the lower price, inside the window; zero outside it.
    function maxWithdraw(address owner) public view override returns (uint256) {
        (uint256 requested, uint256 worth) = _requestOf(owner);
        return _assetsFor(requested, worth, maxRedeem(owner));
    }

    /// @notice What the *caller* would be paid for `shares`: at the lower price where the caller has a request, at today's
    /// otherwise.
    function previewRedeem(uint256 shares) public view override returns (uint256) {
        (uint256 requested, uint256 worth) = _requestOf(msg.sender);
        return _assetsFor(requested, worth, shares);
    }

    /// @notice How many shares it would take to pay the *caller* `assets`, by the same rule.
    function previewWithdraw(uint256 assets) public view override returns (uint256) {
        (uint256 requested, uint256 worth) = _requestOf(msg.sender);
        return _sharesFor(requested, worth, assets);
    }

    /// @dev The lower of two prices, rounded down. Where nothing is requested, there is only today's.
    function _assetsFor(uint256 requested, uint256 worth, uint256 shares) private view returns (uint256 assets) {
        assets = _convertToAssets(shares, Math.Rounding.Floor);
        if (requested != 0) assets = Math.min(assets, Math.mulDiv(shares, worth, requested));
    }

    /// @dev The inverse: the higher number of shares, rounded up.
    function _sharesFor(uint256 requested, uint256 worth, uint256 assets) private view returns (uint256 shares) {
        shares = _convertToShares(assets, Math.Rounding.Ceil);
        if (requested != 0) shares = Math.max(shares, Math.mulDiv(assets, requested, worth, Math.Rounding.Ceil));
    }

    /// @dev Takes shares out of a request, so that `_update` lets them go. The rest of it stays locked.
    function _leave(uint256 requested, uint256 worth, address owner, uint256 shares) private {
        Request storage request = _requests[owner];
        uint256 left = requested - shares;
        // Rounds down: whoever leaves in parts bears it. 512 bits, because shares alone take up to 176.
        uint256 worthLeft = Math.mulDiv(worth, left, requested);
        (request.shares, request.series, request.assets) = (uint176(left), _supply.series, worthLeft);
        // A rest that was not worth a token unit when requested is let go.
        if (worthLeft == 0) delete _requests[owner];
    }

    /// @dev No call for nothing: shares that losses have left worthless can still be burnt, and a request of them ended.
    function _transferOut(address to, uint256 assets) internal override {
        if (assets != 0) IClearingHouse(clearingHouse).withdraw(accountId(address(this), 0), assets, to);
    }

    /// @dev Shares, in the current series, and worth of a request that waits or is open; otherwise zero.
    function _requestOf(address owner) private view returns (uint256 shares, uint256 worth) {
        Request storage request = _requests[owner];
        if (block.timestamp >= request.opensAt + window) return (0, 0);
        return (_inSeries(request.shares, request.series), request.assets);
    }

    /// @dev The same for a request that is inside its window and has shares.
    function _openRequestOf(address owner) private view returns (uint256 shares, uint256 worth) {
        uint256 opensAt = _requests[owner].opensAt;
        require(opensAt != 0, Errors.NoWithdrawalRequested(owner));
        require(
            block.timestamp >= opensAt && block.timestamp < opensAt + window,
            Errors.WithdrawalWindowClosed(block.timestamp, opensAt, opensAt + window)
        );

        (shares, worth) = _requestOf(owner);
        // A new series may have left nothing of it.
        require(shares != 0, Errors.NoWithdrawalRequested(owner));
    }

    // ------------------------------------------------------------------ shares and their series

    /// @inheritdoc IERC20
    function totalSupply() public view override(ERC20, IERC20) returns (uint256) {
        return _supply.amount;
    }

    /// @inheritdoc IERC20
    function balanceOf(address owner) public view override(ERC20, IERC20) returns (uint256) {
        return _inSeries(_holdings[owner].amount, _holdings[owner].series);
    }

    /// @inheritdoc IInsuranceFund
    function series() external view returns (uint256) {
        return _supply.series;
    }

    /// @dev Starts a new series where the assets have fallen below a millionth of what the shares cost at par: without it, a
    /// fund that has paid all it had would sell its next depositor astronomically many shares, and a few times of that
    /// pass any integer. Merging shares, instead of letting the old ones lapse, keeps everybody's part: a fund refilled at
    /// a low price can hold much money when its price falls again. Holders are converted when next touched, by one division.
    /// Bears the rounding: a holder, less than one new share, of which a token has at least 10^26 now. Allowances stay as
    /// they are. Cannot revert: `units + 1` is reached only where it is below 2^176.
    function _startSeriesBelow(uint256 money) private {
        Shares memory supply = _supply;
        uint256 atPar = supply.amount / _sharesAtPar;
        uint256 units = _toTokenUnits(money);
        if (atPar / SERIES_FALL <= units) return;

        // Brings a share back to between a tenth and the whole of par; money is counted with the virtual token unit.
        uint256 digits = Math.log10(atPar / (units + 1));
        uint256 total = supply.amount / 10 ** digits;
        _supply = Shares(uint176(total), uint40(supply.series + digits));

        emit SeriesStarted(supply.series + digits, digits, total);
    }

    /// @dev Shares counted in an earlier series, in the current one. Rounds down, so that balances never exceed the supply.
    function _inSeries(uint256 shares, uint256 countedIn) private view returns (uint256) {
        uint256 digits = _supply.series - countedIn;
        // 10^53 is more than 176 bits.
        return digits > 52 ? 0 : shares / 10 ** digits;
    }

    /// @dev In place of OpenZeppelin's, whose balances know no series and stay unused. Requested shares move only by being
    /// paid, which takes them out of the request first.
    function _update(address from, address to, uint256 value) internal override {
        Shares memory supply = _supply;

        if (from == address(0)) {
            _supply.amount = (supply.amount + value).toUint176();
        } else {
            uint256 balance = balanceOf(from);
            require(value <= balance, ERC20InsufficientBalance(from, balance, value));
            (uint256 locked, ) = _requestOf(from);
            require(value <= balance - locked, Errors.WithdrawalPending(from, locked));
            _holdings[from] = Shares(uint176(balance - value), supply.series);
        }

        if (to == address(0)) {
            _supply.amount = uint176(supply.amount - value);
        } else {
            // Fits: no balance exceeds the supply.
            _holdings[to] = Shares(uint176(balanceOf(to) + value), supply.series);
        }

        emit Transfer(from, to, value);
    }

    function _decimalsOffset() internal view override returns (uint8) {
        return _offset;
    }

    /// @dev Rounds down: fractions of a token unit, which fees leave in the ledger, are worth nothing to holders yet.
    function _toTokenUnits(uint256 money) private view returns (uint256) {
        return money / _tokenUnit;
    }
}
