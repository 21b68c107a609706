// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

/// @title Fees of memberships, streamed to home operators
/// @notice The fee of a membership streams by the second, from registration to expiry, to the operator that its holder
/// names: nine tenths to the operator's payee, the rest burned. Exit, slashing and withdrawal don't stop it. An operator
/// draws no more than its stake gives it credit for, and nothing while it is not in good standing; what streamed before
/// its good standing began is burned. What is beyond the credit waits.
interface IHomeFees {
    /// @notice Names a membership.
    struct Key {
        uint256 idCommitment;
        address holder;
    }

    /// @notice Fees, or what was owed, went out. Amounts in the token's smallest unit.
    /// @param payee who was paid; the address that burns if `home` is 0
    /// @param paid what the payee got, in the token's smallest unit
    /// @param burned the tenth, and what streamed to nobody in good standing
    event FeesClaimed(uint32 indexed home, address indexed payee, uint256 paid, uint256 burned);
    /// @notice Amounts in the token's smallest unit.
    /// @param previous home until now
    /// @param owed what moved to the previous home's `owed`, its tenth included
    /// @param burned what had streamed while the previous home was not in good standing, or was 0
    event HomeSet(
        uint256 indexed idCommitment,
        address indexed holder,
        uint32 indexed home,
        uint32 previous,
        uint256 owed,
        uint256 burned
    );

    /// @notice A claim without a membership.
    error NoKeys();
    /// @notice Not the home of the first membership in the list.
    error DifferentHome(uint32 expected, uint32 home);
    /// @notice This holder never registered this commitment.
    error UnknownMember(uint256 idCommitment, address holder);
    /// @notice The own unthawing stake of this operator is below the minimum; what streams to it waits.
    error NotInGoodStanding(uint32 home);
    error NothingOwed(uint32 home);

    /// @notice Holder only: names another home operator, or 0. What has streamed so far is first moved to the old home's
    /// `owed`. Voids what the holder signed for this membership before.
    function setHome(uint256 idCommitment, uint32 home) external;

    /// @notice Pays what the fees of these memberships have earned since they were last claimed. All must name the same
    /// home. Cut to the operator's credit: each membership is claimed until the second that was paid, and those behind
    /// the cut are left as they are. Anyone may call.
    function claimFees(Key[] calldata keys) external returns (uint256 paid);

    /// @notice Pays what memberships that have since named another home still owe to `home`, cut to its credit; for home
    /// 0 burns what is to be burned. Anyone may call.
    function claimOwed(uint32 home) external returns (uint256 paid);

    /// @notice What this membership has streamed since it was last claimed, before the tenth that is burned and the cut.
    function accruedFees(uint256 idCommitment, address holder) external view returns (uint256);

    /// @notice What former members of `home` still owe it, before the tenth that is burned, and when (unix seconds)
    /// something was last added. It is burned if the operator's good standing began no earlier. Home 0: what is to be burned.
    function owed(uint32 home) external view returns (uint256 amount, uint40 updatedAt);
}
