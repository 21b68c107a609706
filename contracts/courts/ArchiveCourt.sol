// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IArchiveCourt} from "../interfaces/IArchiveCourt.sol";
import {IOperatorStaking} from "../interfaces/IOperatorStaking.sol";
import {Adjudicator} from "./Adjudicator.sol";
import {MerklePath} from "./MerklePath.sol";

/// @title Equivocation and omission
contract ArchiveCourt is IArchiveCourt, Adjudicator, ReentrancyGuardTransient {
    bytes32 private constant ROOT_TYPEHASH = keccak256(
        "ArchiveRoot(uint32 operator,uint16 cluster,uint16 shard,uint64 hour,uint32 count,bytes32 root,uint128 liability)"
    );
    bytes32 private constant RECEIPT_TYPEHASH = keccak256(
        "MessageReceipt(uint32 operator,address client,uint16 cluster,uint16 shard,uint64 hour,bytes32 messageHash,uint128 liability)"
    );
    uint256 private constant HOUR = 3_600;

    /// @inheritdoc IArchiveCourt
    mapping(bytes32 fault => uint128 liability) public convictedUpTo;
    /// @inheritdoc IArchiveCourt
    mapping(bytes32 receiptId => bool) public isConvicted;

    constructor(
        IOperatorStaking staking_,
        uint40 maxTerm_,
        uint16 rewardBps_
    ) Adjudicator(staking_, maxTerm_, rewardBps_) EIP712("Teahouse ArchiveCourt", "1") {}

    /// @inheritdoc IArchiveCourt
    function convictEquivocation(
        ArchiveRoot calldata first,
        bytes calldata firstSignature,
        ArchiveRoot calldata second,
        bytes calldata secondSignature,
        address beneficiary
    ) external nonReentrant returns (uint128 slashed) {
        address node = _requireSaid(first.operator, first.hour, _hash(first), firstSignature);
        address other = _requireSaid(second.operator, second.hour, _hash(second), secondSignature);
        bool same = first.count == second.count && first.root == second.root;
        if (node != other || same || !_isSameArchive(first, second)) {
            revert NotEquivocation(first.operator, first.hour);
        }

        bytes32 fault = keccak256(abi.encode(first.operator, node, first.cluster, first.shard, first.hour));
        uint128 liability = first.liability > second.liability ? first.liability : second.liability;
        uint128 before = convictedUpTo[fault];
        if (liability <= before) revert AlreadyConvicted(fault);
        convictedUpTo[fault] = liability;
        _emitEquivocated(node, first, second);
        return _convictOfSome(first.operator, fault, liability - before, beneficiary);
    }

    /// @inheritdoc IArchiveCourt
    function convictOmission(
        MessageReceipt calldata receipt,
        bytes calldata receiptSignature,
        ArchiveRoot calldata root,
        bytes calldata rootSignature,
        Absence calldata absence
    ) external nonReentrant returns (uint128 slashed) {
        bytes32 id = _hash(receipt);
        _requireSaid(receipt.operator, receipt.hour, id, receiptSignature);
        _requireSaid(root.operator, root.hour, _hash(root), rootSignature);
        if (
            receipt.operator != root.operator ||
            receipt.cluster != root.cluster ||
            receipt.shard != root.shard ||
            receipt.hour != root.hour
        ) revert NotSameHour(receipt.hour, root.hour);
        if (!_isAbsent(root.root, root.count, receipt.messageHash, absence)) {
            revert NotAbsent(receipt.messageHash, root.root);
        }
        if (isConvicted[id]) revert AlreadyConvicted(id);
        isConvicted[id] = true;
        emit Omitted(
            receipt.operator,
            receipt.client,
            receipt.cluster,
            receipt.shard,
            receipt.hour,
            receipt.messageHash
        );
        return _convictOfSome(receipt.operator, id, receipt.liability, receipt.client);
    }

    /// @inheritdoc IArchiveCourt
    function rootDigest(ArchiveRoot calldata root) external view returns (bytes32) {
        return _hashTypedDataV4(_hash(root));
    }

    /// @inheritdoc IArchiveCourt
    function messageReceiptDigest(MessageReceipt calldata receipt) external view returns (bytes32) {
        return _hashTypedDataV4(_hash(receipt));
    }

    /// @inheritdoc IArchiveCourt
    function isAbsent(
        bytes32 root,
        uint32 count,
        bytes32 messageHash,
        Absence calldata absence
    ) external pure returns (bool) {
        return _isAbsent(root, count, messageHash, absence);
    }

    /// @dev Reverts unless the hour is over, not too old, and the signer was the operator's node key all of it.
    function _requireSaid(
        uint32 operator,
        uint64 hour,
        bytes32 structHash,
        bytes calldata signature
    ) private view returns (address node) {
        uint256 begin = hour * HOUR;
        uint256 end = begin + HOUR;
        if (block.timestamp < end) revert HourNotOver(hour, end);
        if (block.timestamp >= end + maxTerm) revert EvidenceExpired(end + maxTerm);
        return _requireNodeKey(operator, structHash, signature, begin, end);
    }

    function _emitEquivocated(address node, ArchiveRoot calldata first, ArchiveRoot calldata second) private {
        emit Equivocated(
            first.operator,
            node,
            first.cluster,
            first.shard,
            first.hour,
            first.root,
            second.root
        );
    }

    function _isSameArchive(
        ArchiveRoot calldata first,
        ArchiveRoot calldata second
    ) private pure returns (bool) {
        return
            first.operator == second.operator &&
            first.cluster == second.cluster &&
            first.shard == second.shard &&
            first.hour == second.hour;
    }

    function _isAbsent(
        bytes32 root,
        uint32 count,
        bytes32 messageHash,
        Absence calldata absence
    ) private pure returns (bool) {
        uint256 index = absence.index;
        if (index > count) return false;
        if (index != 0) {
            if (absence.left >= messageHash) return false;
            bytes32 left = MerklePath.hashLeaf(absence.left);
            if (!MerklePath.verify(root, left, index - 1, count, absence.leftPath)) return false;
        }
        if (index == count) return true;
        if (absence.right <= messageHash) return false;
        return MerklePath.verify(root, MerklePath.hashLeaf(absence.right), index, count, absence.rightPath);
    }

    function _hash(ArchiveRoot calldata root) private pure returns (bytes32) {
        return keccak256(abi.encode(ROOT_TYPEHASH, root));
    }

    function _hash(MessageReceipt calldata receipt) private pure returns (bytes32) {
        return keccak256(abi.encode(RECEIPT_TYPEHASH, receipt));
    }
}
