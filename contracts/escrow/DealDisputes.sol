// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IEscrow} from "../interfaces/IEscrow.sol";
import {DealLedger} from "./DealLedger.sol";
import {pack} from "./DealSlot.sol";
import {DealTerms} from "./DealTerms.sol";

/// @dev From a dispute to its ruling.
abstract contract DealDisputes is DealLedger {
    using DealTerms for Terms;

    /// @inheritdoc IEscrow
    function dispute(Terms calldata terms) external nonReentrant {
        _dispute(dealId(terms), terms, msg.sender, msg.sender);
    }

    /// @inheritdoc IEscrow
    function disputeFor(
        Terms calldata terms,
        address party,
        address advancer,
        uint40 deadline,
        bytes calldata signature
    ) external nonReentrant {
        bytes32 id = dealId(terms);
        if (advancer != party && advancer != msg.sender) revert NotAllowed(id, advancer);
        bytes32 digest = actDigest(Act.Dispute, id, uint160(advancer), deadline);
        _requireSigned(party, digest, deadline, signature);
        _dispute(id, terms, party, advancer);
    }

    /// @inheritdoc IEscrow
    function answer(Terms calldata terms) external nonReentrant {
        _answer(dealId(terms), terms, msg.sender);
    }

    /// @inheritdoc IEscrow
    function answerFor(
        Terms calldata terms,
        address advancer,
        uint40 deadline,
        bytes calldata signature
    ) external nonReentrant {
        bytes32 id = dealId(terms);
        _requireAct(Act.Answer, id, advancer, deadline, signature);
        _answer(id, terms, advancer);
    }

    /// @inheritdoc IEscrow
    function rule(Terms calldata terms, uint128 payeeAmount) external nonReentrant {
        bytes32 id = dealId(terms);
        if (msg.sender != terms.arbiter) revert NotAllowed(id, msg.sender);
        _rule(id, terms, payeeAmount);
    }

    /// @inheritdoc IEscrow
    function ruleFor(
        Terms calldata terms,
        uint128 payeeAmount,
        uint40 deadline,
        bytes calldata signature
    ) external nonReentrant {
        bytes32 id = dealId(terms);
        bytes32 digest = actDigest(Act.Ruling, id, payeeAmount, deadline);
        _requireSigned(terms.arbiter, digest, deadline, signature);
        _rule(id, terms, payeeAmount);
    }

    function _dispute(bytes32 id, Terms calldata terms, address party, address advancer) private {
        bool byPayee = party == terms.payee;
        if (!byPayee && party != terms.payer) revert NotAllowed(id, party);
        Deal memory d = _deals[id].unpack();
        if (d.state != State.Funded) revert WrongState(id, d.state);
        if (terms.arbiter == address(0)) revert NoArbiter(id);
        _requireInTime(id, terms, d);

        bool bonded = terms.bond != 0;
        uint40 endsAt = uint40(block.timestamp) + (bonded ? terms.disputeWindow : terms.rulingWindow);
        _deals[id] = pack(bonded ? State.Challenged : State.Disputed, byPayee, endsAt, d.left);
        emit DealDisputed(id, party, bonded ? advancer : address(0), endsAt);

        if (bonded) _deposit(id, terms, byPayee, advancer);
    }

    function _answer(bytes32 id, Terms calldata terms, address advancer) private {
        Deal memory d = _deals[id].unpack();
        if (d.state != State.Challenged) revert WrongState(id, d.state);
        _requireInTime(id, terms, d);

        uint40 endsAt = uint40(block.timestamp) + terms.rulingWindow;
        _deals[id] = pack(State.Disputed, d.byPayee, endsAt, d.left);
        emit DisputeAnswered(id, advancer, endsAt);

        _deposit(id, terms, !d.byPayee, advancer);
    }

    /// @dev Takes a bond, and notes whom it goes back to.
    function _deposit(bytes32 id, Terms calldata terms, bool ofPayee, address advancer) private {
        if (ofPayee) _bonds[id].forPayee = advancer;
        else _bonds[id].forPayer = advancer;
        _takeIn(advancer, terms.bond);
    }

    function _rule(bytes32 id, Terms calldata terms, uint128 payeeAmount) private {
        Deal memory d = _deals[id].unpack();
        if (d.state != State.Disputed) revert WrongState(id, d.state);
        _requireInTime(id, terms, d);
        (uint128 fee, uint128 available) = (terms.arbiterFee, d.left);
        if (terms.bond == 0) {
            if (fee > available) fee = available;
            available -= fee;
        }
        if (payeeAmount > available) revert BadSplit(id, payeeAmount, 0, available);
        _close(id, terms, d, Outcome.Ruled, payeeAmount, fee, 0);
    }
}
