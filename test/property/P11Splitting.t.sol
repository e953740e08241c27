// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId, NO_ACCOUNT, accountId} from "../../contracts/types/AccountId.sol";
import {RandomBook} from "./RandomBook.sol";

/// @notice P11: splitting an account into k parts, each still at or above zero after its haircut, changes what they pay
/// together by at most k · (mark · 1 size-wei + 2 wei).
contract P11SplittingTest is RandomBook {
    uint256 private constant MAX_PARTS = 6;

    uint8 private market;
    AccountId private counterparty;
    AccountId[] private parts;
    uint256[] private sizes;
    bool private isLong;

    /// hardhat-config: fuzz.runs = 64
    function testFuzz_deleverage_chargesPartsWhatItChargesTheWhole(uint256 seed) public {
        _seed(seed);
        market = _list((_drawLog(1e16, 1e22) / 1e10) * 1e10, _thin());
        _newAccounts(_draw(3, 7));
        _fillSome();
        // A below one, and shares that are not sizes.
        if (_chance(60)) {
            _defaultOf(_chance(50), _draw(100, 50_000));
            house.deleverage(accounts, NO_ACCOUNT);
            house.deleverage(accounts, NO_ACCOUNT);
            _fillSome();
        }
        isLong = _chance(50);
        counterparty = _trader("counterparty", 0);
        _drawParts();

        uint256 start = vm.snapshotState();
        AccountId[] memory whole = new AccountId[](1);
        whole[0] = _trader("whole", 0);
        uint256[] memory all = new uint256[](1);
        for (uint256 i; i < sizes.length; ++i) all[0] += sizes[i];
        uint256 entropy = _draw(0, type(uint128).max);
        (uint256 paid, ) = _paidIn(whole, all, entropy);

        vm.revertToState(start);
        for (uint256 i; i < sizes.length; ++i) {
            parts.push(accountId(makeAddr("whole"), uint96(i)));
            _allow(parts[i]);
        }
        (uint256 paidByParts, uint256 perSizeWei) = _paidIn(parts, sizes, entropy);
        assertGt(paid, 0, "a haircut was paid");
        assertApproxEqAbs(paidByParts, paid, sizes.length * (perSizeWei + 2), "split");
    }

    /// @dev What `ids` pay when, with `split` among them, the other side goes into default.
    function _paidIn(
        AccountId[] memory ids,
        uint256[] memory split,
        uint256 entropy
    ) private returns (uint256 paid, uint256 perSizeWei) {
        uint256 mark = _marketWords(market).mark;
        _fundFor(counterparty, market, _totalNotional(mark));
        for (uint256 i; i < ids.length; ++i) {
            // Never below zero, whatever they are charged: a haircut per unit is at most the highest mark.
            _deposit(ids[i], _ceil(6 * split[i] * mark, WAD));
            (AccountId buyer, AccountId seller) = isLong ? (ids[i], counterparty) : (counterparty, ids[i]);
            _fill(buyer, seller, market, split[i], mark);
        }
        _seed(entropy);
        _defaultOf(!isLong, _draw(1_000, 300_000));
        int256 before = _sumOfEquities(ids);
        house.deleverage(_inDefault(), NO_ACCOUNT);
        for (uint256 i; i < ids.length; ++i) assertGe(_equity(ids[i]), int256(0), "not below zero");
        paid = uint256(before - _sumOfEquities(ids));
        perSizeWei = _ceil(_marketWords(market).mark, WAD);
    }

    /// @dev Twice what the counterparty is going to trade.
    function _totalNotional(uint256 mark) private view returns (uint256) {
        uint256 total;
        for (uint256 i; i < sizes.length; ++i) total += sizes[i];
        return _ceil(2 * total * mark, WAD);
    }

    function _drawParts() private {
        uint256 count = _draw(2, MAX_PARTS);
        for (uint256 i; i < count; ++i) sizes.push(_drawLog(1e15, 1e21));
    }

    function _fillSome() private {
        uint256 fills = _draw(3, 7);
        for (uint256 i; i < fills; ++i) _randomFill(market, 1e16, 1e21);
    }

    function _inDefault() private view returns (AccountId[] memory list) {
        list = new AccountId[](accounts.length + 1);
        for (uint256 i; i < accounts.length; ++i) if (_equity(accounts[i]) < 0) list[i] = accounts[i];
        if (_equity(counterparty) < 0) list[accounts.length] = counterparty;
    }

    function _sumOfEquities(AccountId[] memory ids) private view returns (int256 sum) {
        for (uint256 i; i < ids.length; ++i) sum += _equity(ids[i]);
    }

    /// @dev Moves the mark to where the weakest of one side are zero, and by `gap` ppm of the new mark beyond it.
    function _defaultOf(bool ofLongs, uint256 gap) private {
        uint256 mark = _marketWords(market).mark;
        uint256 weakest = _weakest(ofLongs);
        if (ofLongs) _setPrice(market, weakest < mark ? ((mark - weakest) * 1e6) / (1e6 + gap) : mark / 8);
        else _setPrice(market, _min(((mark + weakest) * 1e6) / (1e6 - gap), 8 * mark));
        _acceptPrices();
    }

    /// @dev The least equity per unit of size on a side.
    function _weakest(bool ofLongs) private view returns (uint256 least) {
        least = type(uint96).max;
        MarketWords memory m = _marketWords(market);
        for (uint256 i; i <= accounts.length; ++i) {
            AccountId id = i < accounts.length ? accounts[i] : counterparty;
            int256 size = _sizeOf(_positionWords(id, market, m), m);
            if (size == 0 || (size > 0) != ofLongs) continue;
            least = _min(least, (_positive(_equity(id)) * WAD) / _magnitude(size));
        }
    }
}
