// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {INativeCustody} from "../interfaces/INativeCustody.sol";

/// @dev Pays native coin so that a receiver that reverts, burns gas or answers at length blocks nobody else.
abstract contract NativeCustody is INativeCustody, ReentrancyGuardTransient {
    /// @dev Enough for a smart account behind a proxy to take a payment and log it.
    uint256 private constant RECEIVE_GAS = 50_000;

    /// @inheritdoc INativeCustody
    mapping(address account => uint256) public claimableNative;

    /// @inheritdoc INativeCustody
    function claimNative(address account) external nonReentrant returns (uint256 amount) {
        amount = claimableNative[account];
        if (amount == 0) revert NothingNativeToClaim(account);
        claimableNative[account] = 0;
        emit NativeClaimed(account, amount);
        if (!_send(account, amount, gasleft())) revert NativeRefused(account, amount);
    }

    /// @dev Pays `amount` wei to `to`, or makes it claimable. Call it last.
    function _payNative(address to, uint256 amount) internal {
        if (amount != 0 && !_send(to, amount, RECEIVE_GAS)) _keepNative(to, amount);
    }

    /// @dev Makes `amount` wei claimable by `to`.
    function _keepNative(address to, uint256 amount) internal {
        if (amount == 0) return;
        claimableNative[to] += amount;
        emit NativeClaimableAdded(to, amount);
    }

    function _send(address to, uint256 amount, uint256 gas_) private returns (bool ok) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            ok := call(gas_, to, amount, 0, 0, 0, 0)
        }
    }
}
