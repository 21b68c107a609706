// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

/// @dev The tree of docs/wire/receipt.md by its definition: the left part is the largest power of two of leaves below all.
/// Written apart from the contracts, to compare them with it.
library Trees {
    uint256 internal constant LEAF_BYTES = 256;

    function root(bytes[] memory leaves) internal pure returns (bytes32) {
        return rootOf(leaves, 0, leaves.length);
    }

    /// @dev Siblings of leaf `index`, lowest first.
    function path(bytes[] memory leaves, uint256 index) internal pure returns (bytes32[] memory siblings) {
        siblings = pathOf(leaves, index, 0, leaves.length);
    }

    /// @dev Cuts content into leaves.
    function cut(bytes memory data) internal pure returns (bytes[] memory leaves) {
        leaves = new bytes[]((data.length + LEAF_BYTES - 1) / LEAF_BYTES);
        for (uint256 i = 0; i < leaves.length; ++i) {
            uint256 from = i * LEAF_BYTES;
            uint256 size = data.length - from;
            if (size > LEAF_BYTES) size = LEAF_BYTES;
            bytes memory leaf = new bytes(size);
            for (uint256 j = 0; j < size; ++j) leaf[j] = data[from + j];
            leaves[i] = leaf;
        }
    }

    /// @dev Content that differs from leaf to leaf.
    function content(uint256 size) internal pure returns (bytes memory data) {
        data = new bytes(size);
        for (uint256 i = 0; i < size; ++i) data[i] = bytes1(uint8(i * 31 + (i >> 8) * 7));
    }

    function rootOf(bytes[] memory leaves, uint256 from, uint256 count) private pure returns (bytes32) {
        if (count == 1) return keccak256(abi.encodePacked(bytes1(0x00), leaves[from]));
        uint256 left = split(count);
        return
            keccak256(
                abi.encodePacked(
                    bytes1(0x01),
                    rootOf(leaves, from, left),
                    rootOf(leaves, from + left, count - left)
                )
            );
    }

    function pathOf(
        bytes[] memory leaves,
        uint256 index,
        uint256 from,
        uint256 count
    ) private pure returns (bytes32[] memory) {
        if (count == 1) return new bytes32[](0);
        uint256 left = split(count);
        if (index < left) {
            return append(pathOf(leaves, index, from, left), rootOf(leaves, from + left, count - left));
        }
        return append(pathOf(leaves, index - left, from + left, count - left), rootOf(leaves, from, left));
    }

    function split(uint256 count) private pure returns (uint256 left) {
        left = 1;
        while (left * 2 < count) left *= 2;
    }

    function append(bytes32[] memory list, bytes32 item) private pure returns (bytes32[] memory longer) {
        longer = new bytes32[](list.length + 1);
        for (uint256 i = 0; i < list.length; ++i) longer[i] = list[i];
        longer[list.length] = item;
    }
}
