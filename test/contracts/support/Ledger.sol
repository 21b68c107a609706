// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

/// @dev The ledger word after a change: 28 bytes of the hash over all changes, and the number of members.
function nextLedger(
    bytes32 ledger,
    uint8 kind,
    uint32 index,
    uint256 id,
    address holder,
    uint16 limit,
    uint40 expiry
) pure returns (bytes32) {
    bytes32 hash = keccak256(abi.encode(ledger, kind, index, id, holder, limit, expiry));
    uint32 members = uint32(uint256(ledger)) + (kind == 1 ? 1 : 0);
    return bytes32((uint256(hash) & ~uint256(type(uint32).max)) | members);
}
