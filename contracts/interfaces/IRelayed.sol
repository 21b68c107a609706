// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

/// @title Signed actions that anyone may send
/// @notice `xFor` does what `x` does for somebody who signed `X(arguments of x…, uint256 nonce, uint40 deadline)` as EIP-712 data
/// of this contract on this chain. Accounts with code are asked by ERC-1271.
interface IRelayed {
    /// @notice The signature was good until unix second `deadline`.
    error SignatureExpired(uint40 deadline);
    /// @notice This is no signature of `signer` for these arguments and its next nonce.
    error BadSignature(address signer);
}
