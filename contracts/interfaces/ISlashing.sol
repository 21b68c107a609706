// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IMembershipRegistry} from "./IMembershipRegistry.sol";

/// @title Slashing by the revealed secret
/// @notice Who sends more than its limit in an epoch gives its secret away; whoever reveals it first takes half of the
/// deposit. A commitment made before keeps a reveal from being copied on its way.
interface ISlashing {
    /// @notice From `commitMinBlocks` blocks later, and until `commitMaxAge` seconds later, `slasher` may reveal.
    event SlashCommitted(bytes32 indexed commitment, address indexed slasher);
    /// @notice The leaf is zero from here on, and `secret` is everybody's. Amounts in the token's smallest unit.
    event MemberSlashed(
        uint256 indexed idCommitment,
        address indexed holder,
        uint32 index,
        uint256 secret,
        address slasher,
        uint256 burned,
        uint256 rewarded,
        bytes32 ledger
    );

    /// @notice Not below the order of the BN254 scalar field.
    error BadSecret(uint256 secret);
    /// @notice There is no such member, or its deposit is gone.
    error NotSlashable(uint256 idCommitment, address holder, IMembershipRegistry.State state);
    /// @notice The caller made it before, and can still reveal it.
    error AlreadyCommitted(bytes32 commitment);
    /// @notice The caller has not made it.
    error UnknownCommitment(bytes32 commitment);
    error CommitmentTooYoung(bytes32 commitment, uint256 readyAtBlock);
    /// @param voidSince unix seconds
    error CommitmentTooOld(bytes32 commitment, uint256 voidSince);

    /// @notice Keeps `commitment` for the caller. A void one may be made again.
    /// @param commitment keccak256(abi.encode(chain id, this contract, caller, secret, salt))
    function commitSlash(bytes32 commitment) external;

    /// @notice Takes the deposit of the member whose secret is revealed, until it is withdrawn. The first valid reveal
    /// wins. Half, rounded up, is burned, the rest is the caller's.
    function slash(uint256 secret, address holder, bytes32 salt) external;

    /// @notice Block and time (unix seconds) of a slasher's commitment, zeros if none.
    function slashCommitment(
        address slasher,
        bytes32 commitment
    ) external view returns (uint64 blockNumber, uint64 timestamp);
}
