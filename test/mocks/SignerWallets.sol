// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// @notice A smart account that calls a digest signed where its owner has approved it, and ignores the signature's bytes.
contract ApprovingWallet is IERC1271 {
    mapping(bytes32 digest => bool) public approved;

    function approve(bytes32 digest, bool approved_) external {
        approved[digest] = approved_;
    }

    function isValidSignature(bytes32 digest, bytes calldata) external view returns (bytes4) {
        return approved[digest] ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }
}

/// @notice Answers a signature check in a way that a checker might fall for.
contract LyingWallet {
    enum Answer {
        Nothing,
        ShortWord,
        DirtyWord,
        Revert
    }

    error Unwilling();

    Answer private immutable _answer;

    constructor(Answer answer) {
        _answer = answer;
    }

    function isValidSignature(bytes32, bytes calldata) external view returns (bytes4) {
        bytes4 magic = IERC1271.isValidSignature.selector;
        Answer answer = _answer;
        require(answer != Answer.Revert, Unwilling());
        assembly ("memory-safe") {
            mstore(0, magic)
            switch answer
            case 1 {
                return(0, 4)
            }
            case 2 {
                mstore8(31, 1)
                return(0, 32)
            }
            default {
                return(0, 0)
            }
        }
    }
}

/// @notice Uses the moment in which its signature is checked to call back. It signs only where that call failed, so a trade
/// with it can succeed only if calling back is impossible.
contract ReentrantWallet {
    address private _target;
    bytes private _data;

    function prepare(address target, bytes calldata data) external {
        _target = target;
        _data = data;
    }

    function isValidSignature(bytes32, bytes calldata) external returns (bytes4) {
        // Enough for the call, so that only its being static can stop it.
        (bool ok, ) = _target.call{gas: 500_000}(_data);
        return ok ? bytes4(0) : IERC1271.isValidSignature.selector;
    }
}
