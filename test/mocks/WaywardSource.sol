// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPriceSource} from "../../contracts/interfaces/IPriceSource.sol";

/// @notice Keeps none of a source's promises by itself: it says what it is told to.
contract WaywardSource is IPriceSource {
    error SourceRefuses(uint256 reason);

    enum Manner {
        Answers,
        AnswersRaw,
        Refuses,
        RefusesRaw,
        BurnsAllGas
    }

    Manner private _manner;
    uint256 private _price;
    uint256 private _publishedAt;
    uint256 private _confidence;
    bytes private _raw;

    function answer(uint256 price, uint256 publishedAt) external {
        (_manner, _price, _publishedAt) = (Manner.Answers, price, publishedAt);
    }

    function admit(uint256 confidence) external {
        _confidence = confidence;
    }

    function answerRaw(bytes calldata raw) external {
        (_manner, _raw) = (Manner.AnswersRaw, raw);
    }

    function refuse() external {
        _manner = Manner.Refuses;
    }

    function refuseRaw(bytes calldata raw) external {
        (_manner, _raw) = (Manner.RefusesRaw, raw);
    }

    function burnAllGas() external {
        _manner = Manner.BurnsAllGas;
    }

    function latest() external view returns (uint256, uint256, uint256) {
        if (_manner == Manner.Answers) return (_price, _publishedAt, _confidence);
        if (_manner == Manner.Refuses) revert SourceRefuses(42);
        bytes memory raw = _raw;
        if (_manner == Manner.AnswersRaw) {
            assembly {
                return(add(raw, 32), mload(raw))
            }
        }
        if (_manner == Manner.RefusesRaw) {
            assembly {
                revert(add(raw, 32), mload(raw))
            }
        }
        while (true) {}
        return (0, 0, 0);
    }
}
