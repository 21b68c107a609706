// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IOperatorStaking} from "./IOperatorStaking.sol";

/// @title RLN memberships
/// @notice The chain keeps the ledger of changes; the Merkle tree over them is everybody's to compute. Leaf `index` is
/// Poseidon(idCommitment, rateLimit). It is zero again after exit, after slashing, and from the first block whose
/// timestamp passes expiry + grace. A (commitment, holder) registers once, for good. This is their life; the same contract is
/// ISlashing, IHomeFees and IRelayedMemberships.
interface IMembershipRegistry {
    /// @dev Exited, Withdrawn and Slashed follow from a call; that a term has run out does not change the state.
    enum State {
        None,
        Active,
        Exited,
        Withdrawn,
        Slashed
    }

    /// @param expiry unix seconds until which fees are paid
    /// @param claimedUntil unix seconds until which the home operator has been paid
    /// @param withdrawableAt unix seconds from which the deposit of an exited member can leave; 0 before exit
    /// @param index position of the leaf, counted over all trees
    /// @param home id of the operator that gets the fees; 0 burns them
    /// @param rateLimit messages an epoch
    /// @param nonce what the holder's next signature for this membership must name
    struct Member {
        State state;
        uint16 rateLimit;
        uint32 index;
        uint32 home;
        uint40 expiry;
        uint40 claimedUntil;
        uint40 withdrawableAt;
        uint16 nonce;
    }

    /// @notice What a registration asks for.
    /// @param idCommitment Poseidon(secret), in (0, r)
    /// @param rateLimit 1 to 600 messages an epoch
    /// @param holder who may exit, and gets the deposit back
    /// @param home operator that the fee streams to, 0 to burn it
    struct Registration {
        uint256 idCommitment;
        uint16 rateLimit;
        address holder;
        uint32 home;
    }

    /// @param epochSeconds length of an RLN epoch
    /// @param rootWindow seconds for which a replaced root stays valid
    /// @param term seconds that one fee pays for
    /// @param grace seconds after expiry in which the leaf stays and `renew` still works
    /// @param exitDelay seconds between leaving the tree and the deposit's way out; more than rootWindow + 3 epochs
    /// @param commitMinBlocks blocks between a slasher's commitment and its reveal
    /// @param commitMaxAge seconds after which a commitment is void
    /// @param depositPerMessage deposit for each message an epoch, in the token's smallest unit
    /// @param feePerMessage fee of one term for each message an epoch, in the token's smallest unit
    struct Params {
        uint40 epochSeconds;
        uint40 rootWindow;
        uint40 term;
        uint40 grace;
        uint40 exitDelay;
        uint32 commitMinBlocks;
        uint40 commitMaxAge;
        uint96 depositPerMessage;
        uint96 feePerMessage;
    }

    /// @param index position of the leaf, counted over all trees
    /// @param rateLimit messages an epoch; with the commitment, the leaf
    /// @param expiry unix seconds
    /// @param home operator that the fee streams to
    /// @param ledger the ledger word after this change
    event MemberRegistered(
        uint256 indexed idCommitment,
        address indexed holder,
        uint32 index,
        uint16 rateLimit,
        uint40 expiry,
        uint32 home,
        bytes32 ledger
    );
    /// @param expiry the new one, in unix seconds
    event MemberRenewed(
        uint256 indexed idCommitment,
        address indexed holder,
        uint32 index,
        uint40 expiry,
        bytes32 ledger
    );
    /// @notice The leaf is zero from here on.
    event MemberExited(uint256 indexed idCommitment, address indexed holder, uint32 index, bytes32 ledger);
    /// @param amount the deposit, paid to the holder or claimable for it, in the token's smallest unit
    event MemberWithdrawn(uint256 indexed idCommitment, address indexed holder, uint256 amount);

    /// @notice An epoch, a term, or the window of a slasher's commitment is zero, or the exit delay is too short.
    error BadParams();
    /// @notice Zero, or not below the order of the BN254 scalar field.
    error BadIdCommitment(uint256 idCommitment);
    /// @notice Not 1 to 600.
    error BadRateLimit(uint16 rateLimit);
    /// @notice No operator has this id.
    error UnknownHome(uint32 home);
    /// @notice Both in the token's smallest unit.
    error PriceTooHigh(uint256 price, uint256 maxPrice);
    /// @notice Also if that membership is long over: another commitment is needed.
    error AlreadyRegistered(uint256 idCommitment, address holder);
    /// @notice All 2³² indexes are taken.
    error RegistryFull();
    /// @notice A batch without a registration.
    error NoRegistrations();
    /// @notice Never registered, exited, withdrawn or slashed.
    error NotActive(uint256 idCommitment, address holder, State state);
    /// @param endedAt unix second in which the grace period ended
    error TermOver(uint256 idCommitment, address holder, uint256 endedAt);
    /// @param withdrawableAt unix seconds; 0 if never, because there is no deposit (any more)
    error NotWithdrawable(uint256 idCommitment, address holder, State state, uint256 withdrawableAt);

    /// @notice Adds a member for one term. The caller pays deposit and fee, for itself or as a gift: the deposit is the
    /// holder's from then on.
    /// @param maxPrice the most that the caller pays, deposit and fee together, in the token's smallest unit
    function register(
        uint256 idCommitment,
        uint16 rateLimit,
        address holder,
        uint32 home,
        uint256 maxPrice
    ) external returns (uint32 index);

    /// @notice Adds several members with one payment by the caller. All or none: one that is refused reverts all.
    /// @param maxPrice the most that the caller pays for all of them together
    /// @return firstIndex index of the first; the others follow in the order of the list
    function registerMany(
        Registration[] calldata registrations,
        uint256 maxPrice
    ) external returns (uint32 firstIndex);

    /// @notice Adds a term after the present one, up to the end of the grace period. The caller pays the fee. Keeps the leaf.
    function renew(uint256 idCommitment, address holder, uint256 maxPrice) external;

    /// @notice Holder only: zeroes the leaf; the deposit can leave after the exit delay. The fee is not returned.
    function exit(uint256 idCommitment) external;

    /// @notice Pays the deposit to the holder: an exit delay after `exit`, or after the end of the grace period. Anyone may call.
    function withdraw(uint256 idCommitment, address holder) external;

    /// @notice The record of a membership; all zeros if there is none.
    function member(uint256 idCommitment, address holder) external view returns (Member memory);

    /// @notice The ledger word. The high 28 bytes are a hash over every change so far, from 0: those of
    /// `keccak256(abi.encode(bytes32 ledger, uint8 kind, uint32 index, uint256 idCommitment, address holder, uint16 rateLimit, uint40 expiry))`
    /// with the word before as `ledger`, and kind 1 registered, 2 renewed, 3 exited, 4 slashed. The low 4 bytes are `memberCount`.
    function ledger() external view returns (bytes32);

    /// @notice How many members ever registered; the next one gets this index.
    function memberCount() external view returns (uint32);

    /// @notice Deposit, and fee of one term, of `rateLimit` messages an epoch.
    function price(uint16 rateLimit) external view returns (uint256 deposit, uint256 fee);

    /// @notice keccak256("teahouse/rln/1" ‖ chain id, 32 bytes big-endian ‖ this address, 20 bytes).
    function rlnIdentifier() external view returns (bytes32);

    /// @notice Where home operators are looked up.
    function staking() external view returns (IOperatorStaking);

    function epochSeconds() external view returns (uint40);
    function rootWindow() external view returns (uint40);
    function term() external view returns (uint40);
    function grace() external view returns (uint40);
    function exitDelay() external view returns (uint40);
    function commitMinBlocks() external view returns (uint32);
    function commitMaxAge() external view returns (uint40);
    function depositPerMessage() external view returns (uint96);
    function feePerMessage() external view returns (uint96);
}
