// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

/// @title Groth16 verifier of Semaphore v4 at one depth
/// @notice A proof says: the prover's identity is in the group of this root, its nullifier for this scope is this, and it
/// meant this message.
interface ISemaphoreVerifier {
    /// @param proof A, B, C as Semaphore's tools pack them: ax, ay, the imaginary before the real part of bx and of by, cx, cy
    /// @param inputs root, nullifier, message, scope; message and scope are hashes below the field's order
    /// @return valid false for whatever does not prove it: a malformed point, an input not below the order. Never reverts
    /// but for want of gas
    function verify(uint256[8] calldata proof, uint256[4] calldata inputs) external view returns (bool valid);
}
