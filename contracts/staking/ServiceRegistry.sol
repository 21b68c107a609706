// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IOperatorStaking} from "../interfaces/IOperatorStaking.sol";
import {IServiceRegistry} from "../interfaces/IServiceRegistry.sol";
import {Relayed} from "./Relayed.sol";

/// @title Where operators can be reached and what they serve
contract ServiceRegistry is IServiceRegistry, Relayed {
    bytes32 private constant ANNOUNCE_TYPEHASH = keccak256(
        "Announce(uint32 operatorId,bytes peerId,string[] multiaddrs,uint32 services,uint32 clusterId,uint128 priceHint,uint256 nonce,uint40 deadline)"
    );
    bytes32 private constant RETIRE_TYPEHASH = keccak256(
        "Retire(uint32 operatorId,uint256 nonce,uint40 deadline)"
    );
    uint256 private constant MAX_PEER_ID_BYTES = 64;
    uint256 private constant MAX_MULTIADDRS = 16;
    uint256 private constant MAX_MULTIADDR_BYTES = 256;

    /// @inheritdoc IServiceRegistry
    IOperatorStaking public immutable staking;

    /// @inheritdoc IServiceRegistry
    mapping(uint32 operatorId => bytes32) public recordHash;

    constructor(IOperatorStaking staking_) EIP712("Teahouse ServiceRegistry", "1") {
        staking = staking_;
    }

    /// @inheritdoc IServiceRegistry
    function announce(uint32 operatorId, Record calldata record) external {
        _announce(msg.sender, operatorId, record);
    }

    /// @inheritdoc IServiceRegistry
    function announceFor(
        address signer,
        uint32 operatorId,
        Record calldata record,
        uint40 deadline,
        bytes calldata signature
    ) external {
        bytes memory head = abi.encode(
            ANNOUNCE_TYPEHASH,
            operatorId,
            keccak256(record.peerId),
            _hash(record.multiaddrs),
            record.services,
            record.clusterId,
            record.priceHint
        );
        _useSignature(signer, head, deadline, signature);
        _announce(signer, operatorId, record);
    }

    /// @inheritdoc IServiceRegistry
    function retire(uint32 operatorId) external {
        _retire(msg.sender, operatorId);
    }

    /// @inheritdoc IServiceRegistry
    function retireFor(
        address signer,
        uint32 operatorId,
        uint40 deadline,
        bytes calldata signature
    ) external {
        _useSignature(signer, abi.encode(RETIRE_TYPEHASH, operatorId), deadline, signature);
        _retire(signer, operatorId);
    }

    function _announce(address caller, uint32 operatorId, Record calldata record) private {
        IOperatorStaking.Operator memory op = _authorize(caller, operatorId);
        if (op.staked < staking.minimumStake())
            revert StakeTooLow(operatorId, op.staked, staking.minimumStake());
        _checkBounds(record.peerId, record.multiaddrs);

        recordHash[operatorId] = keccak256(
            abi.encode(
                op.node,
                record.peerId,
                record.multiaddrs,
                record.services,
                record.clusterId,
                record.priceHint
            )
        );
        emit ServiceAnnounced(
            operatorId,
            op.node,
            record.peerId,
            record.multiaddrs,
            record.services,
            record.clusterId,
            record.priceHint
        );
    }

    function _retire(address caller, uint32 operatorId) private {
        _authorize(caller, operatorId);
        if (recordHash[operatorId] == 0) revert NotAnnounced(operatorId);
        delete recordHash[operatorId];
        emit ServiceRetired(operatorId);
    }

    function _authorize(
        address caller,
        uint32 operatorId
    ) private view returns (IOperatorStaking.Operator memory op) {
        op = staking.operator(operatorId);
        if (caller != op.owner && caller != op.node) revert NotOwnerOrNode(operatorId, caller);
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

    /// @dev EIP-712 hash of a list of strings.
    function _hash(string[] calldata texts) private pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](texts.length);
        for (uint256 i = 0; i < texts.length; ++i) hashes[i] = keccak256(bytes(texts[i]));
        return keccak256(abi.encodePacked(hashes));
    }
}
