// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId, NO_ACCOUNT, accountId} from "../../contracts/types/AccountId.sol";
import {Crowd} from "../mocks/Crowd.sol";
import {RandomBook} from "../property/RandomBook.sol";
import {GasBounds} from "../utils/GasBounds.sol";

/// @notice Lists that are meant to make `deleverage` revert, resolve something else, or cost too much: one account in default
/// among hundreds of entries that are good for nothing.
/// @dev Gas is that of the whole transaction, calldata included. Each bound is what was measured, which the line above it says,
/// and a quarter more for another compiler and other prices of storage.
contract HostileListsTest is RandomBook, GasBounds {
    uint256 private constant MANY = 500;

    uint8 private market;
    AccountId private loser;
    AccountId private maker;
    Crowd private crowd;
    /// @dev Who is in default: the loser, unless a test says otherwise.
    AccountId[] private needed;

    /// @dev The loser is long 10 from 2,000 with 2,000, and at 1,700 short of 1,000, of which the fund has 400.
    function setUp() public override {
        super.setUp();
        market = _list(2_000e18, _plain());
        (loser, maker) = (_trader("loser", 2_000), _trader("maker", 1e12));
        crowd = Crowd(_create("Crowd.sol:Crowd", abi.encode(house)));
        _insure("backer", 400);
        _fill(loser, maker, market, 10e18, 2_000e18);
    }

    // ------------------------------------------------------------------ entries that are good for nothing

    function test_deleverage_amongDuplicates() public {
        _fallTo(1_700e18);
        AccountId[] memory list = new AccountId[](MANY);
        for (uint256 i; i < MANY; ++i) list[i] = loser;
        // Measured: 3,415.
        _requireCheap(list, 4_300, "duplicates");
    }

    function test_deleverage_amongUnknownAccounts() public {
        _fallTo(1_700e18);
        AccountId[] memory list = new AccountId[](MANY);
        for (uint256 i; i < MANY; ++i) list[i] = accountId(address(uint160(0xbad0000 + i)), type(uint96).max);
        (list[0], list[1], list[2]) = (NO_ACCOUNT, fundAccount, accountId(address(house), 0));
        // Measured: 5,357.
        _requireCheap(list, 6_700, "unknown");
    }

    function test_deleverage_amongAccountsWithoutAPosition() public {
        _populate(MANY, 100_000);
        _fallTo(1_700e18);
        // Measured: 5,433.
        _requireCheap(_crowd(MANY), 6_800, "flat");
    }

    function test_deleverage_amongHealthyHolders() public {
        _populate(MANY, 100_000);
        _openAll(MANY, market, true);
        _fallTo(1_700e18);
        // Measured: 12,276.
        _requireCheap(_crowd(MANY), 15_400, "healthy");
    }

    /// @dev A waiting gain is what puts an account off to a later pass.
    function test_deleverage_amongWinners() public {
        _populate(MANY, 100_000);
        _openAll(MANY, market, false);
        _fallTo(1_700e18);
        // Measured: 10,841.
        _requireCheap(_crowd(MANY), 13_600, "winners");
    }

    /// @dev Below zero when the list was made, and lifted to zero by somebody before it came.
    function test_deleverage_amongAccountsThatBecameHealthy() public {
        _populate(100, 500);
        _openAll(100, market, true);
        _fallTo(1_400e18);
        AccountId[] memory list = _crowd(100);
        for (uint256 i; i < 100; ++i) {
            assertLt(_equity(list[i]), int256(0), "was in default");
            _deposit(list[i], uint256(-_equity(list[i])));
        }
        // Measured: 12,249.
        _requireCheap(list, 15_400, "lifted");
    }

    /// @dev Accounts in as many markets as there may be. Opening these costs once, whoever is in them; each entry is read in
    /// each of them.
    function test_deleverage_amongAccountsInSixteenMarkets() public {
        _populate(20, 100_000);
        for (uint256 i; i < 16; ++i) _openAll(20, _list(100e18, _plain()), true);
        _fallTo(1_700e18);
        // Measured: 157,519.
        _requireCheap(_crowd(20), 172_000, "16 markets");
    }

    /// @dev Eight accounts that are in all 128 markets between them: every market is opened, and the call fits a block. The
    /// first bound is for each market. An account in no market, which costs next to nothing alone, is looked for in each of
    /// those that are open: that is the second one.
    function test_deleverage_openingEveryMarketThereIs() public {
        _populate(8, 100_000);
        token.mint(address(crowd), 8e6 * 1e18);
        crowd.fund(2_000_000, 8, 1e6 * 1e18);
        for (uint96 i; i < 8; ++i) {
            for (uint256 j; j < 16 && feeds.length < 128; ++j) {
                crowd.open(i, 1, true, 2_000_000 + i, _list(100e18, _plain()), 1e18, 100e18);
            }
        }
        assertEq(house.marketCount(), 128, "all markets");
        _fallTo(1_700e18);
        (uint256 alone, uint256 withMarkets) = _requireSame(_crowd(8));
        // Measured: 72,299.
        assertGasLe((withMarkets - alone) / 127, 90_400, "for each market");
        (, uint256 withUnknown) = _requireSame(_crowd(108));
        // Measured: 106,127.
        assertGasLe((withUnknown - withMarkets) / 100, 132_700, "for each unknown account");
    }

    /// @dev Shorts that have slept through thirty generations which others have ended. Each entry walks them; the walk is read
    /// from storage once.
    function test_deleverage_amongLongSleepers() public {
        _populate(50, 100_000);
        _sleep(50);
        _fallTo(1_700e18);
        // Measured: 68,352.
        _requireCheap(_crowd(50), 85_500, "sleepers");
    }

    /// @dev The same shorts with less than they have lost by then, whom nobody has resolved in all that time: all of them are, at
    /// once, and each is walked through its thirty generations.
    function test_deleverage_resolvesLongSleepers() public {
        _populate(50, 20);
        uint8 thin = _sleep(50);
        needed = _crowd(50);
        for (uint256 i; i < 50; ++i) assertEq(_equity(needed[i]), int256(-10e18), "in default");
        uint256 gas = _resolve(needed);
        for (uint256 i; i < 50; ++i) assertEq(house.sizeOf(needed[i], thin), int256(0), "closed");
        // Measured: 44,535.
        assertGasLe(gas / 50, 55_700, "for each sleeper");
    }

    /// @dev Shorts of one unit from 100, in a market that then goes through thirty generations and to 130.
    function _sleep(uint256 count) private returns (uint8 thin) {
        thin = _list(100e18, _thin());
        _openAll(count, thin, false);
        uint256 price = 100e18;
        for (uint256 i; i < 30; ++i) {
            AccountId short = _trader(string.concat("short ", vm.toString(i)), 0);
            _deposit(short, (uint256(2_000_000) * price) / 990);
            _fill(maker, short, thin, 2_000_000e18, price);
            price += 1e18;
            _setPrice(thin, price);
            _deleverage(short);
        }
        assertEq(_marketWords(thin).generation, 30, "generations");
    }

    /// @dev Defaults that make each other, so that the list is gone through several times. Who is good for nothing is read each
    /// time.
    function test_deleverage_readsUselessEntriesOnceInEachPass() public {
        uint8 chained = _list(100e18, _plain());
        AccountId[] memory list = new AccountId[](4);
        list[3] = _trader("first", 100);
        AccountId early = _trader("early", 1_000);
        _fill(list[3], early, chained, 10e18, 100e18);
        _setPrice(chained, 60e18);
        (list[2], list[0], list[1]) = (_trader("second", 61), _trader("third", 61), _trader("fourth", 61));
        _fill(early, list[2], chained, 10e18, 60e18);
        _fill(list[0], list[1], chained, 10e18, 60e18);
        needed = list;
        _populate(MANY, 100_000);
        _openAll(MANY, market, true);
        // Measured: 14,351.
        _requireCheap(_crowd(MANY), 18_000, "passes");
    }

    // ------------------------------------------------------------------ the same outcome

    /// @dev Whatever stands between the defaulters of a random book, in whatever order, they are resolved to the same equities,
    /// to the wei, and so is everybody else.
    /// hardhat-config: fuzz.runs = 64
    function testFuzz_deleverage_resolvesTheSameAmongUselessEntries(uint256 seed) public {
        _compare(seed);
    }

    function test_mostBooksHaveDefaultersAndUselessEntries() public {
        _requireMost(_compare, 80);
    }

    function _compare(uint256 seed) private returns (uint256 defaulters) {
        _seed(seed);
        for (uint256 i; i < 2; ++i) _list((_drawLog(1e17, 1e22) / 1e10) * 1e10, _thin());
        _newAccounts(_draw(4, 10));
        uint256 fills = _draw(4, 14);
        for (uint256 i; i < fills; ++i) _randomFill(uint8(_draw(1, 2)), 1e15, 1e20);
        for (uint8 m = 1; m < 3; ++m) _setPrice(m, _max(1e12, _min(_moved(_marketWords(m).mark), 9e23)));
        _acceptPrices();

        AccountId[] memory list = new AccountId[](accounts.length);
        for (uint256 i; i < accounts.length; ++i) if (_equity(accounts[i]) < 0) list[defaulters++] = accounts[i];
        list = _shuffled(_cut(list, defaulters));
        uint256 id = vm.snapshotState();
        house.deleverage(list, NO_ACCOUNT);
        int256[] memory expected = _equities();
        vm.revertToState(id);
        house.deleverage(_stuffed(list, expected), NO_ACCOUNT);
        int256[] memory found = _equities();
        for (uint256 i; i < found.length; ++i) assertEq(found[i], expected[i], "equity");
    }

    /// @dev The list in its order, with entries around and between that are nobody, twice there, or at or above zero when all
    /// is done.
    function _stuffed(AccountId[] memory list, int256[] memory expected) private returns (AccountId[] memory stuffed) {
        stuffed = new AccountId[](list.length * 4 + 8);
        uint256 next;
        for (uint256 i; i < stuffed.length; ++i) {
            bool last = stuffed.length - i <= list.length - next;
            if (next < list.length && (last || _chance(25))) {
                stuffed[i] = list[next++];
                continue;
            }
            uint256 kind = _draw(0, 3);
            uint256 a = _draw(0, accounts.length - 1);
            if (kind == 0) stuffed[i] = accountId(address(uint160(_draw(1, 1e9))), 7);
            else if (kind == 1 && next != 0) stuffed[i] = list[_draw(0, next - 1)];
            else if (kind == 2) stuffed[i] = fundAccount;
            else if (expected[a] > 0 && _equity(accounts[a]) >= 0) stuffed[i] = accounts[a];
        }
    }

    function _equities() private view returns (int256[] memory equities) {
        equities = new int256[](accounts.length + 2);
        for (uint256 i; i < accounts.length; ++i) equities[i] = _equity(accounts[i]);
        equities[accounts.length] = int256(_collateral(fundAccount));
        equities[accounts.length + 1] = int256(_shortfall(1) + _shortfall(2));
    }

    function _cut(AccountId[] memory list, uint256 length) private pure returns (AccountId[] memory cut) {
        cut = new AccountId[](length);
        for (uint256 i; i < length; ++i) cut[i] = list[i];
    }

    // ------------------------------------------------------------------ helpers

    /// @dev Among `useless`, the same happens as without, for no more than `most` more gas for each of them.
    function _requireCheap(AccountId[] memory useless, uint256 most, string memory what) private {
        (uint256 alone, uint256 among) = _requireSame(useless);
        assertGasLe((among - alone) / useless.length, most, what);
    }

    /// @dev Resolves who is in default alone and between two halves of `useless`. Leaves no trace.
    function _requireSame(AccountId[] memory useless) private returns (uint256 alone, uint256 among) {
        if (needed.length == 0) needed.push(loser);
        AccountId[] memory list = new AccountId[](needed.length + useless.length);
        uint256 half = useless.length / 2;
        for (uint256 i; i < half; ++i) list[i] = useless[i];
        for (uint256 i; i < needed.length; ++i) list[half + i] = needed[i];
        for (uint256 i = half; i < useless.length; ++i) list[i + needed.length] = useless[i];

        uint256 id = vm.snapshotState();
        alone = _resolve(needed);
        (int256 equity, uint256 money) = (_equity(maker), _collateral(fundAccount));
        vm.revertToState(id);
        id = vm.snapshotState();
        among = _resolve(list);
        assertEq(_equity(maker), equity, "the opposing side pays the same");
        assertEq(_collateral(fundAccount), money, "and the fund");
        assertGasLe(among, 30_000_000, "fits a block");
        vm.revertToState(id);
    }

    function _resolve(AccountId[] memory list) private returns (uint256 gas) {
        bytes memory data = abi.encodeCall(house.deleverage, (list, NO_ACCOUNT));
        assertLt(_equity(needed[needed.length - 1]), int256(0), "there is something to resolve");
        gas = gasleft();
        (bool ok, ) = address(house).call(data);
        gas -= gasleft();
        assertTrue(ok, "never reverts");
        for (uint256 i; i < needed.length; ++i) assertGe(_equity(needed[i]), int256(0), "resolved");
    }

    function _fallTo(uint256 price) private {
        _setPrice(market, price);
        house.accrueFunding(market);
    }

    /// @dev Accounts of the crowd with so many tokens each, and one to trade with.
    function _populate(uint256 count, uint256 amount) private {
        token.mint(address(crowd), count * amount * one + 1e9 * one);
        crowd.fund(1_000_000, 1, 1e9 * one);
        for (uint256 i; i < count; i += 25) crowd.fund(uint96(i), uint96(_min(25, count - i)), amount * one);
    }

    /// @dev One unit each.
    function _openAll(uint256 count, uint8 in_, bool long) private {
        uint256 price = _marketWords(in_).mark;
        for (uint256 i; i < count; i += 25) {
            crowd.open(uint96(i), uint96(_min(25, count - i)), long, 1_000_000, in_, 1e18, price);
        }
    }

    function _crowd(uint256 count) private view returns (AccountId[] memory list) {
        list = new AccountId[](count);
        for (uint256 i; i < count; ++i) list[i] = crowd.account(uint96(i));
    }
}
