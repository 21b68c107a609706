// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IOperatorStaking} from "../interfaces/IOperatorStaking.sol";
import {TokenCustody} from "../libraries/TokenCustody.sol";

/// @title Operators and their stake
contract OperatorStaking is IOperatorStaking, TokenCustody {
    using SafeERC20 for IERC20;

    /// @inheritdoc IOperatorStaking
    uint128 public immutable minimumStake;
    /// @inheritdoc IOperatorStaking
    uint40 public immutable thawSeconds;

    /// @inheritdoc IOperatorStaking
    uint32 public operatorCount;
    mapping(uint32 id => Operator) private _operators;
    /// @inheritdoc IOperatorStaking
    mapping(address node => uint32 id) public operatorOf;

    constructor(IERC20 token_, uint128 minimumStake_, uint40 thawSeconds_) TokenCustody(token_) {
        minimumStake = minimumStake_;
        thawSeconds = thawSeconds_;
    }

    modifier onlyOwner(uint32 id) {
        if (msg.sender != _operators[id].owner) revert NotOwner(id, msg.sender);
        _;
    }

    /// @inheritdoc IOperatorStaking
    function createOperator(address node, address payee) external returns (uint32 id) {
        id = ++operatorCount;
        _operators[id].owner = msg.sender;
        _setKeys(id, node, payee);
        emit OperatorCreated(id, msg.sender, node, payee);
    }

    /// @inheritdoc IOperatorStaking
    function stake(uint32 id, uint128 amount) external nonReentrant {
        if (amount == 0) revert ZeroAmount();
        Operator storage op = _operators[id];
        if (op.owner == address(0)) revert UnknownOperator(id);
        op.staked += amount;
        emit Staked(id, msg.sender, amount, op.staked);
        _takeIn(msg.sender, amount);
    }

    /// @inheritdoc IOperatorStaking
    function thaw(uint32 id, uint128 amount) external onlyOwner(id) {
        if (amount == 0) revert ZeroAmount();
        Operator storage op = _operators[id];
        if (amount > op.staked) revert InsufficientStake(id, amount, op.staked);
        op.staked -= amount;
        op.thawing += amount;
        op.thawedAt = uint40(block.timestamp) + thawSeconds;
        emit Thawing(id, amount, op.staked, op.thawing, op.thawedAt);
    }

    /// @inheritdoc IOperatorStaking
    function withdraw(uint32 id) external nonReentrant onlyOwner(id) returns (uint128 amount) {
        Operator storage op = _operators[id];
        amount = op.thawing;
        if (amount == 0) revert NothingThawing(id);
        if (block.timestamp < op.thawedAt) revert StillThawing(id, op.thawedAt);
        op.thawing = 0;
        op.thawedAt = 0;
        emit StakeWithdrawn(id, msg.sender, amount);
        token.safeTransfer(msg.sender, amount);
    }

    /// @inheritdoc IOperatorStaking
    function setKeys(uint32 id, address node, address payee) external onlyOwner(id) {
        address old = _operators[id].node;
        if (old != node && operatorOf[old] == id) delete operatorOf[old];
        _setKeys(id, node, payee);
        emit KeysSet(id, node, payee);
    }

    /// @inheritdoc IOperatorStaking
    function bindNode(uint32 id) external {
        if (msg.sender != _operators[id].node) revert NotNode(id, msg.sender);
        operatorOf[msg.sender] = id;
        emit NodeBound(msg.sender, id);
    }

    /// @inheritdoc IOperatorStaking
    function operator(uint32 id) external view returns (Operator memory) {
        return _operators[id];
    }

    /// @inheritdoc IOperatorStaking
    function payeeOf(uint32 id) external view returns (address) {
        return _operators[id].payee;
    }

    function incomeOf(uint32 id) external view returns (address payee, uint128 credit, uint40 goodSince) {
        return (_operators[id].payee, type(uint128).max, 1);
    }

    function drawIncome(uint32 id, uint128 amount) external {}

    function _setKeys(uint32 id, address node, address payee) private {
        if (node == address(0) || payee == address(0)) revert ZeroAddress();
        _operators[id].node = node;
        _operators[id].payee = payee;
        if (operatorOf[node] == 0) {
            operatorOf[node] = id;
            emit NodeBound(node, id);
        }
    }
}
