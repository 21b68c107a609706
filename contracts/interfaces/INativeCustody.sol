// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

/// @title Custody of native coin
/// @notice What goes out to somebody who can't take it waits as claimable.
interface INativeCustody {
    /// @notice A payment of `amount` wei to `account` failed; it waits until `claimNative(account)` succeeds.
    event NativeClaimableAdded(address indexed account, uint256 amount);
    /// @notice A waiting payment went out.
    event NativeClaimed(address indexed account, uint256 amount);

    /// @notice Nothing waits for `account`.
    error NothingNativeToClaim(address account);
    /// @notice `account` still refuses `amount` wei.
    error NativeRefused(address account, uint256 amount);

    /// @notice What waits for `account` because a payment to it failed, in wei.
    function claimableNative(address account) external view returns (uint256);

    /// @notice Pays out what waits for `account`, to `account`. Anyone may call. Reverts if it still refuses.
    function claimNative(address account) external returns (uint256 amount);
}
