// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ITokenCustody} from "../interfaces/ITokenCustody.sol";

/// @dev Base of every contract that holds tokens. A payout gets at most `PAYOUT_GAS`, so that a receiver's hook can't
/// use up the gas of a call that serves others; no more than one word of its answer is read.
abstract contract TokenCustody is ITokenCustody, Multicall, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @dev Several times what a transfer through a proxied stablecoin costs.
    uint256 internal constant PAYOUT_GAS = 200_000;
    /// @dev Where burned tokens go: an address without a known key.
    address internal constant BURNED = 0x000000000000000000000000000000000000dEaD;

    /// @inheritdoc ITokenCustody
    IERC20 public immutable token;

    /// @inheritdoc ITokenCustody
    mapping(address account => uint256) public claimable;

    constructor(IERC20 token_) {
        if (address(token_) == address(0)) revert ZeroAddress();
        token = token_;
    }

    /// @inheritdoc ITokenCustody
    function claim(address account) external nonReentrant returns (uint256 amount) {
        amount = claimable[account];
        if (amount == 0) revert NothingToClaim(account);
        claimable[account] = 0;
        emit Claimed(account, amount);
        token.safeTransfer(account, amount);
    }

    /// @inheritdoc ITokenCustody
    function tryPermit(uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external {
        /* solhint-disable no-empty-blocks */
        try
            IERC20Permit(address(token)).permit(msg.sender, address(this), value, deadline, v, r, s)
        {} catch {}
        /* solhint-enable no-empty-blocks */
    }

    /// @dev Takes exactly `amount` from `from`, or reverts.
    function _takeIn(address from, uint256 amount) internal {
        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(from, address(this), amount);
        uint256 received = token.balanceOf(address(this)) - before;
        if (received != amount) revert InexactTransfer(amount, received);
    }

    /// @dev Pays `amount` to `to`; if the token refuses, the amount becomes claimable. Call it last.
    function _payOut(address to, uint256 amount) internal {
        if (amount == 0 || _tryTransfer(to, amount)) return;
        claimable[to] += amount;
        emit ClaimableAdded(to, amount);
    }

    /// @dev True if the token answered like SafeERC20 expects: success, and nothing or `true`.
    function _tryTransfer(address to, uint256 amount) private returns (bool ok) {
        bytes memory data = abi.encodeCall(IERC20.transfer, (to, amount));
        address target = address(token);
        uint256 size;
        uint256 word;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(0, 0)
            ok := call(PAYOUT_GAS, target, 0, add(data, 0x20), mload(data), 0, 0x20)
            size := returndatasize()
            word := mload(0)
        }
        if (!ok) return false;
        return size == 0 ? target.code.length != 0 : size >= 32 && word == 1;
    }
}
