// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IOperatorStaking} from "../interfaces/IOperatorStaking.sol";
import {IRetrievalCourt} from "../interfaces/IRetrievalCourt.sol";
import {ITokenCustody} from "../interfaces/ITokenCustody.sol";
import {TokenCustody} from "../libraries/TokenCustody.sol";
import {Adjudicator} from "./Adjudicator.sol";
import {StorageReceipts} from "./StorageReceipts.sol";

/// @dev How an operator ends a promise early, at a price.
abstract contract Notices is StorageReceipts, TokenCustody {
    bytes32 private constant NOTICE_TYPEHASH = keccak256("Notice(bytes32 receipt,uint40 deadline)");
    uint256 private constant MAX_PENALTY_BPS = 1_000;

    /// @inheritdoc IRetrievalCourt
    uint40 public immutable window;
    /// @inheritdoc IRetrievalCourt
    uint40 public immutable noticeDelay;
    /// @inheritdoc IRetrievalCourt
    uint16 public immutable penaltyBps;

    constructor(
        IOperatorStaking staking_,
        Params memory params
    )
        Adjudicator(staking_, params.maxTerm, params.rewardBps)
        TokenCustody(ITokenCustody(address(staking_)).token())
        EIP712("Teahouse RetrievalCourt", "1")
    {
        if (params.window == 0) revert BadParameter("window");
        if (params.penaltyBps > MAX_PENALTY_BPS) revert BadParameter("penaltyBps");
        window = params.window;
        noticeDelay = params.noticeDelay;
        penaltyBps = params.penaltyBps;
    }

    /// @inheritdoc IRetrievalCourt
    function giveNotice(Receipt calldata receipt) external nonReentrant returns (uint40 endsAt) {
        return _giveNotice(receipt, _id(receipt), msg.sender);
    }

    /// @inheritdoc IRetrievalCourt
    function giveNoticeFor(
        Receipt calldata receipt,
        address signer,
        uint40 deadline,
        bytes calldata signature
    ) external nonReentrant returns (uint40 endsAt) {
        bytes32 id = _id(receipt);
        bytes32 structHash = keccak256(abi.encode(NOTICE_TYPEHASH, id, deadline));
        _requireSigned(signer, _hashTypedDataV4(structHash), deadline, signature);
        return _giveNotice(receipt, id, signer);
    }

    function _giveNotice(
        Receipt calldata receipt,
        bytes32 id,
        address signer
    ) private returns (uint40 endsAt) {
        IOperatorStaking.Operator memory op = staking.operator(receipt.operator);
        if (signer != op.owner && signer != op.node) revert NotOwnerOrNode(receipt.operator, signer);
        _requireSound(receipt, id);
        Case storage c = _cases[id];
        if (c.stage == Stage.Convicted) revert AlreadyConvicted(id);
        if (c.endsAt != 0) revert AlreadyEnding(c.endsAt);
        endsAt = uint40(block.timestamp) + window + noticeDelay;
        if (endsAt >= receipt.until) revert EndsAnyway(endsAt, receipt.until);

        c.endsAt = endsAt;
        uint256 penalty = Math.mulDiv(receipt.liability, penaltyBps, BPS, Math.Rounding.Ceil);
        emit Ending(id, receipt.operator, receipt.client, endsAt, uint128(penalty));
        _takeIn(msg.sender, penalty);
        _payOut(receipt.client, penalty);
    }
}
