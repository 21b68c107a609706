// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IOperatorStaking} from "../interfaces/IOperatorStaking.sol";
import {IServiceRegistry} from "../interfaces/IServiceRegistry.sol";

/// @title Where operators can be reached and what they serve
contract ServiceRegistry is IServiceRegistry {
    uint256 private constant MAX_PEER_ID_BYTES = 64;
    uint256 private constant MAX_MULTIADDRS = 16;
    uint256 private constant MAX_MULTIADDR_BYTES = 256;

    /// @inheritdoc IServiceRegistry
    IOperatorStaking public immutable staking;

    /// @inheritdoc IServiceRegistry
    mapping(uint32 operatorId => bytes32) public recordHash;

    constructor(IOperatorStaking staking_) {
        staking = staking_;
    }

    /// @inheritdoc IServiceRegistry
    function announce(
        uint32 operatorId,
        bytes calldata peerId,
        string[] calldata multiaddrs,
        uint32 services,
        uint32 clusterId,
        uint128 priceHint
    ) external {
        IOperatorStaking.Operator memory op = _authorize(operatorId);
        if (op.staked < staking.minimumStake())
            revert StakeTooLow(operatorId, op.staked, staking.minimumStake());
        _checkBounds(peerId, multiaddrs);

        recordHash[operatorId] = keccak256(
            abi.encode(op.node, peerId, multiaddrs, services, clusterId, priceHint)
        );
        emit ServiceAnnounced(operatorId, op.node, peerId, multiaddrs, services, clusterId, priceHint);
    }

    /// @inheritdoc IServiceRegistry
    function retire(uint32 operatorId) external {
        _authorize(operatorId);
        if (recordHash[operatorId] == 0) revert NotAnnounced(operatorId);
        delete recordHash[operatorId];
        emit ServiceRetired(operatorId);
    }

    function _authorize(uint32 operatorId) private view returns (IOperatorStaking.Operator memory op) {
        op = staking.operator(operatorId);
        if (msg.sender != op.owner && msg.sender != op.node) revert NotOwnerOrNode(operatorId, msg.sender);
    }

    function _checkBounds(bytes calldata peerId, string[] calldata multiaddrs) private pure {
        if (peerId.length == 0 || peerId.length > MAX_PEER_ID_BYTES) revert BadPeerId(peerId.length);
        uint256 count = multiaddrs.length;
        if (count == 0 || count > MAX_MULTIADDRS) revert BadMultiaddrs(count);
        for (uint256 i = 0; i < count; ++i) {
            uint256 size = bytes(multiaddrs[i]).length;
            if (size == 0 || size > MAX_MULTIADDR_BYTES) revert BadMultiaddr(i, size);
        }
    }
}
