// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

/// @title Tokens that others put behind an operator's provision
/// @notice They are the second loss, after the operator's own stake, and count neither for the minimum stake nor for income.
/// Each pool has shares; rewards raise what a share is worth, slashes lower it, also for shares that are being undelegated. A slash that takes
/// all ends the pool: its shares are void, and the next delegation starts a new one.
interface IDelegations {
    /// @param shares all shares of the delegator, what thaws included
    /// @param thawing shares being undelegated
    /// @param thawedAt unix seconds from which all of `thawing` can be withdrawn; 0 if nothing thaws
    /// @param value what `shares` are worth now, in the token's smallest unit
    struct Delegation {
        uint128 shares;
        uint128 thawing;
        uint40 thawedAt;
        uint128 value;
    }

    /// @param poolTokens what the pool holds now
    /// @param poolShares shares of the pool now
    event Delegated(
        uint32 indexed id,
        uint32 indexed service,
        address indexed delegator,
        uint128 amount,
        uint128 shares,
        uint128 poolTokens,
        uint128 poolShares
    );
    event Undelegating(
        uint32 indexed id,
        uint32 indexed service,
        address indexed delegator,
        uint128 shares,
        uint128 thawing,
        uint40 thawedAt
    );
    event DelegationWithdrawn(
        uint32 indexed id,
        uint32 indexed service,
        address indexed delegator,
        uint128 shares,
        uint128 amount,
        uint128 poolTokens,
        uint128 poolShares
    );
    /// @param cut paid to `payee`
    event RewardsAdded(
        uint32 indexed id,
        uint32 indexed service,
        address indexed from,
        uint128 amount,
        uint128 cut,
        address payee,
        uint128 poolTokens
    );
    /// @notice A slash took all: shares of the pool before `generation` are void.
    event PoolEmptied(uint32 indexed id, uint32 indexed service, uint32 generation);

    /// @notice The terms are no longer those that the delegator agreed to.
    error TermsChanged(uint32 id, uint32 service, uint32 agreed, uint32 version);
    error InsufficientShares(address delegator, uint128 wanted, uint128 shares);
    /// @notice `amount` is worth less than one share.
    error NoShares(uint128 amount);
    error NothingDelegated(uint32 id, uint32 service);

    /// @notice Puts `amount` of the caller's tokens behind the provision.
    /// @param version of the terms that the caller agrees to (`Provision.version`)
    function delegate(
        uint32 id,
        uint32 service,
        uint128 amount,
        uint32 version
    ) external returns (uint128 shares);

    /// @notice `delegate`, for and paid by `delegator`, who signed `Delegate(uint32 id,uint32 service,uint128 amount,uint32 version,…)`.
    function delegateFor(
        address delegator,
        uint32 id,
        uint32 service,
        uint128 amount,
        uint32 version,
        uint40 deadline,
        bytes calldata signature
    ) external returns (uint128 shares);

    /// @notice Starts moving `shares` of the caller out, by the provision's delay. Up to 16 at a time.
    function undelegate(uint32 id, uint32 service, uint128 shares) external;

    /// @notice `undelegate`, for `delegator`, who signed `Undelegate(uint32 id,uint32 service,uint128 shares,…)`.
    function undelegateFor(
        address delegator,
        uint32 id,
        uint32 service,
        uint128 shares,
        uint40 deadline,
        bytes calldata signature
    ) external;

    /// @notice Anybody: pays `delegator` what its thawed shares are worth now.
    function withdrawDelegation(
        uint32 id,
        uint32 service,
        address delegator
    ) external returns (uint128 amount);

    /// @notice Anybody, the operator in the first place: shares `amount` of the caller's tokens out over the pool, less the cut, which
    /// is paid to the payee.
    function addRewards(uint32 id, uint32 service, uint128 amount) external;

    /// @notice What `delegator` has in the pool; zeros if nothing.
    function delegation(
        uint32 id,
        uint32 service,
        address delegator
    ) external view returns (Delegation memory);
}
