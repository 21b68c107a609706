// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IOperators} from "../interfaces/IOperators.sol";
import {ITokenCustody} from "../interfaces/ITokenCustody.sol";
import {IncomeCredit} from "./IncomeCredit.sol";
import {Relayed} from "./Relayed.sol";

/// @title Operators: their keys and what they may earn
abstract contract Operators is IncomeCredit, Relayed {
    bytes32 private constant CREATE_OPERATOR_TYPEHASH = keccak256(
        "CreateOperator(address node,address payee,address feeRegistry,uint256 nonce,uint40 deadline)"
    );
    bytes32 private constant SET_KEYS_TYPEHASH = keccak256(
        "SetKeys(uint32 id,address node,address payee,uint256 nonce,uint40 deadline)"
    );
    bytes32 private constant SET_FEE_REGISTRY_TYPEHASH = keccak256(
        "SetFeeRegistry(uint32 id,address feeRegistry,uint256 nonce,uint40 deadline)"
    );

    struct Keys {
        address owner;
        address node;
        address payee;
        address feeRegistry;
    }

    struct Span {
        uint40 from;
        uint40 until;
    }

    /// @inheritdoc IOperators
    uint32 public operatorCount;
    mapping(uint32 id => Keys) private _keys;
    /// @inheritdoc IOperators
    mapping(address node => uint32 id) public operatorOf;
    /// @inheritdoc IOperators
    mapping(uint32 id => mapping(address node => Span)) public nodeKeySpan;

    modifier onlyOwner(uint32 id) {
        _requireOwner(id);
        _;
    }

    /// @inheritdoc IOperators
    function createOperator(address node, address payee, address feeRegistry) external returns (uint32 id) {
        return _create(msg.sender, node, payee, feeRegistry);
    }

    /// @inheritdoc IOperators
    function createOperatorFor(
        address owner,
        address node,
        address payee,
        address feeRegistry,
        uint40 deadline,
        bytes calldata signature
    ) external returns (uint32 id) {
        bytes memory head = abi.encode(CREATE_OPERATOR_TYPEHASH, node, payee, feeRegistry);
        _useSignature(owner, head, deadline, signature);
        return _create(owner, node, payee, feeRegistry);
    }

    /// @inheritdoc IOperators
    function setKeys(uint32 id, address node, address payee) external onlyOwner(id) {
        _rotate(id, node, payee);
    }

    /// @inheritdoc IOperators
    function setKeysFor(
        uint32 id,
        address node,
        address payee,
        uint40 deadline,
        bytes calldata signature
    ) external {
        _useOwnerSignature(id, abi.encode(SET_KEYS_TYPEHASH, id, node, payee), deadline, signature);
        _rotate(id, node, payee);
    }

    /// @inheritdoc IOperators
    function setFeeRegistry(uint32 id, address feeRegistry) external onlyOwner(id) {
        _setFeeRegistry(id, feeRegistry);
    }

    /// @inheritdoc IOperators
    function setFeeRegistryFor(
        uint32 id,
        address feeRegistry,
        uint40 deadline,
        bytes calldata signature
    ) external {
        bytes memory head = abi.encode(SET_FEE_REGISTRY_TYPEHASH, id, feeRegistry);
        _useOwnerSignature(id, head, deadline, signature);
        _setFeeRegistry(id, feeRegistry);
    }

    /// @inheritdoc IOperators
    function bindNode(uint32 id) external {
        if (msg.sender != _keys[id].node) revert NotNode(id, msg.sender);
        _bind(msg.sender, id);
    }

    /// @inheritdoc IOperators
    function drawIncome(uint32 id, uint128 amount) external {
        if (msg.sender != _keys[id].feeRegistry) revert NotFeeRegistry(id, msg.sender);
        emit IncomeDrawn(id, amount, _draw(id, amount));
    }

    /// @inheritdoc IOperators
    function operator(uint32 id) external view returns (Operator memory) {
        Keys memory keys = _keys[id];
        return Operator(keys.owner, keys.node, keys.payee, keys.feeRegistry, _stakeOf(id));
    }

    /// @inheritdoc IOperators
    function payeeOf(uint32 id) public view returns (address) {
        return _keys[id].payee;
    }

    /// @inheritdoc IOperators
    function incomeOf(uint32 id) external view returns (address payee, uint128 credit, uint40 goodSince) {
        payee = payeeOf(id);
        if (payee == address(0)) return (payee, 0, 0);
        Bucket memory bucket = _settled(id);
        return (payee, uint128(bucket.credit), uint40(bucket.goodSince));
    }

    function _requireOwner(uint32 id) private view {
        if (msg.sender != _keys[id].owner) revert NotOwner(id, msg.sender);
    }

    /// @dev As `_useSignature`, of the owner of `id`.
    function _useOwnerSignature(
        uint32 id,
        bytes memory head,
        uint40 deadline,
        bytes calldata signature
    ) internal {
        _useSignature(_ownerOf(id), head, deadline, signature);
    }

    function _ownerOf(uint32 id) internal view returns (address owner) {
        owner = _keys[id].owner;
        if (owner == address(0)) revert UnknownOperator(id);
    }

    function _create(
        address owner,
        address node,
        address payee,
        address feeRegistry
    ) private returns (uint32 id) {
        id = ++operatorCount;
        _keys[id].owner = owner;
        if (feeRegistry != address(0)) _keys[id].feeRegistry = feeRegistry;
        _openBucket(id);
        _setKeys(id, node, payee);
        emit OperatorCreated(id, owner, node, payee, feeRegistry);
    }

    function _rotate(uint32 id, address node, address payee) private {
        address old = _keys[id].node;
        if (old != node) {
            if (operatorOf[old] == id) delete operatorOf[old];
            nodeKeySpan[id][old].until = uint40(block.timestamp);
        }
        _setKeys(id, node, payee);
        emit KeysSet(id, node, payee);
    }

    function _setKeys(uint32 id, address node, address payee) private {
        if (node == address(0) || payee == address(0)) revert ITokenCustody.ZeroAddress();
        _keys[id].node = node;
        uint40 from = nodeKeySpan[id][node].from;
        nodeKeySpan[id][node] = Span(from == 0 ? uint40(block.timestamp) : from, 0);
        _keys[id].payee = payee;
        if (operatorOf[node] == 0) _bind(node, id);
    }

    function _bind(address node, uint32 id) private {
        operatorOf[node] = id;
        emit NodeBound(node, id);
    }

    function _setFeeRegistry(uint32 id, address feeRegistry) private {
        _keys[id].feeRegistry = feeRegistry;
        emit FeeRegistrySet(id, feeRegistry);
    }
}
