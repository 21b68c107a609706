// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IEscrow} from "../interfaces/IEscrow.sol";
import {TokenCustody} from "../libraries/TokenCustody.sol";
import {DealDisputes} from "./DealDisputes.sol";
import {DealEvaluation} from "./DealEvaluation.sol";
import {pack} from "./DealSlot.sol";
import {DealTerms} from "./DealTerms.sol";

/// @title Deals between two parties: what they do by themselves, and what time does
contract Escrow is DealDisputes, DealEvaluation {
    using DealTerms for Terms;

    constructor(IERC20 token_) TokenCustody(token_) {}

    /// @inheritdoc IEscrow
    function fund(Terms calldata terms) external nonReentrant returns (bytes32 id) {
        id = dealId(terms);
        if (msg.sender != terms.payer) revert NotAllowed(id, msg.sender);
        _fund(id, terms);
    }

    /// @inheritdoc IEscrow
    function fundFor(
        Terms calldata terms,
        uint40 deadline,
        bytes calldata signature
    ) external nonReentrant returns (bytes32 id) {
        id = dealId(terms);
        _requireSigned(terms.payer, fundingDigest(terms, deadline), deadline, signature);
        _fund(id, terms);
    }

    /// @inheritdoc IEscrow
    function accept(Terms calldata terms) external nonReentrant {
        bytes32 id = dealId(terms);
        if (msg.sender != terms.payee) revert NotAllowed(id, msg.sender);
        _accept(id, terms);
    }

    /// @inheritdoc IEscrow
    function acceptFor(
        Terms calldata terms,
        uint40 deadline,
        bytes calldata signature
    ) external nonReentrant {
        bytes32 id = dealId(terms);
        _requireAct(Act.Acceptance, id, terms.payee, deadline, signature);
        _accept(id, terms);
    }

    /// @inheritdoc IEscrow
    function release(Terms calldata terms) external nonReentrant {
        bytes32 id = dealId(terms);
        if (msg.sender != terms.payer) revert NotAllowed(id, msg.sender);
        _release(id, terms);
    }

    /// @inheritdoc IEscrow
    function releaseFor(
        Terms calldata terms,
        uint40 deadline,
        bytes calldata signature
    ) external nonReentrant {
        bytes32 id = dealId(terms);
        _requireAct(Act.Release, id, terms.payer, deadline, signature);
        _release(id, terms);
    }

    /// @inheritdoc IEscrow
    function releasePart(Terms calldata terms, uint128 total) external nonReentrant {
        bytes32 id = dealId(terms);
        if (msg.sender != terms.payer) revert NotAllowed(id, msg.sender);
        _releasePart(id, terms, total);
    }

    /// @inheritdoc IEscrow
    function releasePartFor(
        Terms calldata terms,
        uint128 total,
        uint40 deadline,
        bytes calldata signature
    ) external nonReentrant {
        bytes32 id = dealId(terms);
        bytes32 digest = actDigest(Act.PartRelease, id, total, deadline);
        _requireSigned(terms.payer, digest, deadline, signature);
        _releasePart(id, terms, total);
    }

    /// @inheritdoc IEscrow
    function refund(Terms calldata terms) external nonReentrant {
        bytes32 id = dealId(terms);
        bool isPayee = msg.sender == terms.payee;
        if (!isPayee && !(msg.sender == terms.payer && _deals[id].unpack().state == State.Offered))
            revert NotAllowed(id, msg.sender);
        _refund(id, terms);
    }

    /// @inheritdoc IEscrow
    function refundFor(
        Terms calldata terms,
        uint40 deadline,
        bytes calldata signature
    ) external nonReentrant {
        bytes32 id = dealId(terms);
        bytes32 digest = actDigest(Act.Refund, id, 0, deadline);
        bool offered = _deals[id].unpack().state == State.Offered;
        bool byPayer = offered && _hasSigned(terms.payer, digest, signature);
        _requireSigned(byPayer ? terms.payer : terms.payee, digest, deadline, signature);
        _refund(id, terms);
    }

    /// @inheritdoc IEscrow
    function settle(
        Terms calldata terms,
        uint128 payeeAmount,
        uint40 deadline,
        bytes calldata payerSignature,
        bytes calldata payeeSignature
    ) external nonReentrant {
        bytes32 id = dealId(terms);
        Deal memory d = _requireOpen(id);
        uint128 paid = terms.pot() - d.left;
        if (payeeAmount < paid || payeeAmount > terms.pot())
            revert BadSplit(id, payeeAmount, paid, terms.pot());
        bytes32 digest = actDigest(Act.Settlement, id, payeeAmount, deadline);
        if (msg.sender != terms.payer) _requireSigned(terms.payer, digest, deadline, payerSignature);
        if (msg.sender != terms.payee) _requireSigned(terms.payee, digest, deadline, payeeSignature);
        _close(id, terms, d, Outcome.Settled, payeeAmount - paid, 0, 0);
    }

    /// @inheritdoc IEscrow
    function expire(Terms calldata terms) external nonReentrant {
        bytes32 id = dealId(terms);
        Deal memory d = _deals[id].unpack();
        if (d.state == State.None || d.state == State.Closed) revert WrongState(id, d.state);
        uint256 end = _endOf(terms, d);
        if (block.timestamp <= end) revert TooEarly(id, end + 1);

        if (d.state == State.Offered) return _close(id, terms, d, Outcome.Refunded, 0, 0, 0);
        if (d.state == State.Challenged)
            return _close(id, terms, d, Outcome.Unanswered, d.byPayee ? d.left : 0, 0, 0);
        if (d.state == State.Funded && terms.evaluator == address(0))
            return _closeInFull(id, terms, d, Outcome.Accepted);
        uint128 toPayee = uint128((uint256(d.left) * terms.defaultToPayee) / DealTerms.BPS);
        _close(id, terms, d, Outcome.Defaulted, toPayee, 0, 0);
    }

    function _fund(bytes32 id, Terms calldata terms) private {
        terms.requireSane();
        if (!_deals[id].isEmpty()) revert WrongState(id, _deals[id].unpack().state);

        _deals[id] =
            terms.collateral == 0
                ? pack(State.Funded, false, 0, terms.amount)
                : pack(State.Offered, false, terms.acceptBy(), terms.amount);
        terms.emitFunded(id);

        _takeIn(terms.payer, terms.amount);
    }

    function _accept(bytes32 id, Terms calldata terms) private {
        Deal memory d = _deals[id].unpack();
        if (d.state != State.Offered) revert WrongState(id, d.state);
        _requireInTime(id, terms, d);

        uint128 pot = terms.pot();
        _deals[id] = pack(State.Funded, false, 0, pot);
        emit DealAccepted(id, pot);

        _takeIn(terms.payee, terms.collateral);
    }

    function _release(bytes32 id, Terms calldata terms) private {
        _closeInFull(id, terms, _requireOpen(id), Outcome.Released);
    }

    function _releasePart(bytes32 id, Terms calldata terms, uint128 total) private {
        Deal memory d = _deals[id].unpack();
        if (d.state != State.Funded) revert WrongState(id, d.state);
        _payPart(id, terms, d, total);
    }

    function _refund(bytes32 id, Terms calldata terms) private {
        Deal memory d = _deals[id].unpack();
        if (d.state == State.None || d.state == State.Closed) revert WrongState(id, d.state);
        _close(id, terms, d, Outcome.Refunded, 0, 0, 0);
    }

    /// @dev Everything to the payee, less the app fee if the deal was never disputed.
    function _closeInFull(bytes32 id, Terms calldata terms, Deal memory d, Outcome outcome) private {
        uint128 toApp = d.state == State.Funded ? terms.appFee(terms.pot() - d.left, d.left) : 0;
        _close(id, terms, d, outcome, d.left - toApp, 0, toApp);
    }
}
