// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Errors} from "../interfaces/Errors.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {IOrderSettlement} from "../interfaces/IOrderSettlement.sol";
import {Rounding} from "../math/Rounding.sol";
import {AccountId, NO_ACCOUNT} from "../types/AccountId.sol";
import {TRADE} from "../types/Rights.sol";

/// @notice Owns who signed which order and how much of it is filled. Knows no positions, margins or prices but those that
/// are signed: the clearing house judges the trade.
contract OrderSettlement is IOrderSettlement, EIP712 {
    /// @dev Which order holds a lane, and how much of it is filled. One slot: 128 + 64 + 64 = 256 bits.
    struct Lane {
        uint128 filled;
        uint64 sequence;
        /// @dev The account's, and used in lane 0 alone: reading it there costs the order that is filled nothing.
        uint64 epoch;
    }

    /// @dev As `filled`: nothing is left, whatever the order's size.
    uint128 private constant ALL_FILLED = type(uint128).max;

    bytes32 private constant ORDER_TYPEHASH = keccak256(
        "Order(bytes32 account,uint8 market,bool isBuy,bool reduceOnly,uint128 size,uint128 price,uint96 nonce,uint64 epoch,uint40 expiry,uint24 fee)"
    );

    /// @dev Ten words.
    uint256 private constant ORDER_BYTES = 0x140;

    /// @inheritdoc IOrderSettlement
    IClearingHouse public immutable house;

    mapping(AccountId account => mapping(uint32 lane => Lane)) private _lanes;

    constructor(IClearingHouse house_) EIP712("Zerofloor Orders", "1") {
        require(address(house_) != address(0), Errors.ZeroAddress());
        house = house_;
    }

    // ------------------------------------------------------------------ trade

    /// @inheritdoc IOrderSettlement
    function settle(
        Order calldata buy,
        bytes calldata buySignature,
        Order calldata sell,
        bytes calldata sellSignature,
        uint256 maxSize,
        AccountId feeTo
    ) external returns (uint256 size) {
        require(buy.isBuy, Errors.OrderSideWrong(buy.account));
        require(!sell.isBuy, Errors.OrderSideWrong(sell.account));
        uint8 market = buy.market;
        uint8 sellMarket = sell.market;
        require(market == sellMarket, Errors.OrdersDoNotMatch(market, sellMarket));
        uint256 bid = buy.price;
        uint256 ask = sell.price;
        require(bid >= ask, Errors.OrdersDoNotCross(bid, ask));

        (Lane storage buyLane, uint256 buyFilled, uint256 buyLeft) = _validate(buy, buySignature);
        (Lane storage sellLane, uint256 sellFilled, uint256 sellLeft) = _validate(sell, sellSignature);

        // A size of zero can only be `maxSize`, and the house refuses it.
        size = Math.min(Math.min(buyLeft, sellLeft), maxSize);

        // Written before anything is called that is not a view. No sum exceeds its order's size.
        unchecked {
            buyFilled += size;
            sellFilled += size;
        }
        uint96 buyNonce = buy.nonce;
        uint96 sellNonce = sell.nonce;
        _take(buyLane, _sequence(buyNonce), uint128(buyFilled));
        _take(sellLane, _sequence(sellNonce), uint128(sellFilled));

        emit OrdersFilled(
            buy.account,
            sell.account,
            size,
            buyNonce,
            uint128(buyFilled),
            sellNonce,
            uint128(sellFilled)
        );

        bool waived = feeTo == NO_ACCOUNT;
        house.fill(
            IClearingHouse.Fill({
                buyer: buy.account,
                seller: sell.account,
                market: market,
                size: size,
                // Down: the buyer pays half a wei per unit less, the seller bears it.
                price: Rounding.mulShiftDown(bid + ask, 1, 1),
                feeTo: feeTo,
                buyerFee: waived ? 0 : buy.fee,
                sellerFee: waived ? 0 : sell.fee
            })
        );
    }

    // ------------------------------------------------------------------ cancel

    /// @inheritdoc IOrderSettlement
    function cancelOrder(AccountId account, uint96 nonce) external {
        _requireMayCancel(account);
        Lane storage lane = _lanes[account][_lane(nonce)];
        require(_sequence(nonce) >= lane.sequence, Errors.OrderSuperseded(account, nonce, lane.sequence));

        _take(lane, _sequence(nonce), ALL_FILLED);
        emit OrderCancelled(account, nonce);
    }

    /// @inheritdoc IOrderSettlement
    function cancelLane(AccountId account, uint32 lane) external {
        _requireMayCancel(account);
        _take(_lanes[account][lane], type(uint64).max, ALL_FILLED);
        emit LaneCancelled(account, lane);
    }

    /// @inheritdoc IOrderSettlement
    function cancelAll(AccountId account) external returns (uint64 epoch) {
        _requireMayCancel(account);
        Lane storage laneZero = _lanes[account][0];
        // Not the next number: an order may have been signed ahead for that one.
        epoch = uint64(uint256(keccak256(abi.encode(blockhash(block.number - 1), account, laneZero.epoch))));

        laneZero.epoch = epoch;
        emit AllCancelled(account, epoch);
    }

    // ------------------------------------------------------------------ views

    /// @inheritdoc IOrderSettlement
    function remaining(Order calldata order) external view returns (uint256 size) {
        Lane storage lane = _lanes[order.account][_lane(order.nonce)];
        if (block.timestamp >= order.expiry) return 0;
        if (order.epoch != _lanes[order.account][0].epoch) return 0;
        uint64 sequence = _sequence(order.nonce);
        if (sequence < lane.sequence) return 0;
        size = Math.saturatingSub(order.size, sequence == lane.sequence ? lane.filled : 0);
        if (order.reduceOnly) size = Math.min(size, _reducible(order));
    }

    /// @inheritdoc IOrderSettlement
    function hashOrder(Order calldata order) public view returns (bytes32 digest) {
        bytes32 typeHash = ORDER_TYPEHASH;
        bytes32 structHash;
        // Calldata holds the fields as EIP-712 encodes them: `keccak256(abi.encode(typeHash, order))` at a sixth of the gas.
        assembly ("memory-safe") {
            let start := mload(0x40)
            mstore(start, typeHash)
            calldatacopy(add(start, 0x20), order, ORDER_BYTES)
            structHash := keccak256(start, add(ORDER_BYTES, 0x20))
        }
        return _hashTypedDataV4(structHash);
    }

    /// @inheritdoc IOrderSettlement
    function laneOf(AccountId account, uint32 lane) external view returns (uint64 sequence, uint128 filled) {
        Lane storage held = _lanes[account][lane];
        return (held.sequence, held.filled);
    }

    /// @inheritdoc IOrderSettlement
    function epochOf(AccountId account) external view returns (uint64 epoch) {
        return _lanes[account][0].epoch;
    }

    // ------------------------------------------------------------------ checks

    /// @dev Refuses an order that is not good any more or was not signed by who may. Calls nothing but views.
    /// @return lane Its lane, held by this order or one before it.
    /// @return filled What is filled of this order.
    /// @return left What may be filled, above zero.
    function _validate(
        Order calldata order,
        bytes calldata signature
    ) private view returns (Lane storage lane, uint256 filled, uint256 left) {
        AccountId account = order.account;
        uint96 nonce = order.nonce;
        lane = _lanes[account][_lane(nonce)];
        // Read side by side: one load.
        uint64 epoch = lane.epoch;
        uint64 holder = lane.sequence;
        filled = lane.filled;
        if (_lane(nonce) != 0) epoch = _lanes[account][0].epoch;

        require(block.timestamp < order.expiry, Errors.OrderExpired(account, order.expiry));
        require(order.epoch == epoch, Errors.OrderEpochEnded(account, order.epoch, epoch));
        require(_sequence(nonce) >= holder, Errors.OrderSuperseded(account, nonce, holder));
        if (_sequence(nonce) > holder) filled = 0;
        uint256 size = order.size;
        if (filled >= size) {
            require(filled != ALL_FILLED, Errors.OrderCancelled(account, nonce));
            revert Errors.OrderFilled(account, filled, size);
        }
        left = size - filled;

        require(_isSigned(order, signature), Errors.OrderSignatureInvalid(account));

        if (order.reduceOnly) {
            left = Math.min(left, _reducible(order));
            require(left != 0, Errors.OrderWouldIncrease(account));
        }
    }

    function _lane(uint96 nonce) private pure returns (uint32) {
        return uint32(nonce >> 64);
    }

    function _sequence(uint96 nonce) private pure returns (uint64) {
        return uint64(nonce);
    }

    function _take(Lane storage lane, uint64 sequence, uint128 filled) private {
        lane.sequence = sequence;
        lane.filled = filled;
    }

    /// @dev How much of the account's position the order points against.
    function _reducible(Order calldata order) private view returns (uint256) {
        int256 position = house.sizeOf(order.account, order.market);
        if (position < 0 != order.isBuy) return 0;
        return position < 0 ? uint256(-position) : uint256(position);
    }

    function _isSigned(Order calldata order, bytes calldata signature) private view returns (bool) {
        bytes32 digest = hashOrder(order);
        address owner = order.account.owner();

        // The key first: asking a cold owner for its code would cost 2.6k gas, and an EIP-7702 account has both.
        (uint8 v, bytes32 r, bytes32 s) = ECDSA.parseCalldata(signature);
        (address signer, ECDSA.RecoverError failure, ) = ECDSA.tryRecover(digest, v, r, s);
        if (failure == ECDSA.RecoverError.NoError) {
            if (signer == owner) return true;
            if (house.mayAct(order.account, signer, TRADE)) return true;
        }
        return SignatureChecker.isValidERC1271SignatureNowCalldata(owner, digest, signature);
    }

    function _requireMayCancel(AccountId account) private view {
        require(
            msg.sender == account.owner() || house.mayAct(account, msg.sender, TRADE),
            Errors.NotPermitted(account, msg.sender, TRADE)
        );
    }
}
