// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {ISigned} from "./ISigned.sol";

/// @title One deposit, many one-way channels
/// @notice A payer deposits once, allocates parts of it to payees without moving tokens, and pays by signed vouchers
/// whose amounts add up. A payee collects whenever it likes. Anyone may submit a voucher; it pays its payee only.
interface IPaymentChannels is ISigned {
    /// @notice States that `payer` owes `payee` `cumulative` in total in this epoch of their channel.
    struct Voucher {
        address payer;
        address payee;
        uint64 epoch;
        uint128 cumulative;
    }

    /// @notice A voucher of the present epoch of a channel, with its signature as of EIP-2098.
    /// @param vs s, with the parity of y as its highest bit
    struct CompactVoucher {
        address payer;
        uint128 cumulative;
        bytes32 r;
        bytes32 vs;
    }

    /// @notice What a payer signs so that anybody, its payee above all, can allocate for it.
    /// @param total in the token's smallest unit, what is put aside in this epoch in all; at most 2^92 − 1
    /// @param signer of the vouchers; the pinned one if the channel is open
    /// @param epoch the present one of an open channel, the next one of a closed one
    /// @param nonce `channelNonce`: 0 in a new epoch
    /// @param deadline last unix second at which it can be used
    struct Allocation {
        address payer;
        address payee;
        uint128 total;
        address signer;
        uint64 epoch;
        uint64 nonce;
        uint40 deadline;
    }

    /// @param allocated what was put aside for the payee in this epoch, in all
    /// @param collected what of it was paid, in all; never falls within an epoch
    /// @param signer key that signs the vouchers of this epoch; zero while the channel is closed
    /// @param epoch counts how often the channel was opened
    /// @param thawingUntil unix seconds from which the rest can be taken back; 0 if no close is pending
    struct Account {
        uint128 allocated;
        uint128 collected;
        address signer;
        uint32 epoch;
        uint40 thawingUntil;
    }

    /// @notice `from` paid `amount` for `payer`, whose free balance is `balance` now.
    event Deposited(address indexed payer, address indexed from, uint128 amount, uint256 balance);
    /// @notice `payer` took `amount` out; its free balance is `balance` now.
    event Withdrawn(address indexed payer, uint128 amount, uint256 balance);
    /// @notice `allocated` in all is put aside for `payee` in `epoch`; the free balance of `payer` is `balance` now.
    event Allocated(
        address indexed payer,
        address indexed payee,
        uint64 epoch,
        uint128 allocated,
        address signer,
        uint256 balance
    );
    /// @notice The rest can be taken back from `thawingUntil` on, in unix seconds.
    event Thawing(address indexed payer, address indexed payee, uint64 epoch, uint40 thawingUntil);
    /// @notice The channel is closed; `returned` went to the free balance of `payer`, which is `balance` now.
    event Deallocated(
        address indexed payer,
        address indexed payee,
        uint64 epoch,
        uint128 returned,
        uint256 balance
    );
    /// @notice `paid` of what `payer` put aside went to `payee`, `collected` in all in this epoch.
    event Collected(
        address indexed payer,
        address indexed payee,
        uint64 epoch,
        uint128 paid,
        uint128 collected
    );
    /// @notice A voucher of a batch brought nothing. `epoch` is the voucher's, or the channel's if the voucher is compact.
    /// @param reason selector of the error that `collect` would have reverted with
    event VoucherSkipped(
        address indexed payer,
        address indexed payee,
        uint64 epoch,
        uint128 cumulative,
        bytes4 reason
    );

    error ZeroAmount();
    error ZeroSigner();
    /// @notice A deployment with a thaw longer than `max` seconds is refused.
    error ThawTooLong(uint40 thawSeconds, uint40 max);
    error InsufficientBalance(address payer, uint256 wanted, uint256 balance);
    error TotalTooLarge(uint128 total, uint128 max);
    error AllocationOnlyGrows(address payee, uint128 total, uint128 allocated);
    /// @notice The channel is open with another signer; a new one needs a new epoch.
    error SignerPinned(address payee, address signer, address pinned);
    error ChannelClosed(address payer, address payee);
    error AlreadyThawing(address payee, uint40 thawingUntil);
    /// @param thawingUntil 0 if no close was announced
    error NotThawed(address payee, uint40 thawingUntil);
    error WrongEpoch(uint64 epoch, uint64 current);
    /// @param recovered zero if the signature is malformed
    error WrongSigner(address recovered, address signer);
    error NothingToCollect(uint128 cumulative, uint128 collected);
    error LengthMismatch(uint256 vouchers, uint256 signatures);
    error DifferentPayee(address payee, address expected);
    error WrongNonce(uint64 nonce, uint64 current);
    /// @notice More than 32,767 actions were signed in this epoch; the payer itself can still do everything.
    error NoncesUsedUp(address payer, address payee);
    /// @notice The channel was opened 1,048,575 times; what is in it can still be collected and taken back.
    error EpochsUsedUp(address payer, address payee);

    /// @notice Adds `amount` to the free balance of `payer`, paid by the caller, whoever that is.
    function deposit(address payer, uint128 amount) external;

    /// @notice `deposit` of the tokens of `from`, which signed
    /// `Deposit(address from,address payer,uint128 amount,uint64 nonce,uint40 deadline)`. Join it with `tryPermitFor` by
    /// `multicall` if there is no allowance yet.
    function depositFor(
        address from,
        address payer,
        uint128 amount,
        uint40 deadline,
        bytes calldata signature
    ) external;

    /// @notice Takes `amount` of the caller's free balance out.
    function withdraw(uint128 amount) external;

    /// @notice `withdraw` to `payer`, which signed `Withdrawal(address payer,uint128 amount,uint64 nonce,uint40 deadline)`.
    function withdrawFor(address payer, uint128 amount, uint40 deadline, bytes calldata signature) external;

    /// @notice Puts `total` in all aside for `payee` in this epoch; a closed channel opens in its next epoch. The signer is
    /// fixed while the channel is open. Cancels a pending close.
    /// @param total at most 2^92 − 1
    function allocate(address payee, uint128 total, address signer) external;

    /// @notice `allocate` as the payer signed it. Anyone may submit it, once; a thaw makes it void.
    function allocateFor(Allocation calldata allocation, bytes calldata signature) external;

    /// @notice Announces the close of the caller's channel with `payee`; vouchers can be collected until it is deallocated.
    /// What the payer signed for this channel before is void.
    function thaw(address payee) external;

    /// @notice `thaw` by `payer`, which signed
    /// `Thaw(address payer,address payee,uint64 epoch,uint64 nonce,uint40 deadline)`.
    function thawFor(address payer, address payee, uint40 deadline, bytes calldata signature) external;

    /// @notice Closes the caller's channel with `payee` after the thaw; what was not collected is free again.
    function deallocate(address payee) external;

    /// @notice `deallocate` by `payer`, which signed
    /// `Deallocation(address payer,address payee,uint64 epoch,uint64 nonce,uint40 deadline)`.
    function deallocateFor(address payer, address payee, uint40 deadline, bytes calldata signature) external;

    /// @notice Pays the payee what it has not yet collected of `voucher`, as far as the allocation goes.
    function collect(Voucher calldata voucher, bytes calldata signature) external returns (uint128 paid);

    /// @notice Like `collect`, for vouchers to one payee from any payers, with one transfer. Skips a voucher that
    /// `collect` would refuse, with an event.
    function collectMany(
        Voucher[] calldata vouchers,
        bytes[] calldata signatures
    ) external returns (uint128 paid);

    /// @notice Like `collectMany`, for less gas: every voucher is taken for one of the present epoch of its channel, so one of
    /// another epoch is skipped as signed by somebody else.
    function collectCompact(
        address payee,
        CompactVoucher[] calldata vouchers
    ) external returns (uint128 paid);

    /// @notice What `payer` can allocate or withdraw, in the token's smallest unit.
    function balance(address payer) external view returns (uint256);

    /// @notice The channel between the two; all zeros if it never was.
    function account(address payer, address payee) external view returns (Account memory);

    /// @notice The nonce that `account` signs its next deposit or withdrawal with.
    function balanceNonce(address account) external view returns (uint64);

    /// @notice The nonce that `payer` signs its next allocation, thaw or deallocation with.
    function channelNonce(address payer, address payee) external view returns (uint64);

    /// @notice The EIP-712 digest that a payer signs for `allocateFor`.
    function allocationDigest(Allocation calldata allocation) external view returns (bytes32);

    /// @notice The EIP-712 digest that the signer of a channel signs.
    function voucherDigest(Voucher calldata voucher) external view returns (bytes32);

    /// @notice Seconds between `thaw` and `deallocate`.
    function thawSeconds() external view returns (uint40);
}
