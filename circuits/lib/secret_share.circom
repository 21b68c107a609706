pragma circom 2.2.0;

include "circomlib/circuits/poseidon.circom";

// SecretShare: one Shamir share of `secret` per (externalNullifier, messageId); two x in one slot reveal it.
//   in   secret, externalNullifier, messageId, x   out  y, nullifier
// Assumes  messageId is ranged and secret is bound to a member's leaf by the caller; whoever verifies refuses x = 0.
// Ensures  a1 = Poseidon(secret, externalNullifier, messageId), y = secret + a1 * x, nullifier = Poseidon(a1).
template SecretShare() {
    signal input secret;
    signal input externalNullifier;
    signal input messageId;
    signal input x;
    signal output y;
    signal output nullifier;

    // 1. The slope of the line is fixed by the slot.
    signal a1 <== Poseidon(3)([secret, externalNullifier, messageId]);

    // 2. One point of the line.
    y <== secret + a1 * x;

    // 3. The slot's name, which says nothing about the slope.
    nullifier <== Poseidon(1)([a1]);
}
