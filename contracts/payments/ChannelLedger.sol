// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IPaymentChannels} from "../interfaces/IPaymentChannels.sol";
import {TokenCustody} from "../libraries/TokenCustody.sol";
import {ChannelState, ChannelStates} from "../types/ChannelState.sol";

/// @dev Free balances and channels, and what can happen to them; who may make it happen is for the heirs to check.
abstract contract ChannelLedger is IPaymentChannels, TokenCustody {
    using SafeERC20 for IERC20;

    /// @dev `nonce` is the next one of the payer's signed deposits and withdrawals.
    struct Purse {
        uint192 free;
        uint64 nonce;
    }

    uint40 private constant MAX_THAW = 365 days;

    /// @inheritdoc IPaymentChannels
    uint40 public immutable thawSeconds;

    mapping(address payer => Purse) internal _purses;
    /// @dev By payee first: a batch of vouchers is for one payee.
    mapping(address payee => mapping(address payer => ChannelState)) internal _channels;
    /// @dev Only of channels whose state says that the signer is foreign.
    mapping(address payee => mapping(address payer => address)) internal _foreignSigners;

    constructor(uint40 thawSeconds_) {
        if (thawSeconds_ > MAX_THAW) revert ThawTooLong(thawSeconds_, MAX_THAW);
        thawSeconds = thawSeconds_;
    }

    /// @inheritdoc IPaymentChannels
    function balance(address payer) external view returns (uint256) {
        return _purses[payer].free;
    }

    /// @inheritdoc IPaymentChannels
    function account(address payer, address payee) external view returns (Account memory) {
        ChannelState state = _channels[payee][payer];
        return
            Account({
                allocated: state.allocated(),
                collected: state.collected(),
                signer: _signerOf(payer, payee, state),
                epoch: state.epoch(),
                thawingUntil: state.thawingUntil()
            });
    }

    /// @inheritdoc IPaymentChannels
    function balanceNonce(address account_) external view returns (uint64) {
        return _purses[account_].nonce;
    }

    /// @inheritdoc IPaymentChannels
    function channelNonce(address payer, address payee) external view returns (uint64) {
        return _channels[payee][payer].nonce();
    }

    function _deposit(address from, address payer, uint128 amount) internal {
        if (amount == 0) revert ZeroAmount();
        if (payer == address(0)) revert ZeroAddress();
        uint256 free = _purses[payer].free + amount;
        _purses[payer].free = uint192(free);
        emit Deposited(payer, from, amount, free);
        _takeIn(from, amount);
    }

    function _withdraw(address payer, uint128 amount) internal {
        if (amount == 0) revert ZeroAmount();
        uint256 free = _spend(payer, amount);
        emit Withdrawn(payer, amount, free);
        token.safeTransfer(payer, amount);
    }

    function _allocate(
        address payer,
        address payee,
        uint128 total,
        address signer,
        ChannelState state
    ) internal {
        if (payee == address(0)) revert ZeroAddress();
        if (signer == address(0)) revert ZeroSigner();
        if (total == 0) revert ZeroAmount();
        if (total > ChannelStates.MAX_AMOUNT) revert TotalTooLarge(total, uint128(ChannelStates.MAX_AMOUNT));
        uint128 allocated = state.allocated();
        if (state.isOpen()) {
            address pinned = _signerOf(payer, payee, state);
            if (signer != pinned) revert SignerPinned(payee, signer, pinned);
            if (total < allocated) revert AllocationOnlyGrows(payee, total, allocated);
            state = state.withThawingUntil(0);
        } else {
            if (state.epoch() == ChannelStates.MAX_EPOCH) revert EpochsUsedUp(payer, payee);
            state = state.opened(signer != payer);
            if (signer != payer) _foreignSigners[payee][payer] = signer;
        }
        _channels[payee][payer] = state.withAllocated(total);
        uint256 free = _spend(payer, total - allocated);
        emit Allocated(payer, payee, state.epoch(), total, signer, free);
    }

    function _thaw(address payer, address payee, ChannelState state) internal {
        uint40 pending = state.thawingUntil();
        if (pending != 0) revert AlreadyThawing(payee, pending);
        uint40 until = uint40(block.timestamp) + thawSeconds;
        // What the payer signed before it wanted to close is void.
        _channels[payee][payer] = state.withThawingUntil(until).withNextNonce();
        emit Thawing(payer, payee, state.epoch(), until);
    }

    function _deallocate(address payer, address payee, ChannelState state) internal {
        uint40 until = state.thawingUntil();
        if (until == 0 || block.timestamp < until) revert NotThawed(payee, until);
        uint128 returned = state.allocated() - state.collected();
        uint256 free = _purses[payer].free + returned;
        _purses[payer].free = uint192(free);
        _channels[payee][payer] = state.closed();
        emit Deallocated(payer, payee, state.epoch(), returned, free);
    }

    /// @dev The channel between the two; reverts if it is closed.
    function _open(address payer, address payee) internal view returns (ChannelState state) {
        state = _channels[payee][payer];
        if (!state.isOpen()) revert ChannelClosed(payer, payee);
    }

    /// @dev Zero while the channel is closed.
    function _signerOf(address payer, address payee, ChannelState state) internal view returns (address) {
        if (!state.isOpen()) return address(0);
        return state.isForeign() ? _foreignSigners[payee][payer] : payer;
    }

    /// @dev Takes `amount` off the free balance of `payer`.
    function _spend(address payer, uint256 amount) private returns (uint256 free) {
        free = _purses[payer].free;
        if (amount > free) revert InsufficientBalance(payer, amount, free);
        unchecked {
            free -= amount;
        }
        _purses[payer].free = uint192(free);
    }
}
