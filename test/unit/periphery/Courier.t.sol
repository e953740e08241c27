// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {Errors as OpenZeppelinErrors} from "@openzeppelin/contracts/utils/Errors.sol";
import {Errors} from "../../../contracts/interfaces/Errors.sol";
import {Call, Courier} from "../../../contracts/periphery/Courier.sol";
import {Test} from "../../utils/Test.sol";

/// @notice Writes down what it is called with.
contract Notebook {
    error Full(uint256 pages);

    uint256[] public notes;
    address[] public callers;

    function note(uint256 x) external {
        require(notes.length < 2, Full(notes.length));
        notes.push(x);
        callers.push(msg.sender);
    }

    function mute() external pure {
        assembly ("memory-safe") {
            revert(0, 0)
        }
    }
}

/// @notice The courier alone: makes the calls of whoever deployed it, in order, and passes on why one failed.
contract CourierTest is Test {
    Courier private _courier;
    Notebook private _notebook;

    function setUp() public {
        _courier = Courier(_create("Courier.sol:Courier", ""));
        _notebook = new Notebook();
    }

    function test_carry_makesTheCallsInOrder() public {
        _courier.carry(_calls(abi.encodeCall(Notebook.note, (7)), abi.encodeCall(Notebook.note, (8))));
        assertEq(_notebook.notes(0), 7, "first");
        assertEq(_notebook.notes(1), 8, "second");
        assertEq(_notebook.callers(0), address(_courier), "from the courier");
    }

    function test_carry_mayHaveNothingToDo() public {
        _courier.carry(new Call[](0));
    }

    function test_carry_isForWhoDeployedIt() public {
        address stranger = makeAddr("stranger");
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(Errors.OnlyClearingHouse.selector, stranger));
        _courier.carry(new Call[](0));
    }

    function test_carry_passesTheReasonOn() public {
        _notebook.note(1);
        Call[] memory calls = _calls(abi.encodeCall(Notebook.note, (2)), abi.encodeCall(Notebook.note, (3)));
        vm.expectRevert(abi.encodeWithSelector(Notebook.Full.selector, 2));
        _courier.carry(calls);
        vm.expectRevert();
        _notebook.notes(1);
    }

    function test_carry_saysThatACallFailedWithoutAReason() public {
        Call[] memory calls = _calls(abi.encodeCall(Notebook.mute, ()), "");
        vm.expectRevert(abi.encodeWithSelector(OpenZeppelinErrors.FailedCall.selector));
        _courier.carry(calls);
    }

    function test_carry_refusesTargetsWithoutCode() public {
        address nowhere = makeAddr("nowhere");
        Call[] memory calls = _calls("", "");
        calls[0].target = nowhere;
        vm.expectRevert(abi.encodeWithSelector(Address.AddressEmptyCode.selector, nowhere));
        _courier.carry(calls);
    }

    function _calls(bytes memory first, bytes memory second) private view returns (Call[] memory calls) {
        calls = new Call[](2);
        (calls[0], calls[1]) = (Call(address(_notebook), first), Call(address(_notebook), second));
    }
}
