// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";

/// @notice Balances are parts of a total that grows and shrinks, so that a transfer may move one unit less than it says: as
/// stETH does.
contract RebasingToken is IERC20Metadata {
    string public constant name = "Rebasing";
    string public constant symbol = "REB";
    uint8 public immutable decimals;

    /// @dev Tokens per part, 18 decimals.
    uint256 public index = 1e18;
    uint256 private _parts;
    mapping(address owner => uint256) private _partsOf;
    mapping(address owner => mapping(address spender => uint256)) public allowance;

    constructor(uint8 decimals_) {
        decimals = decimals_;
    }

    function rebase(uint256 index_) external {
        index = index_;
    }

    function mint(address to, uint256 amount) external {
        uint256 parts = (amount * 1e18) / index;
        _parts += parts;
        _partsOf[to] += parts;
        emit Transfer(address(0), to, amount);
    }

    function approve(address spender, uint256 value) external returns (bool) {
        allowance[msg.sender][spender] = value;
        emit Approval(msg.sender, spender, value);
        return true;
    }

    function transfer(address to, uint256 value) external returns (bool) {
        return _move(msg.sender, to, value);
    }

    function transferFrom(address from, address to, uint256 value) external returns (bool) {
        allowance[from][msg.sender] -= value;
        return _move(from, to, value);
    }

    function totalSupply() external view returns (uint256) {
        return (_parts * index) / 1e18;
    }

    function balanceOf(address owner) external view returns (uint256) {
        return (_partsOf[owner] * index) / 1e18;
    }

    function _move(address from, address to, uint256 value) private returns (bool) {
        uint256 parts = (value * 1e18) / index;
        _partsOf[from] -= parts;
        _partsOf[to] += parts;
        emit Transfer(from, to, value);
        return true;
    }
}
