// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title Custody of one ERC-20 token
/// @notice What comes in is measured and must be exact; what goes out to somebody who can't take it waits as claimable.
interface ITokenCustody {
    /// @notice A payment to `account` failed; it waits until `claim(account)` succeeds.
    event ClaimableAdded(address indexed account, uint256 amount);
    /// @notice A waiting payment went out.
    event Claimed(address indexed account, uint256 amount);

    /// @notice The token moved `received` where `expected` was asked for (a fee on transfer, or a rebase).
    error InexactTransfer(uint256 expected, uint256 received);
    /// @notice Nothing waits for `account`.
    error NothingToClaim(address account);
    /// @notice A constructor or a caller passed the zero address where an account is needed.
    error ZeroAddress();

    /// @notice The only token this contract holds.
    function token() external view returns (IERC20);

    /// @notice What waits for `account` because a payment to it failed, in the token's smallest unit.
    function claimable(address account) external view returns (uint256);

    /// @notice Pays out what waits for `account`, to `account`. Anyone may call. Reverts if the token still refuses.
    function claim(address account) external returns (uint256 amount);

    /// @notice Uses the caller's ERC-2612 permit and ignores its failure: if somebody else used it first, the allowance
    /// is there all the same. Meant for `multicall`, before the call that spends the allowance.
    function tryPermit(uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;

    /// @notice Like `tryPermit`, with the permit of `owner`, for a transaction that somebody else sends for it. It gives
    /// nobody a right to the tokens: what spends the allowance needs a signature of `owner` for that.
    function tryPermitFor(
        address owner,
        uint256 value,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;
}
