// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId} from "../types/AccountId.sol";
import {IClearingHouse} from "./IClearingHouse.sol";

/// @notice The first venue: limit orders that are signed off chain (EIP-712) and meet on chain. Anyone may submit a pair
/// that crosses. It holds no money and has no power beyond the trade right that an account gave it at the clearing house.
///
/// *Who signs.* The account's owner, by key (also where an EIP-7702 account has code) or as a contract through ERC-1271; or
/// any key that holds the trade right on the account. Taking that right away voids the key's orders, giving it back revives
/// those that are still good; the same goes for the venue itself.
///
/// *Lanes.* An order's nonce is `lane << 64 | sequence`. Each account has 2^32 lanes with one storage slot each, and a lane is
/// held by one order at a time: an order with a higher sequence takes it over at its first fill, and all before it are void.
/// So a lane that was used before never pays for a fresh slot, and orders that are to stand side by side go into several
/// lanes. Orders with the same nonce share what is filled of them: one amount at two prices. Lane 0 is the cheapest to fill
/// (see `cancelAll`). Warning: signing a later order voids nothing by itself; until it is filled, or the earlier one
/// cancelled, whoever has both may fill the earlier one.
///
/// Sizes and prices have 18 decimals, fees are parts per million of notional.
interface IOrderSettlement {
    /// @notice What is signed. The EIP-712 type has the same name and fields; `AccountId` is its `bytes32`.
    struct Order {
        /// @dev `accountId(owner, number)`.
        AccountId account;
        uint8 market;
        bool isBuy;
        /// @dev Never opens, enlarges or flips a position: what exceeds the position at the time of the fill waits. So an
        /// order larger than a position that auto-deleveraging has shrunk closes what is left of it.
        bool reduceOnly;
        /// @dev Above zero.
        uint128 size;
        /// @dev The worst price that is accepted: the highest for a buyer, the lowest for a seller.
        uint128 price;
        /// @dev `lane << 64 | sequence`.
        uint96 nonce;
        /// @dev `epochOf(account)` at the time of signing. Zero until the account first cancels everything.
        uint64 epoch;
        /// @dev Seconds. From this second on the order is void.
        uint40 expiry;
        /// @dev What the signer offers to whoever submits the pair, ppm of notional, on top of the price and of the
        /// protocol's own fee. The clearing house refuses more than its `MAX_VENUE_FEE`.
        uint24 fee;
    }

    /// @notice `size` was exchanged between two orders. Price and fees are in the clearing house's event of the fill.
    /// @param buyFilled What is now filled of the buyer's order, which holds its lane.
    event OrdersFilled(
        AccountId indexed buyer,
        AccountId indexed seller,
        uint256 size,
        uint96 buyNonce,
        uint128 buyFilled,
        uint96 sellNonce,
        uint128 sellFilled
    );

    /// @notice No order of this lane up to and including this sequence can be filled any more.
    event OrderCancelled(AccountId indexed account, uint96 nonce);

    /// @notice No order of this lane can be filled any more.
    event LaneCancelled(AccountId indexed account, uint32 lane);

    /// @notice Only orders that name `epoch` can be filled from now on.
    event AllCancelled(AccountId indexed account, uint64 epoch);

    /// @notice Trades the most that both orders, `maxSize` and the positions behind reduce-only orders allow, at the
    /// midpoint of the two limits (half a wei of price goes to the buyer). Anyone.
    /// @dev The submitter chooses neither the price nor who gains from it. Errors: `OrderSideWrong`, `OrdersDoNotMatch`,
    /// `OrdersDoNotCross`, `OrderExpired`, `OrderEpochEnded`, `OrderSuperseded`, `OrderCancelled`, `OrderFilled`,
    /// `OrderWouldIncrease`, `OrderSignatureInvalid`, and everything that `IClearingHouse.fill` refuses. A refusal leaves
    /// both orders as they were.
    /// @param buySignature A key's 65 bytes, or 64 as in ERC-2098; or whatever an ERC-1271 owner understands.
    /// @param maxSize At most this much is traded; `type(uint128).max` for as much as possible.
    /// @param feeTo The ledger account that earns the fees that the two signers offer; `NO_ACCOUNT` waives them.
    /// Warning: named by the submitter and signed by nobody, so another submitter may take the pair and the fee.
    /// @return size What was traded.
    function settle(
        Order calldata buy,
        bytes calldata buySignature,
        Order calldata sell,
        bytes calldata sellSignature,
        uint256 maxSize,
        AccountId feeTo
    ) external returns (uint256 size);

    /// @notice Voids one order and, as filling it would have done, every one before it in its lane. The owner, or an operator
    /// with the trade right. Naming the highest sequence signed empties a lane that is to be used again.
    /// @dev Errors: `NotPermitted`; `OrderSuperseded` where a later order holds the lane, so that this one is void already.
    function cancelOrder(AccountId account, uint96 nonce) external;

    /// @notice Voids every order of a lane, whatever its sequence. The owner, or an operator with the trade right.
    /// Warning: for good. The lane cannot be used again.
    /// @dev Errors: `NotPermitted`.
    function cancelLane(AccountId account, uint32 lane) external;

    /// @notice Voids every order of an account, and starts an epoch that new orders must name. The owner, or an operator
    /// with the trade right.
    /// @dev The new epoch cannot be known beforehand, so nothing that was signed ahead survives. It shares the storage slot
    /// of lane 0; orders in other lanes pay 2.2k gas to read it. Errors: `NotPermitted`.
    function cancelAll(AccountId account) external returns (uint64 epoch);

    /// @notice What could be filled of an order now. Zero where it is void in any way. Looks at neither signature nor price,
    /// margin or right.
    function remaining(Order calldata order) external view returns (uint256 size);

    /// @notice The digest that is signed.
    function hashOrder(Order calldata order) external view returns (bytes32 digest);

    /// @notice Which order holds a lane, and how much of it is filled: `type(uint128).max` once it is cancelled.
    function laneOf(AccountId account, uint32 lane) external view returns (uint64 sequence, uint128 filled);

    /// @notice The epoch that an account's orders must name.
    function epochOf(AccountId account) external view returns (uint64 epoch);

    function house() external view returns (IClearingHouse);
}
