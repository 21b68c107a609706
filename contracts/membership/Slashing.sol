// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {PoseidonT2} from "poseidon-solidity/PoseidonT2.sol";
import {ISlashing} from "../interfaces/ISlashing.sol";
import {MemberSlot} from "../types/MemberSlot.sol";
import {MembershipLedger} from "./MembershipLedger.sol";

/// @dev Commit, then reveal the secret of a member.
abstract contract Slashing is ISlashing, MembershipLedger {
    struct Commitment {
        uint64 blockNumber;
        uint64 timestamp;
    }

    mapping(address slasher => mapping(bytes32 commitment => Commitment)) private _commitments;

    /// @inheritdoc ISlashing
    function commitSlash(bytes32 commitment) external {
        Commitment storage made = _commitments[msg.sender][commitment];
        // A commitment that can still be revealed keeps its age.
        if (made.timestamp != 0 && block.timestamp < uint256(made.timestamp) + commitMaxAge)
            revert AlreadyCommitted(commitment);
        _commitments[msg.sender][commitment] = Commitment(uint64(block.number), uint64(block.timestamp));
        emit SlashCommitted(commitment, msg.sender);
    }

    /// @inheritdoc ISlashing
    function slash(uint256 secret, address holder, bytes32 salt) external nonReentrant {
        if (secret >= FIELD) revert BadSecret(secret);
        _useCommitment(keccak256(abi.encode(block.chainid, address(this), msg.sender, secret, salt)));
        uint256 idCommitment = PoseidonT2.hash([secret]);
        MemberSlot m = _members[idCommitment][holder];
        State state = m.state();
        if (state != State.Active && state != State.Exited) revert NotSlashable(idCommitment, holder, state);

        _members[idCommitment][holder] = m.withState(State.Slashed);
        uint256 deposit = _deposit(m.rateLimit());
        uint256 rewarded = deposit / 2;
        uint256 burned = deposit - rewarded;
        bytes32 head = _record(SLASHED, idCommitment, holder, m);
        emit MemberSlashed(idCommitment, holder, m.index(), secret, msg.sender, burned, rewarded, head);

        _payOut(BURNED, burned);
        _payOut(msg.sender, rewarded);
    }

    /// @inheritdoc ISlashing
    function slashCommitment(
        address slasher,
        bytes32 commitment
    ) external view returns (uint64 blockNumber, uint64 timestamp) {
        Commitment memory made = _commitments[slasher][commitment];
        return (made.blockNumber, made.timestamp);
    }

    /// @dev Checks the caller's commitment and deletes it.
    function _useCommitment(bytes32 commitment) private {
        Commitment memory made = _commitments[msg.sender][commitment];
        if (made.timestamp == 0) revert UnknownCommitment(commitment);
        uint256 readyAt = uint256(made.blockNumber) + commitMinBlocks;
        if (block.number < readyAt) revert CommitmentTooYoung(commitment, readyAt);
        uint256 voidSince = uint256(made.timestamp) + commitMaxAge;
        if (block.timestamp >= voidSince) revert CommitmentTooOld(commitment, voidSince);
        delete _commitments[msg.sender][commitment];
    }
}
