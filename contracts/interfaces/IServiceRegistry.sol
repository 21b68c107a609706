// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IOperatorStaking} from "./IOperatorStaking.sol";
import {ISigned} from "./ISigned.sol";

/// @title Where operators can be reached and what they serve
/// @notice Records live in events; the chain keeps one hash of each, so that a copy can be checked.
interface IServiceRegistry is ISigned {
    /// @notice How a node is reached, and what it serves.
    /// @param peerId libp2p peer id as multihash bytes, 1 to 64
    /// @param multiaddrs where the node listens, as text, without the peer id: 1 to 16 of 1 to 256 bytes
    /// @param services bits: 1 relay, 2 store, 4 filter, 8 light push
    /// @param clusterId the network that the node serves
    /// @param priceHint price of a store query, in the token's smallest unit; an offer of the node is what binds
    struct Record {
        bytes peerId;
        string[] multiaddrs;
        uint32 services;
        uint32 clusterId;
        uint128 priceHint;
    }

    /// @notice The newest one of an operator counts, and replaces those before it.
    /// @param operatorId who serves
    /// @param node address of the node key at the time; the peer id must belong to the same key
    /// The rest is the record.
    event ServiceAnnounced(
        uint32 indexed operatorId,
        address indexed node,
        bytes peerId,
        string[] multiaddrs,
        uint32 services,
        uint32 clusterId,
        uint128 priceHint
    );
    event ServiceRetired(uint32 indexed operatorId);

    error NotOwnerOrNode(uint32 operatorId, address caller);
    error StakeTooLow(uint32 operatorId, uint128 staked, uint128 minimum);
    error BadPeerId(uint256 bytes_);
    error BadMultiaddrs(uint256 count);
    error BadMultiaddr(uint256 index, uint256 bytes_);
    error NotAnnounced(uint32 operatorId);

    /// @notice Owner or node key of `operatorId`, with at least the minimum stake.
    function announce(uint32 operatorId, Record calldata record) external;

    /// @notice `announce` for `signer`, owner or node key, who signed `Announce(uint32 operatorId,bytes peerId,string[] multiaddrs,
    /// uint32 services,uint32 clusterId,uint128 priceHint,…)` (without a line break).
    function announceFor(
        address signer,
        uint32 operatorId,
        Record calldata record,
        uint40 deadline,
        bytes calldata signature
    ) external;

    /// @notice Owner or node key: the operator serves no longer. Needs no stake.
    function retire(uint32 operatorId) external;

    /// @notice `retire` for `signer`, owner or node key, who signed `Retire(uint32 operatorId,…)`.
    function retireFor(address signer, uint32 operatorId, uint40 deadline, bytes calldata signature) external;

    /// @notice keccak256 of the ABI-encoded newest record
    /// `(node, peerId, multiaddrs, services, clusterId, priceHint)`; 0 if none or retired.
    function recordHash(uint32 operatorId) external view returns (bytes32);

    /// @notice Whose operators may announce.
    function staking() external view returns (IOperatorStaking);
}
