// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {IEscrow} from "../interfaces/IEscrow.sol";
import {TokenCustody} from "../libraries/TokenCustody.sol";

/// @title Deals between two parties, with an arbiter for disputes
contract Escrow is IEscrow, TokenCustody, EIP712 {
    uint256 private constant BPS = 10_000;
    uint16 private constant MAX_APP_FEE_BPS = 1_000;
    bytes32 private constant TERMS_TYPEHASH = keccak256(
        "Terms(address payer,address payee,address arbiter,uint128 amount,uint40 deliverBy,uint40 disputeWindow,uint40 rulingWindow,uint16 defaultToPayee,uint128 arbiterFee,address appFeeRecipient,uint16 appFeeBps,bytes32 salt)"
    );
    bytes32 private constant SETTLEMENT_TYPEHASH = keccak256("Settlement(bytes32 deal,uint128 payeeAmount)");

    mapping(bytes32 id => Deal) private _deals;

    constructor(IERC20 token_) TokenCustody(token_) EIP712("Teahouse Escrow", "1") {}

    /// @inheritdoc IEscrow
    function fund(Terms calldata terms) external nonReentrant returns (bytes32 id) {
        id = dealId(terms);
        if (msg.sender != terms.payer) revert NotAllowed(id, msg.sender);
        _requireSane(terms);
        State state = _deals[id].state;
        if (state != State.None) revert WrongState(id, state);

        _deals[id].state = State.Funded;
        emit DealFunded(id, terms.payer, terms.payee, terms);

        _takeIn(msg.sender, terms.amount);
    }

    /// @inheritdoc IEscrow
    function release(Terms calldata terms) external nonReentrant {
        bytes32 id = dealId(terms);
        if (msg.sender != terms.payer) revert NotAllowed(id, msg.sender);
        State state = _requireOpen(id);
        _closeInFull(id, terms, Outcome.Released, state == State.Funded);
    }

    /// @inheritdoc IEscrow
    function refund(Terms calldata terms) external nonReentrant {
        bytes32 id = dealId(terms);
        if (msg.sender != terms.payee) revert NotAllowed(id, msg.sender);
        _requireOpen(id);
        _close(id, terms, Outcome.Refunded, 0, 0, 0);
    }

    /// @inheritdoc IEscrow
    function settle(
        Terms calldata terms,
        uint128 payeeAmount,
        bytes calldata payerSignature,
        bytes calldata payeeSignature
    ) external nonReentrant {
        bytes32 id = dealId(terms);
        _requireOpen(id);
        if (payeeAmount > terms.amount) revert SplitTooLarge(id, payeeAmount, terms.amount);
        bytes32 digest = settlementDigest(id, payeeAmount);
        _requireConsent(id, terms.payer, digest, payerSignature);
        _requireConsent(id, terms.payee, digest, payeeSignature);
        _close(id, terms, Outcome.Settled, payeeAmount, 0, 0);
    }

    /// @inheritdoc IEscrow
    function dispute(Terms calldata terms) external {
        bytes32 id = dealId(terms);
        if (msg.sender != terms.payer && msg.sender != terms.payee) revert NotAllowed(id, msg.sender);
        State state = _deals[id].state;
        if (state != State.Funded) revert WrongState(id, state);
        uint256 until = uint256(terms.deliverBy) + terms.disputeWindow;
        if (block.timestamp > until) revert TooLate(id, until);

        uint40 rulingEndsAt = uint40(block.timestamp + terms.rulingWindow);
        _deals[id] = Deal(State.Disputed, rulingEndsAt);
        emit DealDisputed(id, msg.sender, rulingEndsAt);
    }

    /// @inheritdoc IEscrow
    function rule(Terms calldata terms, uint128 payeeAmount) external nonReentrant {
        bytes32 id = dealId(terms);
        if (msg.sender != terms.arbiter) revert NotAllowed(id, msg.sender);
        Deal memory d = _deals[id];
        if (d.state != State.Disputed) revert WrongState(id, d.state);
        if (block.timestamp > d.rulingEndsAt) revert TooLate(id, d.rulingEndsAt);
        uint128 available = terms.amount - terms.arbiterFee;
        if (payeeAmount > available) revert SplitTooLarge(id, payeeAmount, available);
        _close(id, terms, Outcome.Ruled, payeeAmount, terms.arbiterFee, 0);
    }

    /// @inheritdoc IEscrow
    function expire(Terms calldata terms) external nonReentrant {
        bytes32 id = dealId(terms);
        _requireOpen(id);
        Deal memory d = _deals[id];
        bool disputed = d.state == State.Disputed;
        uint256 end = disputed ? d.rulingEndsAt : uint256(terms.deliverBy) + terms.disputeWindow;
        if (block.timestamp <= end) revert TooEarly(id, end + 1);
        if (!disputed) return _closeInFull(id, terms, Outcome.Accepted, true);
        uint128 toPayee = uint128((uint256(terms.amount) * terms.defaultToPayee) / BPS);
        _close(id, terms, Outcome.Defaulted, toPayee, 0, 0);
    }

    /// @inheritdoc IEscrow
    function deal(bytes32 id) external view returns (Deal memory) {
        return _deals[id];
    }

    /// @inheritdoc IEscrow
    function dealId(Terms calldata terms) public view returns (bytes32) {
        bytes32 typehash = TERMS_TYPEHASH;
        bytes32 structHash;
        // Terms lie in calldata as they are encoded. `fund` reads every field and so checks its range; a deal with
        // anything else in it has a name that was never funded.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, typehash)
            calldatacopy(add(free, 0x20), terms, 0x180)
            structHash := keccak256(free, 0x1a0)
        }
        return _hashTypedDataV4(structHash);
    }

    /// @inheritdoc IEscrow
    function settlementDigest(bytes32 id, uint128 payeeAmount) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(SETTLEMENT_TYPEHASH, id, payeeAmount)));
    }

    /// @dev Everything to the payee, less the app fee if the deal was never disputed.
    function _closeInFull(bytes32 id, Terms calldata terms, Outcome outcome, bool withAppFee) private {
        uint128 toApp = withAppFee ? uint128((uint256(terms.amount) * terms.appFeeBps) / BPS) : 0;
        _close(id, terms, outcome, terms.amount - toApp, 0, toApp);
    }

    /// @dev The only way out of a deal: pays each share, the payer what is left, so that the sum is the amount held.
    function _close(
        bytes32 id,
        Terms calldata terms,
        Outcome outcome,
        uint128 toPayee,
        uint128 toArbiter,
        uint128 toApp
    ) private {
        uint128 toPayer = terms.amount - toPayee - toArbiter - toApp;
        _deals[id].state = State.Closed;
        emit DealClosed(id, outcome, toPayer, toPayee, toArbiter, toApp);

        _payOut(terms.payee, toPayee);
        _payOut(terms.payer, toPayer);
        _payOut(terms.arbiter, toArbiter);
        _payOut(terms.appFeeRecipient, toApp);
    }

    function _requireOpen(bytes32 id) private view returns (State state) {
        state = _deals[id].state;
        if (state != State.Funded && state != State.Disputed) revert WrongState(id, state);
    }

    /// @dev A party consents by calling or by signing; a contract as party signs by ERC-1271.
    function _requireConsent(
        bytes32 id,
        address party,
        bytes32 digest,
        bytes calldata signature
    ) private view {
        if (msg.sender == party) return;
        if (!SignatureChecker.isValidSignatureNowCalldata(party, digest, signature))
            revert NoConsent(id, party);
    }

    function _requireSane(Terms calldata terms) private view {
        bool distinct =
            terms.payer != terms.payee && terms.arbiter != terms.payer && terms.arbiter != terms.payee;
        bool named = terms.payee != address(0) && terms.arbiter != address(0);
        // A window of its own for every step, and no time that does not fit its field.
        uint256 end = uint256(terms.deliverBy) + terms.disputeWindow + terms.rulingWindow;
        bool timed = terms.deliverBy > block.timestamp && end <= type(uint40).max && terms.rulingWindow != 0;
        bool shares = terms.amount != 0 && terms.defaultToPayee <= BPS && terms.arbiterFee <= terms.amount;
        bool app =
            terms.appFeeBps == 0 ||
                (terms.appFeeBps <= MAX_APP_FEE_BPS && terms.appFeeRecipient != address(0));
        if (!(distinct && named && timed && shares && app)) revert BadTerms();
    }
}
