// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {Errors} from "../../contracts/interfaces/Errors.sol";
import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {IOrderSettlement} from "../../contracts/interfaces/IOrderSettlement.sol";
import {Call} from "../../contracts/periphery/Courier.sol";
import {AccountId, NO_ACCOUNT, accountId} from "../../contracts/types/AccountId.sol";
import {Rights, TRADE} from "../../contracts/types/Rights.sol";
import {ApprovingWallet, LyingWallet, ReentrantWallet} from "../mocks/SignerWallets.sol";
import {RandomBook} from "../property/RandomBook.sol";
import {VM_ADDRESS} from "../utils/Vm.sol";

interface ChainCheat {
    function chainId(uint256 id) external;
}

/// @dev Answers every call with what it was told to answer.
contract Parrot {
    bytes private _answer;

    constructor(bytes memory answer) {
        _answer = answer;
    }

    fallback(bytes calldata) external returns (bytes memory) {
        return _answer;
    }
}

/// @dev Never answers.
contract Burner {
    fallback() external {
        while (true) {}
    }
}

/// @dev Agrees, and sends a mebibyte after it.
contract Talker {
    function isValidSignature(bytes32, bytes calldata) external pure returns (bytes4) {
        bytes4 magic = IERC1271.isValidSignature.selector;
        assembly ("memory-safe") {
            mstore(0, magic)
            return(0, 0x100000)
        }
    }
}

/// @dev Agrees to everything.
contract Yes {
    function isValidSignature(bytes32, bytes calldata) external pure returns (bytes4) {
        return IERC1271.isValidSignature.selector;
    }
}

/// @notice Attacks on signed orders, on the real clearing house: forms of one signature, replays, and wallets that misbehave
/// while they are asked.
contract OrderAttacksTest is RandomBook {
    uint256 private constant CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
    uint128 private constant SIZE = 10e18;
    uint256 private constant EVERYTHING = type(uint128).max;

    struct Signed {
        IOrderSettlement.Order order;
        bytes signature;
    }

    uint8 private market;
    IOrderSettlement private venue;
    Key private alice;
    Key private bob;
    AccountId private buyer;
    AccountId private seller;
    uint64 private _fresh;

    // Of the walk.
    Signed[] private signed;
    mapping(uint96 nonce => uint256) private mostSigned;
    mapping(uint96 nonce => uint256) private filledOf;
    mapping(uint32 lane => uint256) private firstGood;
    mapping(uint32 lane => bool) private closed;
    uint256 private fills;
    uint256 private refusals;

    function setUp() public override {
        super.setUp();
        _begin();
    }

    function _begin() private {
        market = _list(100e18, _plain());
        venue = _deployVenue(house);
        (alice, bob) = (makeAddrAndKey("alice"), makeAddrAndKey("bob"));
        (buyer, seller) = (_trader("alice", 1_000_000), _trader("bob", 1_000_000));
        _allowVenue(alice.addr, venue);
        _allowVenue(bob.addr, venue);
    }

    // ------------------------------------------------------------------ forms of one signature

    /// @dev A signature can be written in 65 and in 64 bytes. Whichever comes first, the other fills nothing more.
    function testFuzz_settle_fillsNothingMoreByAnotherFormOfASignature(uint256 secret, bool compactFirst) public {
        Key memory key;
        key.secret = bound(secret, 1, CURVE_ORDER - 1);
        key.addr = vm.addr(key.secret);
        vm.assume(key.addr != bob.addr);
        AccountId account = accountId(key.addr, 0);
        _deposit(account, 1_000e18);
        _allowVenue(key.addr, venue);
        IOrderSettlement.Order memory buy = _order(account, true, SIZE, 0);
        (bytes memory long, bytes memory short) = (_sign(key, buy), _compact(_sign(key, buy)));
        if (compactFirst) (long, short) = (short, long);
        _meet(buy, long);
        assertEq(house.sizeOf(account, market), int256(uint256(SIZE)), "the first form");
        _refuses(buy, short, abi.encodeWithSelector(Errors.OrderFilled.selector, account, SIZE, SIZE));
        _refuses(buy, long, abi.encodeWithSelector(Errors.OrderFilled.selector, account, SIZE, SIZE));
    }

    /// @dev Of a partly filled order only the rest can be had, in whatever form the signature comes.
    function test_settle_fillsOnlyTheRestByAnotherFormOfASignature() public {
        IOrderSettlement.Order memory buy = _order(buyer, true, SIZE, 0);
        bytes memory signature = _sign(alice, buy);
        _meet(buy, signature, 4e18);
        assertEq(_meet(buy, _compact(signature), EVERYTHING), 6e18, "the rest");
        _refuses(buy, signature, abi.encodeWithSelector(Errors.OrderFilled.selector, buyer, SIZE, SIZE));
    }

    /// @dev The twin with s mirrored, in both forms, with either parity.
    function testFuzz_settle_refusesTheTwinInEveryForm(uint64 nonce) public {
        IOrderSettlement.Order memory buy = _order(buyer, true, SIZE, nonce);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(alice.secret, venue.hashOrder(buy));
        bytes32 twin = bytes32(CURVE_ORDER - uint256(s));
        for (uint8 parity = 27; parity < 29; ++parity) {
            _refusesSignature(buy, abi.encodePacked(r, twin, parity));
            _refusesSignature(buy, _compact(abi.encodePacked(r, twin, parity)));
        }
        // What was wrong was nothing else.
        _meet(buy, abi.encodePacked(r, s, v));
    }

    /// @dev Of all 256 values of v one is good.
    function test_settle_takesOneValueOfV() public {
        IOrderSettlement.Order memory buy = _order(buyer, true, SIZE, 0);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(alice.secret, venue.hashOrder(buy));
        for (uint256 other; other < 256; ++other) {
            if (other != v) _refusesSignature(buy, abi.encodePacked(r, s, uint8(other)));
        }
        _meet(buy, abi.encodePacked(r, s, v));
    }

    function testFuzz_settle_refusesASignatureWithAnyBitFlipped(uint256 bit, bool compact) public {
        IOrderSettlement.Order memory buy = _order(buyer, true, SIZE, 0);
        bytes memory signature = compact ? _compact(_sign(alice, buy)) : _sign(alice, buy);
        bit = bound(bit, 0, signature.length * 8 - 1);
        signature[bit / 8] = signature[bit / 8] ^ bytes1(uint8(1 << (bit % 8)));
        _refusesSignature(buy, signature);
    }

    function testFuzz_settle_refusesAnyBytes(bytes calldata signature) public {
        _refusesSignature(_order(buyer, true, SIZE, 0), signature);
    }

    /// @dev Owners that cannot sign: nobody, to whom a broken signature recovers; the precompiles, one of which answers with
    /// what it is asked; the house, its fund and the venue.
    function test_settle_refusesOwnersThatCannotSign() public {
        address[4] memory contracts_ = [address(house), address(fund), address(venue), address(vault)];
        for (uint160 i; i < 16; ++i) {
            address owner = i < 12 ? address(i) : contracts_[i - 12];
            IOrderSettlement.Order memory buy = _order(accountId(owner, 1), true, SIZE, 0);
            _refusesSignature(buy, "");
            _refusesSignature(buy, new bytes(65));
            _refusesSignature(buy, abi.encodePacked(bytes32(uint256(1)), bytes32(uint256(1)), uint8(29)));
            _refusesSignature(buy, abi.encodePacked(IERC1271.isValidSignature.selector, new bytes(28)));
        }
    }

    // ------------------------------------------------------------------ replays elsewhere

    /// @dev After a fork, each chain takes what was signed for it and nothing else.
    function test_settle_keepsTheChainsOfAForkApart() public {
        uint256 here = block.chainid;
        IOrderSettlement.Order memory first = _order(buyer, true, SIZE, 0);
        IOrderSettlement.Order memory second = _order(buyer, true, SIZE, 1);
        bytes memory ofHere = _sign(alice, first);
        ChainCheat(VM_ADDRESS).chainId(here + 1);
        _refusesSignature(first, ofHere);
        bytes memory ofThere = _sign(alice, second);
        _meet(second, ofThere, 1e18);
        ChainCheat(VM_ADDRESS).chainId(here);
        _refusesSignature(second, ofThere);
        // Its lane has gone on, on this chain as in this test.
        _refuses(first, ofHere, abi.encodeWithSelector(Errors.OrderSuperseded.selector, buyer, first.nonce, 1));
        IOrderSettlement.Order memory third = _order(buyer, true, SIZE, 2);
        _meet(third, _sign(alice, third));
        assertEq(house.sizeOf(buyer, market), 11e18, "one of each chain");
    }

    /// @dev A second venue on the same house, which both traders trust as well, is another contract; what is filled or
    /// cancelled at one says nothing at the other.
    function test_settle_keepsVenuesApart() public {
        IOrderSettlement other = _deployVenue(house);
        _allowVenue(alice.addr, other);
        _allowVenue(bob.addr, other);
        IOrderSettlement.Order memory buy = _order(buyer, true, SIZE, 0);
        bytes memory ofFirst = _sign(alice, buy);
        IOrderSettlement first = venue;
        venue = other;
        _refusesSignature(buy, ofFirst);
        bytes memory ofOther = _sign(alice, buy);
        _meet(buy, ofOther);
        venue = first;
        _refusesSignature(buy, ofOther);
        assertEq(_meet(buy, ofFirst), SIZE, "its own is still good");
    }

    /// @dev A second house with a market of the same number, the same accounts and a venue of its own.
    function test_settle_keepsHousesApart() public {
        IOrderSettlement.Order memory buy = _order(buyer, true, SIZE, 0);
        bytes memory ofFirst = _sign(alice, buy);
        (IOrderSettlement firstVenue, IClearingHouse firstHouse) = (venue, house);
        delete feeds;
        _deploy(18);
        _begin();
        assertNotEq(address(house), address(firstHouse), "another house");
        _refusesSignature(buy, ofFirst);
        _meet(buy, _sign(alice, buy));
        assertEq(firstHouse.sizeOf(buyer, market), int256(0), "nothing happened there");

        // A venue trades at its own house only, whatever it is sent.
        assertEq(address(firstVenue.house()), address(firstHouse), "its house");
    }

    // ------------------------------------------------------------------ replays here

    /// @dev Any order that was ever signed is tried again and again, in any order, between fills, cancellations and new
    /// orders of the same lanes. Of orders with one nonce no more is filled than the largest of them allows; nothing of a
    /// nonce that was cancelled, or that a later one of its lane replaced, or of an epoch that has ended; and everything else
    /// is still good.
    /// hardhat-config: fuzz.runs = 64
    function testFuzz_replays_fillNothingTwice(uint256 seed) public {
        _replay(seed);
    }

    function test_replays_areTriedAndRefused() public {
        _requireMost(_replay, 90);
    }

    function _replay(uint256 seed) private returns (uint256) {
        _seed(seed);
        int256 sold;
        for (uint256 i; i < 40; ++i) {
            uint256 dice = _draw(0, 99);
            if (dice < 25 || signed.length == 0) _signOne();
            else if (dice < 88) sold += int256(_try(signed[_draw(0, signed.length - 1)]));
            else if (dice < 95) _cancelOne();
            else if (dice < 97) _closeLane();
            else _endEpoch();
        }
        assertEq(house.sizeOf(seller, market), -sold, "all that was sold");
        assertEq(house.sizeOf(buyer, market), sold, "all that was bought");
        return _min(fills, refusals);
    }

    function _signOne() private {
        uint96 nonce = (uint96(_draw(0, 2)) << 64) | uint96(_draw(0, 4));
        IOrderSettlement.Order memory sell = _order(seller, false, uint128(_drawLog(1e15, 1e20)), nonce);
        signed.push(Signed(sell, _chance(50) ? _sign(bob, sell) : _compact(_sign(bob, sell))));
    }

    function _try(Signed memory one_) private returns (uint256 size) {
        IOrderSettlement.Order memory sell = one_.order;
        uint32 lane = uint32(sell.nonce >> 64);
        uint256 most = _chance(50) ? EVERYTHING : _drawLog(1e14, 1e20);
        bool good = sell.epoch == venue.epochOf(seller) && !closed[lane];
        good = good && uint64(sell.nonce) >= firstGood[lane] && filledOf[sell.nonce] < sell.size;
        IOrderSettlement.Order memory buy = _order(buyer, true, 1e30, (uint96(7) << 64) | ++_fresh);
        try venue.settle(buy, _sign(alice, buy), sell, one_.signature, most, NO_ACCOUNT) returns (uint256 filled) {
            assertTrue(good, "an order that was void");
            assertEq(filled, _min(most, sell.size - filledOf[sell.nonce]), "what was left of it");
            ++fills;
            size = filled;
        } catch {
            assertFalse(good, "an order that was good");
            ++refusals;
            return 0;
        }
        filledOf[sell.nonce] += size;
        mostSigned[sell.nonce] = _max(mostSigned[sell.nonce], sell.size);
        assertLe(filledOf[sell.nonce], mostSigned[sell.nonce], "no more than the largest of one nonce");
        // Whatever came before it in its lane is void now.
        firstGood[lane] = uint64(sell.nonce);
    }

    function _cancelOne() private {
        IOrderSettlement.Order memory sell = signed[_draw(0, signed.length - 1)].order;
        uint32 lane = uint32(sell.nonce >> 64);
        if (closed[lane] || uint64(sell.nonce) < firstGood[lane]) return;
        vm.prank(bob.addr);
        venue.cancelOrder(seller, sell.nonce);
        firstGood[lane] = uint256(uint64(sell.nonce)) + 1;
    }

    function _closeLane() private {
        uint32 lane = uint32(_draw(0, 2));
        vm.prank(bob.addr);
        venue.cancelLane(seller, lane);
        closed[lane] = true;
    }

    function _endEpoch() private {
        vm.prank(bob.addr);
        venue.cancelAll(seller);
    }

    /// @dev Two fills of one order in one transaction are two fills.
    function test_batch_cannotFillAnOrderTwice() public {
        IOrderSettlement.Order memory buy = _order(buyer, true, SIZE, 0);
        bytes memory signature = _sign(alice, buy);
        Call[] memory calls = new Call[](2);
        for (uint96 i; i < 2; ++i) {
            IOrderSettlement.Order memory sell = _order(seller, false, SIZE, i);
            bytes memory ofSeller = _sign(bob, sell);
            calls[i] = Call(
                address(venue),
                abi.encodeCall(venue.settle, (buy, signature, sell, ofSeller, EVERYTHING, NO_ACCOUNT))
            );
        }
        vm.expectRevert(abi.encodeWithSelector(Errors.OrderFilled.selector, buyer, SIZE, SIZE));
        house.batch(calls);
        assertEq(house.sizeOf(buyer, market), int256(0), "nothing of it");
    }

    /// @dev Both sides of a pair by one account, which would charge it fees for nothing.
    function test_settle_refusesAnAccountAgainstItself() public {
        IOrderSettlement.Order memory buy = _order(buyer, true, SIZE, 0);
        IOrderSettlement.Order memory sell = _order(buyer, false, SIZE, 1 << 64);
        (bytes memory ofBuy, bytes memory ofSell) = (_sign(alice, buy), _sign(alice, sell));
        vm.expectRevert(abi.encodeWithSelector(Errors.SameAccount.selector, buyer));
        venue.settle(buy, ofBuy, sell, ofSell, EVERYTHING, NO_ACCOUNT);
    }

    /// @dev Whoever takes the venue's right away voids every order there, in the same block, and leaves them unfilled.
    function test_settle_fillsNothingOnceTheVenueMayNotTrade() public {
        IOrderSettlement.Order memory buy = _order(buyer, true, SIZE, 0);
        bytes memory signature = _sign(alice, buy);
        _meet(buy, signature, 1e18);
        vm.prank(alice.addr);
        house.setOperator(0, address(venue), Rights.wrap(0));
        _refuses(buy, signature, abi.encodeWithSelector(Errors.NotPermitted.selector, buyer, address(venue), TRADE));
        (, uint128 filled) = venue.laneOf(buyer, 0);
        assertEq(filled, 1e18, "what was filled before");
    }

    // ------------------------------------------------------------------ wallets that call back

    /// @dev While it is asked for its signature, a wallet can do nothing that it could do a moment before: not trade, cancel,
    /// deposit, withdraw, give rights, batch, settle or resolve, here or at the token. It signs only where its call failed.
    function test_settle_letsAWalletDoNothingWhileItSigns() public {
        ReentrantWallet wallet = new ReentrantWallet();
        AccountId account = _adopt(address(wallet));
        token.mint(address(wallet), 100e18);
        vm.prank(address(wallet));
        token.approve(address(vault), type(uint256).max);
        (address[] memory targets, bytes[] memory calls) = _callsOf(account);
        for (uint256 i; i < calls.length; ++i) {
            uint256 id = vm.snapshotState();
            vm.prank(address(wallet));
            (bool ok, ) = targets[i].call(calls[i]);
            assertTrue(ok, string.concat("call ", vm.toString(i), " is good"));
            vm.revertToState(id);

            id = vm.snapshotState();
            uint256 money = _collateral(account);
            wallet.prepare(targets[i], calls[i]);
            assertEq(_meet(_order(account, true, SIZE, 3 << 64), "", SIZE), SIZE, "the trade stands");
            assertEq(house.sizeOf(account, market), int256(uint256(SIZE)), "alone");
            assertEq(_collateral(account), money, "no money moved");
            assertEq(token.balanceOf(address(wallet)), 100e18, "nor any token");
            (uint64 sequence, uint128 filled) = venue.laneOf(account, 9);
            assertTrue(sequence == 0 && filled == 0, "nothing cancelled");
            vm.revertToState(id);
        }
    }

    function _callsOf(AccountId account) private view returns (address[] memory targets, bytes[] memory calls) {
        address self = account.owner();
        (targets, calls) = (new address[](14), new bytes[](14));
        for (uint256 i; i < 14; ++i) targets[i] = i < 4 ? address(venue) : address(house);
        {
            IOrderSettlement.Order memory buy = _order(buyer, true, SIZE, 0);
            IOrderSettlement.Order memory sell = _order(seller, false, SIZE, 5 << 64);
            calls[0] = abi.encodeCall(
                venue.settle,
                (buy, _sign(alice, buy), sell, _sign(bob, sell), EVERYTHING, account)
            );
        }
        calls[1] = abi.encodeCall(venue.cancelOrder, (account, 9 << 64));
        calls[2] = abi.encodeCall(venue.cancelLane, (account, 9));
        calls[3] = abi.encodeCall(venue.cancelAll, (account));
        calls[4] = abi.encodeCall(house.deposit, (0, 1e18));
        calls[5] = abi.encodeCall(house.depositFor, (buyer, 1e18));
        calls[6] = abi.encodeCall(house.withdraw, (account, 1e18, self));
        calls[7] = abi.encodeCall(house.setOperator, (0, self, TRADE));
        calls[8] = abi.encodeCall(
            house.fill,
            (IClearingHouse.Fill(account, accountId(self, 1), market, 1e18, 100e18, NO_ACCOUNT, 0, 0))
        );
        Call[] memory batch = new Call[](2);
        (batch[0], batch[1]) = (Call(address(venue), calls[0]), Call(address(house), calls[8]));
        calls[9] = abi.encodeCall(house.batch, (batch));
        calls[10] = abi.encodeCall(house.settle, (_list2(account, buyer)));
        calls[11] = abi.encodeCall(house.deleverage, (_list2(account, buyer), account));
        calls[12] = abi.encodeCall(house.accrueFunding, (market));
        (targets[13], calls[13]) = (address(token), abi.encodeCall(token.transfer, (self, 1)));
    }

    /// @dev The same from inside a batch, where the courier calls the venue.
    function test_batch_letsAWalletDoNothingWhileItSigns() public {
        ReentrantWallet wallet = new ReentrantWallet();
        AccountId account = _adopt(address(wallet));
        wallet.prepare(address(house), abi.encodeCall(house.withdraw, (account, 1e18, address(wallet))));
        IOrderSettlement.Order memory buy = _order(account, true, SIZE, 0);
        IOrderSettlement.Order memory sell = _order(seller, false, SIZE, 0);
        Call[] memory calls = new Call[](1);
        bytes memory ofSeller = _sign(bob, sell);
        calls[0] = Call(
            address(venue),
            abi.encodeCall(venue.settle, (buy, "", sell, ofSeller, EVERYTHING, NO_ACCOUNT))
        );
        house.batch(calls);
        assertEq(house.sizeOf(account, market), int256(uint256(SIZE)), "the trade");
        assertEq(token.balanceOf(address(wallet)), 0, "and nothing else");
    }

    // ------------------------------------------------------------------ wallets that answer badly

    /// @dev Of all answers one is good: a word that is the magic value and nothing behind it in that word.
    function testFuzz_settle_takesTheMagicWordAlone(bytes calldata answer, bool close) public {
        bytes memory said = answer;
        // Close to the right one, in its length or in its padding.
        if (close) {
            bytes4 magic = IERC1271.isValidSignature.selector;
            said = abi.encodePacked(magic, answer.length < 40 ? new bytes(answer.length) : answer);
        }
        AccountId account = _adopt(address(new Parrot(said)));
        bytes32 word = said.length < 32 ? bytes32(0) : abi.decode(said, (bytes32));
        IOrderSettlement.Order memory buy = _order(account, true, SIZE, 0);
        if (word == bytes32(IERC1271.isValidSignature.selector)) _meet(buy, "");
        else _refusesSignature(buy, "");
    }

    /// @dev A wallet that burns what it is given costs whoever submits the pair that gas, and nobody else anything: the order
    /// it was paired with is as good as before.
    function test_settle_survivesAWalletThatBurnsItsGas() public {
        AccountId account = _adopt(address(new Burner()));
        IOrderSettlement.Order memory buy = _order(account, true, SIZE, 0);
        IOrderSettlement.Order memory sell = _order(seller, false, SIZE, 0);
        bytes memory ofSeller = _sign(bob, sell);
        vm.expectRevert(abi.encodeWithSelector(Errors.OrderSignatureInvalid.selector, account));
        venue.settle{gas: 5_000_000}(buy, "", sell, ofSeller, EVERYTHING, NO_ACCOUNT);
        assertEq(venue.remaining(sell), SIZE, "the other order");
        IOrderSettlement.Order memory good = _order(buyer, true, SIZE, 0);
        assertEq(venue.settle(good, _sign(alice, good), sell, ofSeller, EVERYTHING, NO_ACCOUNT), SIZE, "is still good");
    }

    /// @dev A wallet that answers with a mebibyte pays for its memory; the venue does not copy it.
    function test_settle_copiesNoLongAnswer() public {
        Talker talker = new Talker();
        AccountId account = _adopt(address(talker));
        AccountId quiet = _adopt(address(new Yes()));
        uint256 gas = gasleft();
        talker.isValidSignature(0, "");
        uint256 talk = gas - gasleft();
        uint256 quietly = _gasOf(quiet, 0);
        uint256 loudly = _gasOf(account, 1);
        assertGt(talk, 1_000_000, "a mebibyte is dear");
        // This test's own copy of the answer is in `talk`, so the bound is generous to the venue by that.
        assertLe(loudly, quietly + talk + 50_000, "and is paid once");
    }

    function _gasOf(AccountId account, uint96 sequence) private returns (uint256 gas) {
        IOrderSettlement.Order memory buy = _order(account, true, SIZE, 0);
        IOrderSettlement.Order memory sell = _order(seller, false, SIZE, sequence);
        bytes memory ofSeller = _sign(bob, sell);
        gas = gasleft();
        venue.settle(buy, "", sell, ofSeller, EVERYTHING, NO_ACCOUNT);
        gas -= gasleft();
    }

    // ------------------------------------------------------------------ accounts with code and key

    /// @dev EIP-7702: the code that an account points to may say yes for it, and may be taken away again. The key stays good
    /// through all of it, and what either has filled is filled for both.
    function test_settle_countsKeyAndCodeOfAnAccountTogether() public {
        IOrderSettlement.Order memory buy = _order(buyer, true, SIZE, 0);
        bytes memory signature = _sign(alice, buy);
        _refusesSignature(buy, "");
        vm.etch(alice.addr, address(new Yes()).code);
        assertEq(_meet(buy, "", 4e18), 4e18, "the code's word");
        assertEq(_meet(buy, signature, 4e18), 4e18, "the key's, of the same order");
        vm.etch(alice.addr, "");
        _refusesSignature(buy, "");
        assertEq(_meet(buy, signature, EVERYTHING), 2e18, "the rest");
        _refuses(buy, signature, abi.encodeWithSelector(Errors.OrderFilled.selector, buyer, SIZE, SIZE));
    }

    /// @dev Code that refuses, reverts, burns gas or calls back does not take the key's word away.
    function test_settle_takesTheKeyWhateverTheCodeDoes() public {
        address[3] memory codes = [
            address(new Burner()),
            address(new LyingWallet(LyingWallet.Answer.Revert)),
            address(new Parrot(new bytes(32)))
        ];
        for (uint96 i; i < codes.length; ++i) {
            vm.etch(alice.addr, codes[i].code);
            IOrderSettlement.Order memory buy = _order(buyer, true, SIZE, i);
            assertEq(_meet(buy, _sign(alice, buy)), SIZE, "the key's word");
        }
    }

    /// @dev Only the owner's code is asked. A contract with the trade right signs nothing, and what an owner's code says about
    /// one account says nothing about an account of somebody else.
    function test_settle_asksNobodysCodeButTheOwners() public {
        Yes operator = new Yes();
        vm.prank(alice.addr);
        house.setOperator(0, address(operator), TRADE);
        IOrderSettlement.Order memory buy = _order(buyer, true, SIZE, 0);
        _refusesSignature(buy, "");
        _refusesSignature(buy, abi.encodePacked(address(operator)));
        _refusesSignature(buy, abi.encode(address(operator), ""));

        ApprovingWallet wallet = new ApprovingWallet();
        wallet.approve(venue.hashOrder(buy), true);
        _adopt(address(wallet));
        _refusesSignature(buy, abi.encodePacked(address(wallet)));
    }

    /// @dev A key that holds the trade right on one account signs for that account alone, not for others of its owner.
    function test_settle_takesAnOperatorsKeyForItsAccountAlone() public {
        Key memory key = makeAddrAndKey("operator");
        vm.prank(alice.addr);
        house.setOperator(0, key.addr, TRADE);
        IOrderSettlement.Order memory buy = _order(accountId(alice.addr, 1), true, SIZE, 0);
        _refusesSignature(buy, _sign(key, buy));
        buy = _order(buyer, true, SIZE, 0);
        _meet(buy, _sign(key, buy));
    }

    // ------------------------------------------------------------------ helpers

    function _deployVenue(IClearingHouse house_) private returns (IOrderSettlement) {
        return IOrderSettlement(_create("OrderSettlement.sol:OrderSettlement", abi.encode(house_)));
    }

    function _allowVenue(address owner, IOrderSettlement venue_) private {
        vm.prank(owner);
        house.setOperator(0, address(venue_), TRADE);
    }

    /// @dev A smart account with money that lets the venue trade.
    function _adopt(address wallet) private returns (AccountId account) {
        account = accountId(wallet, 0);
        _deposit(account, 10_000e18);
        _deposit(accountId(wallet, 1), 10_000e18);
        _allowVenue(wallet, venue);
    }

    function _order(
        AccountId account,
        bool isBuy,
        uint128 size,
        uint96 nonce
    ) private view returns (IOrderSettlement.Order memory) {
        return
            IOrderSettlement.Order({
                account: account,
                market: market,
                isBuy: isBuy,
                reduceOnly: false,
                size: size,
                price: 100e18,
                nonce: nonce,
                epoch: venue.epochOf(account),
                expiry: uint40(vm.getBlockTimestamp() + 1 hours),
                fee: 0
            });
    }

    function _meet(IOrderSettlement.Order memory buy, bytes memory signature) private returns (uint256) {
        return _meet(buy, signature, EVERYTHING);
    }

    /// @dev Against a fresh order of bob's.
    function _meet(
        IOrderSettlement.Order memory buy,
        bytes memory signature,
        uint256 maxSize
    ) private returns (uint256) {
        IOrderSettlement.Order memory sell = _order(seller, false, SIZE, (uint96(1) << 64) | ++_fresh);
        return venue.settle(buy, signature, sell, _sign(bob, sell), maxSize, NO_ACCOUNT);
    }

    function _refusesSignature(IOrderSettlement.Order memory buy, bytes memory signature) private {
        _refuses(buy, signature, abi.encodeWithSelector(Errors.OrderSignatureInvalid.selector, buy.account));
    }

    function _refuses(IOrderSettlement.Order memory buy, bytes memory signature, bytes memory reason) private {
        IOrderSettlement.Order memory sell = _order(seller, false, SIZE, (uint96(1) << 64) | ++_fresh);
        bytes memory ofSeller = _sign(bob, sell);
        vm.expectRevert(reason);
        // Some precompiles burn all they are given; the 64th part that is left is enough to say so.
        venue.settle{gas: 5_000_000}(buy, signature, sell, ofSeller, EVERYTHING, NO_ACCOUNT);
    }

    function _sign(Key memory key, IOrderSettlement.Order memory order) private view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key.secret, venue.hashOrder(order));
        return abi.encodePacked(r, s, v);
    }

    /// @dev The form of ERC-2098.
    function _compact(bytes memory signature) private pure returns (bytes memory) {
        (bytes32 r, uint256 s) = (_wordAt(signature, 0), uint256(_wordAt(signature, 32)));
        return abi.encodePacked(r, s | (uint256(uint8(signature[64]) - 27) << 255));
    }

    function _wordAt(bytes memory data, uint256 offset) private pure returns (bytes32 word) {
        assembly ("memory-safe") {
            word := mload(add(add(data, 0x20), offset))
        }
    }
}
