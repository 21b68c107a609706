// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

/// @dev The tree of docs/wire/receipt.md: a leaf is keccak256(0x00 ‖ data), a node keccak256(0x01 ‖ left ‖ right), and a last
/// node without a sibling moves up as it is. The shape follows from the number of leaves, which is signed with the root.
library MerklePath {
    function hashLeaf(bytes calldata data) internal pure returns (bytes32 leaf) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore8(free, 0)
            calldatacopy(add(free, 1), data.offset, data.length)
            leaf := keccak256(free, add(data.length, 1))
        }
    }

    function hashLeaf(bytes32 data) internal pure returns (bytes32 leaf) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore8(0, 0)
            mstore(1, data)
            leaf := keccak256(0, 33)
        }
    }

    function hashNode(bytes32 left, bytes32 right) internal pure returns (bytes32 node) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore8(free, 1)
            mstore(add(free, 1), left)
            mstore(add(free, 33), right)
            node := keccak256(free, 65)
        }
    }

    /// @dev True if `leaf` is number `index` of the `count` under `root`; the caller ensures that `index` is below `count`. A path
    /// has one node for each level with a sibling, lowest first, and no more.
    function verify(
        bytes32 root,
        bytes32 leaf,
        uint256 index,
        uint256 count,
        bytes32[] calldata path
    ) internal pure returns (bool) {
        bytes32 node = leaf;
        uint256 used;
        for (uint256 last = count - 1; last != 0; last >>= 1) {
            bool isRight = index & 1 == 1;
            if (isRight || index < last) {
                if (used == path.length) return false;
                bytes32 sibling = path[used++];
                node = isRight ? hashNode(sibling, node) : hashNode(node, sibling);
            }
            index >>= 1;
        }
        return used == path.length && node == root;
    }
}
