// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IRetrievalCourt} from "../interfaces/IRetrievalCourt.sol";
import {Signed} from "../libraries/Signed.sol";
import {Adjudicator} from "./Adjudicator.sol";
import {MerklePath} from "./MerklePath.sol";

/// @dev What a storage receipt says: its names, its tree, its term, its part of the stake.
abstract contract StorageReceipts is IRetrievalCourt, Signed, Adjudicator {
    bytes32 private constant RECEIPT_TYPEHASH = keccak256(
        "Receipt(uint32 operator,address client,bytes32 root,uint64 size,uint40 from,uint40 until,uint128 liability,uint32 slot)"
    );
    uint256 internal constant LEAF_BYTES = 256;

    mapping(bytes32 id => Case) internal _cases;

    /// @inheritdoc IRetrievalCourt
    function caseOf(bytes32 id) external view returns (Case memory) {
        return _cases[id];
    }

    /// @inheritdoc IRetrievalCourt
    function receiptId(Receipt calldata receipt) external pure returns (bytes32) {
        return _id(receipt);
    }

    /// @inheritdoc IRetrievalCourt
    function receiptDigest(Receipt calldata receipt) external view returns (bytes32) {
        return _hashTypedDataV4(_id(receipt));
    }

    /// @inheritdoc IRetrievalCourt
    function isLeaf(
        bytes32 root,
        uint64 size,
        uint64 index,
        bytes calldata leaf,
        bytes32[] calldata path
    ) external pure returns (bool) {
        uint256 count = _leaves(size);
        if (index >= count || leaf.length != _leafSize(size, index)) return false;
        return MerklePath.verify(root, MerklePath.hashLeaf(leaf), index, count, path);
    }

    function _id(Receipt calldata receipt) internal pure returns (bytes32) {
        return keccak256(abi.encode(RECEIPT_TYPEHASH, receipt));
    }

    /// @dev Reverts unless the receipt is sound, has begun, and is signed by the operator's node key of that time.
    function _requireSigned(Receipt calldata receipt, bytes32 id, bytes calldata signature) internal view {
        _requireSound(receipt, id);
        uint256 from = receipt.from;
        if (block.timestamp < from) revert NotInTerm(from, receipt.until);
        _requireNodeKey(receipt.operator, id, signature, from, from + 1);
    }

    function _requireSound(Receipt calldata receipt, bytes32 id) internal view {
        (uint256 from, uint256 until) = (receipt.from, receipt.until);
        if (
            receipt.client == address(0) ||
            receipt.size == 0 ||
            receipt.liability == 0 ||
            from >= until ||
            until - from > maxTerm
        ) revert BadReceipt(id);
    }

    /// @dev The case of a receipt, which must stand at `stage`.
    function _at(bytes32 id, Stage stage) internal view returns (Case storage c) {
        c = _cases[id];
        if (c.stage != stage) revert WrongStage(id, c.stage);
    }

    /// @dev When the promise ends: as signed, or by notice.
    function _end(Receipt calldata receipt, bytes32 id) internal view returns (uint256) {
        uint40 endsAt = _cases[id].endsAt;
        return endsAt == 0 ? receipt.until : endsAt;
    }

    function _leaves(uint64 size) internal pure returns (uint256) {
        return (uint256(size) + LEAF_BYTES - 1) / LEAF_BYTES;
    }

    /// @dev Needs `index` to be one of the leaves of `size`.
    function _leafSize(uint64 size, uint256 index) internal pure returns (uint256) {
        uint256 rest = size - index * LEAF_BYTES;
        return rest < LEAF_BYTES ? rest : LEAF_BYTES;
    }

    /// @dev True if the two pledge one slot, or one unit of the stake, at one time.
    function _isPledgedTwice(
        Receipt calldata a,
        bytes32 aId,
        Receipt calldata b,
        bytes32 bId
    ) internal view returns (bool) {
        if (aId == bId || a.operator != b.operator) return false;
        if (a.from >= _end(b, bId) || b.from >= _end(a, aId)) return false;
        if (a.slot == b.slot) return true;
        (uint256 aPart, uint256 bPart) = (a.liability, b.liability);
        return a.slot * aPart < (b.slot + 1) * bPart && b.slot * bPart < (a.slot + 1) * aPart;
    }
}
