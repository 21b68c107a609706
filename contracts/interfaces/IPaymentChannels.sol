// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

/// @title One deposit, many one-way channels
/// @notice A payer deposits once, allocates parts of it to payees without moving tokens, and pays by signed vouchers
/// whose amounts add up. A payee collects whenever it likes. Anyone may submit a voucher; it pays its payee only.
interface IPaymentChannels {
    /// @notice States that `payer` owes `payee` `cumulative` in total in this epoch of their channel.
    struct Voucher {
        address payer;
        address payee;
        uint64 epoch;
        uint128 cumulative;
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

    event Deposited(address indexed payer, address indexed from, uint128 amount, uint256 balance);
    event Withdrawn(address indexed payer, uint128 amount, uint256 balance);
    event Allocated(
        address indexed payer,
        address indexed payee,
        uint64 epoch,
        uint128 allocated,
        address signer,
        uint256 balance
    );
    event Thawing(address indexed payer, address indexed payee, uint64 epoch, uint40 thawingUntil);
    event Deallocated(
        address indexed payer,
        address indexed payee,
        uint64 epoch,
        uint128 returned,
        uint256 balance
    );
    event Collected(
        address indexed payer,
        address indexed payee,
        uint64 epoch,
        uint128 paid,
        uint128 collected
    );
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
    error InsufficientBalance(address payer, uint256 wanted, uint256 balance);
    error AllocationOnlyGrows(address payee, uint128 total, uint128 allocated);
    error SignerPinned(address payee, address signer, address pinned);
    error ChannelClosed(address payer, address payee);
    error AlreadyThawing(address payee, uint40 thawingUntil);
    error NotThawed(address payee, uint40 thawingUntil);
    error WrongEpoch(uint64 epoch, uint64 current);
    error WrongSigner(address recovered, address signer);
    error NothingToCollect(uint128 cumulative, uint128 collected);
    error LengthMismatch(uint256 vouchers, uint256 signatures);
    error DifferentPayee(address payee, address expected);

    /// @notice Adds `amount` to the free balance of `payer`, paid by the caller, whoever that is.
    function deposit(address payer, uint128 amount) external;

    /// @notice Takes `amount` of the caller's free balance out.
    function withdraw(uint128 amount) external;

    /// @notice Puts `total` in all aside for `payee` in this epoch; a closed channel opens in its next epoch. The signer is
    /// fixed while the channel is open. Cancels a pending close.
    function allocate(address payee, uint128 total, address signer) external;

    /// @notice Announces the close of the caller's channel with `payee`; vouchers can be collected until it is deallocated.
    function thaw(address payee) external;

    /// @notice Closes the caller's channel with `payee` after the thaw; what was not collected is free again.
    function deallocate(address payee) external;

    /// @notice Pays the payee what it has not yet collected of `voucher`, as far as the allocation goes.
    function collect(Voucher calldata voucher, bytes calldata signature) external returns (uint128 paid);

    /// @notice Like `collect`, for vouchers to one payee from any payers, with one transfer. Skips a voucher that
    /// `collect` would refuse, with an event.
    function collectMany(
        Voucher[] calldata vouchers,
        bytes[] calldata signatures
    ) external returns (uint128 paid);

    /// @notice What `payer` can allocate or withdraw, in the token's smallest unit.
    function balance(address payer) external view returns (uint256);

    /// @notice The channel between the two; all zeros if it never was.
    function account(address payer, address payee) external view returns (Account memory);

    /// @notice The EIP-712 digest that the signer of a channel signs.
    function voucherDigest(Voucher calldata voucher) external view returns (bytes32);

    /// @notice Seconds between `thaw` and `deallocate`.
    function thawSeconds() external view returns (uint40);
}
