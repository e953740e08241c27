// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SimpleReadAccessController} from "@chainlink/contracts/src/v0.8/shared/access/SimpleReadAccessController.sol";
import {AccessControllerInterface} from "@chainlink/contracts/src/v0.8/shared/interfaces/AccessControllerInterface.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {AggregatorV3Interface} from "../../contracts/oracles/AggregatorV3Interface.sol";

// A Chainlink feed whose answer tests set. npm has neither of Chainlink's two contracts (the proxy is written for
// Solidity 0.6, the aggregator for 0.8.19), so these are written anew in the shape of `EACAggregatorProxy` and
// `AccessControlledOCR2Aggregator`: a reader goes through the same two calls and five storage slots as there, which is
// most of what a read costs. The access list is upstream's own.

/// @notice Keeps the answers, one slot per round, and lets only admitted contracts read them.
contract ChainlinkAggregator is AggregatorV3Interface, SimpleReadAccessController {
    struct HotVars {
        uint8 f;
        uint40 latestEpochAndRound;
        uint32 latestAggregatorRoundId;
    }

    struct Transmission {
        int192 answer;
        uint32 observationsTimestamp;
        uint32 transmissionTimestamp;
    }

    uint8 public immutable decimals;
    uint256 public constant version = 6;

    HotVars private _hotVars;
    mapping(uint32 round => Transmission) private _transmissions;
    string private _description;

    constructor(uint8 decimals_, string memory description_) {
        decimals = decimals_;
        _description = description_;
        _hotVars.f = 1;
    }

    /// @notice Begins a new round. `updatedAt` zero is a round that has not been answered.
    function setAnswer(int256 answer, uint256 updatedAt) external {
        uint32 round = ++_hotVars.latestAggregatorRoundId;
        uint32 timestamp = SafeCast.toUint32(updatedAt);
        _transmissions[round] = Transmission(SafeCast.toInt192(answer), timestamp, timestamp);
    }

    /// @notice Puts the caller on the access list. Upstream's owner does that; here every proxy does it for itself.
    function admit() external {
        s_accessList[msg.sender] = true;
    }

    function description() external view checkAccess returns (string memory) {
        return _description;
    }

    function getRoundData(uint80 round) external view checkAccess returns (uint80, int256, uint256, uint256, uint80) {
        if (round > type(uint32).max) return (0, 0, 0, 0, 0);
        return _roundData(uint32(round));
    }

    function latestRoundData() external view checkAccess returns (uint80, int256, uint256, uint256, uint80) {
        return _roundData(_hotVars.latestAggregatorRoundId);
    }

    function _roundData(uint32 round) private view returns (uint80, int256, uint256, uint256, uint80) {
        Transmission memory found = _transmissions[round];
        return (round, found.answer, found.observationsTimestamp, found.transmissionTimestamp, round);
    }
}

/// @notice What a protocol is given as "the feed". Passes every question on to the aggregator of its current phase.
contract ChainlinkProxy is AggregatorV3Interface {
    struct Phase {
        uint16 id;
        ChainlinkAggregator aggregator;
    }

    Phase private _currentPhase;
    mapping(uint16 phase => ChainlinkAggregator) public phaseAggregators;
    /// @notice Zero, so that anyone may read, but looked up every time.
    AccessControllerInterface public accessController;

    constructor(ChainlinkAggregator aggregator_) {
        setAggregator(aggregator_);
    }

    modifier checkAccess() {
        AccessControllerInterface controller = accessController;
        // solhint-disable-next-line gas-custom-errors
        require(address(controller) == address(0) || controller.hasAccess(msg.sender, msg.data), "No access");
        _;
    }

    /// @notice Begins a new phase, as Chainlink does when it replaces an aggregator.
    function setAggregator(ChainlinkAggregator aggregator_) public {
        uint16 id = _currentPhase.id + 1;
        _currentPhase = Phase(id, aggregator_);
        phaseAggregators[id] = aggregator_;
        // One of Chainlink's own has an owner who does it.
        try aggregator_.admit() {} catch {}
    }

    function aggregator() external view returns (ChainlinkAggregator) {
        return _currentPhase.aggregator;
    }

    function decimals() external view returns (uint8) {
        return _currentPhase.aggregator.decimals();
    }

    function description() external view returns (string memory) {
        return _currentPhase.aggregator.description();
    }

    function version() external view returns (uint256) {
        return _currentPhase.aggregator.version();
    }

    function getRoundData(
        uint80 round
    )
        external
        view
        checkAccess
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        uint16 id = uint16(round >> 64);
        (roundId, answer, startedAt, updatedAt, answeredInRound) = phaseAggregators[id].getRoundData(uint64(round));
        return (_inPhase(id, roundId), answer, startedAt, updatedAt, _inPhase(id, answeredInRound));
    }

    function latestRoundData()
        external
        view
        checkAccess
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        Phase memory phase = _currentPhase;
        (roundId, answer, startedAt, updatedAt, answeredInRound) = phase.aggregator.latestRoundData();
        return (_inPhase(phase.id, roundId), answer, startedAt, updatedAt, _inPhase(phase.id, answeredInRound));
    }

    /// @dev The phase goes above the aggregator's own round, so that rounds keep rising when the aggregator is replaced.
    function _inPhase(uint16 id, uint80 round) private pure returns (uint80) {
        return (uint80(id) << 64) | uint64(round);
    }
}
