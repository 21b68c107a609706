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
        tryPermitFor(msg.sender, value, deadline, v, r, s);
    }

    /// @inheritdoc ITokenCustody
    function tryPermitFor(
        address owner,
        uint256 value,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) public {
        /* solhint-disable no-empty-blocks */
        try IERC20Permit(address(token)).permit(owner, address(this), value, deadline, v, r, s) {} catch {}
        /* solhint-enable no-empty-blocks */
    }

    /// @dev Takes exactly `amount` from `from`, or reverts.
    function _takeIn(address from, uint256 amount) internal {
        uint256 before = _held();
        token.safeTransferFrom(from, address(this), amount);
        uint256 received = _held() - before;
        if (received != amount) revert InexactTransfer(amount, received);
    }

    /// @dev Pays `amount` to `to`; if the token refuses, the amount becomes claimable. Call it last.
    function _payOut(address to, uint256 amount) internal {
        if (amount == 0 || _tryTransfer(to, amount)) return;
        claimable[to] += amount;
        emit ClaimableAdded(to, amount);
    }

    /// @dev `token.balanceOf(address(this))`; reverts unless the token answers with a word.
    function _held() private view returns (uint256 amount) {
        bytes4 selector = IERC20.balanceOf.selector;
        address target = address(token);
        bool ok;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(0, selector)
            mstore(0x04, address())
            ok := and(gt(returndatasize(), 0x1f), staticcall(gas(), target, 0, 0x24, 0, 0x20))
            amount := mload(0)
        }
        if (!ok) revert SafeERC20.SafeERC20FailedOperation(target);
    }

    /// @dev True if the token answered like SafeERC20 expects: success, and nothing or `true`.
    function _tryTransfer(address to, uint256 amount) private returns (bool ok) {
        bytes4 selector = IERC20.transfer.selector;
        address target = address(token);
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(0, selector)
            mstore(0x04, shr(96, shl(96, to)))
            mstore(0x24, amount)
            ok := call(PAYOUT_GAS, target, 0, 0, 0x44, 0, 0x20)
            let one := and(gt(returndatasize(), 0x1f), eq(mload(0), 1))
            let silent := and(iszero(returndatasize()), gt(extcodesize(target), 0))
            ok := and(ok, or(one, silent))
            mstore(0x40, free)
        }
    }
}
