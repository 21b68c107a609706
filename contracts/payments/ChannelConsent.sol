// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IPaymentChannels} from "../interfaces/IPaymentChannels.sol";
import {Signed} from "../libraries/Signed.sol";
import {ChannelState, ChannelStates} from "../types/ChannelState.sol";
import {ChannelLedger} from "./ChannelLedger.sol";

/// @dev What a payer signs for somebody else to send. Each signature is good for one nonce, until its deadline.
abstract contract ChannelConsent is ChannelLedger, Signed, EIP712 {
    bytes32 private constant DEPOSIT_TYPEHASH = keccak256(
        "Deposit(address from,address payer,uint128 amount,uint64 nonce,uint40 deadline)"
    );
    bytes32 private constant WITHDRAWAL_TYPEHASH = keccak256(
        "Withdrawal(address payer,uint128 amount,uint64 nonce,uint40 deadline)"
    );
    bytes32 private constant ALLOCATION_TYPEHASH = keccak256(
        "Allocation(address payer,address payee,uint128 total,address signer,uint64 epoch,uint64 nonce,uint40 deadline)"
    );
    bytes32 private constant THAW_TYPEHASH = keccak256(
        "Thaw(address payer,address payee,uint64 epoch,uint64 nonce,uint40 deadline)"
    );
    bytes32 private constant DEALLOCATION_TYPEHASH = keccak256(
        "Deallocation(address payer,address payee,uint64 epoch,uint64 nonce,uint40 deadline)"
    );

    constructor() EIP712("Teahouse PaymentChannels", "1") {}

    /// @inheritdoc IPaymentChannels
    function depositFor(
        address from,
        address payer,
        uint128 amount,
        uint40 deadline,
        bytes calldata signature
    ) external nonReentrant {
        uint64 nonce = _purses[from].nonce++;
        bytes32 hash = keccak256(abi.encode(DEPOSIT_TYPEHASH, from, payer, amount, nonce, deadline));
        _requireSigned(from, _hashTypedDataV4(hash), deadline, signature);
        _deposit(from, payer, amount);
    }

    /// @inheritdoc IPaymentChannels
    function withdrawFor(
        address payer,
        uint128 amount,
        uint40 deadline,
        bytes calldata signature
    ) external nonReentrant {
        uint64 nonce = _purses[payer].nonce++;
        bytes32 hash = keccak256(abi.encode(WITHDRAWAL_TYPEHASH, payer, amount, nonce, deadline));
        _requireSigned(payer, _hashTypedDataV4(hash), deadline, signature);
        _withdraw(payer, amount);
    }

    /// @inheritdoc IPaymentChannels
    function allocateFor(Allocation calldata allocation, bytes calldata signature) external {
        (address payer, address payee) = (allocation.payer, allocation.payee);
        ChannelState state = _channels[payee][payer];
        uint64 epoch = state.isOpen() ? state.epoch() : state.epoch() + 1;
        if (allocation.epoch != epoch) revert WrongEpoch(allocation.epoch, epoch);
        if (allocation.nonce != state.nonce()) revert WrongNonce(allocation.nonce, state.nonce());
        _requireSigned(payer, _hashTypedDataV4(_hash(allocation)), allocation.deadline, signature);
        _requireNonce(payer, payee, state);
        _allocate(payer, payee, allocation.total, allocation.signer, state.withNextNonce());
    }

    /// @inheritdoc IPaymentChannels
    function thawFor(address payer, address payee, uint40 deadline, bytes calldata signature) external {
        ChannelState state = _consented(THAW_TYPEHASH, payer, payee, deadline, signature);
        _thaw(payer, payee, state);
    }

    /// @inheritdoc IPaymentChannels
    function deallocateFor(address payer, address payee, uint40 deadline, bytes calldata signature) external {
        ChannelState state = _consented(DEALLOCATION_TYPEHASH, payer, payee, deadline, signature);
        _deallocate(payer, payee, state);
    }

    /// @inheritdoc IPaymentChannels
    function allocationDigest(Allocation calldata allocation) external view returns (bytes32) {
        return _hashTypedDataV4(_hash(allocation));
    }

    /// @dev The open channel whose payer signed `typehash` for its present epoch and nonce.
    function _consented(
        bytes32 typehash,
        address payer,
        address payee,
        uint40 deadline,
        bytes calldata signature
    ) private view returns (ChannelState state) {
        state = _open(payer, payee);
        bytes32 hash = keccak256(abi.encode(typehash, payer, payee, state.epoch(), state.nonce(), deadline));
        _requireSigned(payer, _hashTypedDataV4(hash), deadline, signature);
        _requireNonce(payer, payee, state);
    }

    /// @dev The last nonce stays for the rest of the epoch, so nothing may be signed with it.
    function _requireNonce(address payer, address payee, ChannelState state) private pure {
        if (state.nonce() == ChannelStates.MAX_NONCE) revert NoncesUsedUp(payer, payee);
    }

    function _hash(Allocation calldata a) private pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    ALLOCATION_TYPEHASH,
                    a.payer,
                    a.payee,
                    a.total,
                    a.signer,
                    a.epoch,
                    a.nonce,
                    a.deadline
                )
            );
    }
}
