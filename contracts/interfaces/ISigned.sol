// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

/// @title Signed actions that anyone may send
/// @notice `xFor` does what `x` does for somebody who signed the arguments of `x` and a deadline as EIP-712 data of this contract on
/// this chain. A key signs, or a contract by ERC-1271.
interface ISigned {
    /// @notice The signature was good until unix second `deadline`.
    error SignatureExpired(uint40 deadline);
    /// @notice This is no signature of `signer` for these arguments and, where the action has one, its present nonce.
    error BadSignature(address signer);
}
