// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IOperatorStaking} from "../interfaces/IOperatorStaking.sol";
import {IRetrievalCourt} from "../interfaces/IRetrievalCourt.sol";
import {MerklePath} from "./MerklePath.sol";
import {NativeCustody} from "./NativeCustody.sol";
import {Notices} from "./Notices.sol";

/// @title Retrieval
contract RetrievalCourt is Notices, NativeCustody {
    bytes32 private constant CHALLENGE_TYPEHASH = keccak256(
        "Challenge(bytes32 receipt,uint32 number,uint40 deadline)"
    );
    /// @dev A later block's hash, which nobody knows at the opening.
    uint256 private constant DRAW_AFTER = 2;
    /// @dev How far back the EVM knows hashes.
    uint256 private constant HASHES_KEPT = 256;
    /// @dev Of a whole transaction that draws and answers, rounded up (test/contracts/gas/CourtsGas.t.sol compares).
    uint256 private constant ANSWER_GAS = 80_000;
    uint256 private constant ANSWER_GAS_PER_LEVEL = 1_200;
    uint256 private constant BOND_FACTOR = 3;

    constructor(IOperatorStaking staking_, Params memory params) Notices(staking_, params) {}

    /// @inheritdoc IRetrievalCourt
    function challenge(
        Receipt calldata receipt,
        bytes calldata signature
    ) external payable nonReentrant returns (bytes32 id) {
        if (msg.sender != receipt.client) revert NotClient(receipt.client, msg.sender);
        id = _id(receipt);
        _open(receipt, id, signature);
    }

    /// @inheritdoc IRetrievalCourt
    function challengeFor(
        Receipt calldata receipt,
        bytes calldata signature,
        uint40 deadline,
        bytes calldata clientSignature
    ) external payable nonReentrant returns (bytes32 id) {
        id = _id(receipt);
        bytes32 structHash = keccak256(abi.encode(CHALLENGE_TYPEHASH, id, _cases[id].challenges, deadline));
        _requireSigned(receipt.client, _hashTypedDataV4(structHash), deadline, clientSignature);
        _open(receipt, id, signature);
    }

    /// @inheritdoc IRetrievalCourt
    function draw(Receipt calldata receipt) external returns (uint56 index) {
        bytes32 id = _id(receipt);
        Case storage c = _at(id, Stage.Open);
        (uint256 drawBlock, uint40 deadline) = (c.drawBlock, c.deadline);
        if (block.number <= drawBlock) revert TooEarlyToDraw(drawBlock, block.number);
        if (_isLapsed(drawBlock, deadline)) revert TooLateToDraw(drawBlock, deadline);

        uint256 seed = uint256(keccak256(abi.encode(blockhash(drawBlock), id)));
        index = uint56(seed % _leaves(receipt.size));
        deadline = uint40(block.timestamp) + window;
        (c.stage, c.index, c.deadline) = (Stage.Drawn, index, deadline);
        emit Drawn(id, receipt.operator, index, deadline);
    }

    /// @inheritdoc IRetrievalCourt
    function lapse(Receipt calldata receipt) external nonReentrant {
        bytes32 id = _id(receipt);
        Case storage c = _at(id, Stage.Open);
        if (!_isLapsed(c.drawBlock, c.deadline)) revert NotLapsed(c.drawBlock, c.deadline);
        (address payer, uint96 bond) = _close(c, Stage.Quiet);
        emit Lapsed(id, receipt.operator, payer, bond);
        _payNative(payer, bond);
    }

    /// @inheritdoc IRetrievalCourt
    function answer(
        Receipt calldata receipt,
        bytes calldata leaf,
        bytes32[] calldata path
    ) external nonReentrant {
        bytes32 id = _id(receipt);
        Case storage c = _at(id, Stage.Drawn);
        if (block.timestamp > c.deadline) revert TooLateToAnswer(c.deadline);
        uint56 index = c.index;
        uint256 expected = _leafSize(receipt.size, index);
        if (leaf.length != expected) revert WrongLeafSize(leaf.length, expected);
        bytes32 hash = MerklePath.hashLeaf(leaf);
        if (!MerklePath.verify(receipt.root, hash, index, _leaves(receipt.size), path)) {
            revert WrongPath(receipt.root, index);
        }

        (, uint96 bond) = _close(c, Stage.Quiet);
        address node = staking.operator(receipt.operator).node;
        emit Answered(id, receipt.operator, index, node, bond);
        _payNative(node, bond);
    }

    /// @inheritdoc IRetrievalCourt
    function convict(Receipt calldata receipt) external nonReentrant returns (uint128 slashed) {
        bytes32 id = _id(receipt);
        Case storage c = _at(id, Stage.Drawn);
        if (block.timestamp <= c.deadline) revert StillTime(c.deadline);
        uint56 index = c.index;
        (address payer, uint96 bond) = _close(c, Stage.Convicted);
        emit Unanswered(id, receipt.operator, index, payer, bond);
        // Others may have been first and left nothing; the bond comes back all the same.
        slashed = _convict(receipt.operator, id, receipt.liability, receipt.client);
        _payNative(payer, bond);
    }

    /// @inheritdoc IRetrievalCourt
    function convictPledgedTwice(
        Receipt calldata first,
        bytes calldata firstSignature,
        Receipt calldata second,
        bytes calldata secondSignature,
        address beneficiary
    ) external nonReentrant returns (uint128 slashed) {
        (bytes32 firstId, bytes32 secondId) = (_id(first), _id(second));
        _requireSigned(first, firstId, firstSignature);
        _requireSigned(second, secondId, secondSignature);
        if (!_isPledgedTwice(first, firstId, second, secondId)) revert NotPledgedTwice(firstId, secondId);
        uint256 ended = Math.max(first.until, second.until);
        if (block.timestamp >= ended) revert EvidenceExpired(ended);
        _useUp(firstId);
        _useUp(secondId);
        emit PledgedTwice(firstId, secondId, first.operator);
        uint256 both = uint256(first.liability) + second.liability;
        uint128 liability = uint128(Math.min(both, type(uint128).max));
        return _convictOfSome(first.operator, firstId, liability, beneficiary);
    }

    /// @inheritdoc IRetrievalCourt
    function isCovered(Receipt calldata receipt) external view returns (bool) {
        if (receipt.liability == 0) return false;
        uint256 settled = receipt.until + 3 * uint256(window);
        if (settled > type(uint40).max) return false;
        uint128 stake = staking.slashableUntil(receipt.operator, SERVICE, address(this), uint40(settled));
        return receipt.slot < stake / receipt.liability;
    }

    /// @inheritdoc IRetrievalCourt
    function bondFor(uint64 size) public view returns (uint256) {
        uint256 levels = Math.log2(_leaves(size), Math.Rounding.Ceil);
        return BOND_FACTOR * (ANSWER_GAS + ANSWER_GAS_PER_LEVEL * levels) * block.basefee;
    }

    function _open(Receipt calldata receipt, bytes32 id, bytes calldata signature) private {
        _requireSigned(receipt, id, signature);
        _at(id, Stage.Quiet);
        uint256 end = _end(receipt, id);
        if (block.timestamp >= end) revert NotInTerm(receipt.from, end);
        if (!_isAccepted(receipt.operator)) revert NothingAtStake(receipt.operator);
        uint256 needed = bondFor(receipt.size);
        if (msg.value < needed) revert BondTooLow(msg.value, needed);

        _start(id, receipt.operator, receipt.client, SafeCast.toUint96(msg.value));
    }

    function _start(bytes32 id, uint32 operator, address client, uint96 bond) private {
        Case storage c = _cases[id];
        uint40 drawBlock = uint40(block.number + DRAW_AFTER);
        uint40 deadline = uint40(block.timestamp) + window;
        uint32 number = c.challenges;
        (c.payer, c.bond) = (msg.sender, bond);
        (c.stage, c.drawBlock, c.deadline, c.challenges) = (Stage.Open, drawBlock, deadline, number + 1);
        emit Challenged(id, operator, client, msg.sender, bond, drawBlock, deadline, number);
    }

    /// @dev Ends a challenge; the bond is the caller's to pay out.
    function _close(Case storage c, Stage stage) private returns (address payer, uint96 bond) {
        (payer, bond) = (c.payer, c.bond);
        (c.payer, c.bond) = (address(0), 0);
        c.stage = stage;
    }

    /// @dev A receipt that is convicted otherwise can't be asked any more; who asked gets the bond back.
    function _useUp(bytes32 id) private {
        Case storage c = _cases[id];
        if (c.stage == Stage.Convicted) revert AlreadyConvicted(id);
        (address payer, uint96 bond) = _close(c, Stage.Convicted);
        _keepNative(payer, bond);
    }

    function _isLapsed(uint256 drawBlock, uint40 deadline) private view returns (bool) {
        return block.number > drawBlock + HASHES_KEPT || block.timestamp > deadline;
    }
}
