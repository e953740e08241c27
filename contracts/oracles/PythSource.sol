// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPyth} from "@pythnetwork/pyth-sdk-solidity/IPyth.sol";
import {PythStructs} from "@pythnetwork/pyth-sdk-solidity/PythStructs.sol";
import {Errors} from "../interfaces/Errors.sol";
import {IPriceSource} from "../interfaces/IPriceSource.sol";

/// @notice A Pyth feed as a price source. Owns the scaling to 18 decimals, nothing else: no owner, no storage. Pyth's prices
/// are pulled: somebody brings a newer one and pays for it, see {PythKeeper}.
contract PythSource is IPriceSource {
    /// @dev A price older than any market may allow is Pyth's to refuse (`StalePrice`), a younger one the oracle's.
    uint256 private constant OLDEST = 7 days;
    int256 private constant DECIMALS = 18;

    IPyth public immutable pyth;
    bytes32 public immutable id;

    constructor(IPyth pyth_, bytes32 id_) {
        (pyth, id) = (pyth_, id_);
    }

    /// @inheritdoc IPriceSource
    /// @dev The exponent is published with every price. One that would have to be divided by is refused: the price would no
    /// longer be the one that was published.
    function latest() external view returns (uint256 price, uint256 publishedAt, uint256 confidence) {
        PythStructs.Price memory published = pyth.getPriceNoOlderThan(id, OLDEST);
        int256 digits = DECIMALS + published.expo;
        require(published.price > 0, Errors.PriceNotPositive(published.price));
        require(digits >= 0 && digits <= 2 * DECIMALS, Errors.PriceExponent(published.expo));
        uint256 scale = 10 ** uint256(digits);
        return (uint256(int256(published.price)) * scale, published.publishTime, published.conf * scale);
    }
}
