pragma circom 2.2.0;

include "circomlib/circuits/poseidon.circom";
include "below_limit.circom";
include "merkle_root.circom";
include "secret_share.circom";

// Rln: a member of the tree `root` spends one of its message ids in one epoch on one message (RLN-v2).
//   private  identitySecret, userMessageLimit, messageId, pathElements, identityPathIndex
//   public   x (hash of the message), externalNullifier (epoch and application)
//   out      y, root, nullifier      (order of the public signals: y, root, nullifier, x, externalNullifier)
// Assumes  the verifier knows `root`, derives x from the message and refuses x = 0, checks the epoch, and reads all
//          public signals below the field's modulus.
// Ensures  leaf Poseidon(Poseidon(identitySecret), userMessageLimit) is in the tree of depth DEPTH under `root`;
//          0 <= messageId < userMessageLimit < 2^LIMIT_BITS; (x, y) is the slot's share and nullifier its name.
template Rln(DEPTH, LIMIT_BITS) {
    signal input identitySecret;
    signal input userMessageLimit;
    signal input messageId;
    signal input pathElements[DEPTH];
    signal input identityPathIndex[DEPTH];
    signal input x;
    signal input externalNullifier;
    signal output y;
    signal output root;
    signal output nullifier;

    // 1. The member's leaf binds the secret to its limit.
    signal identityCommitment <== Poseidon(1)([identitySecret]);
    signal rateCommitment <== Poseidon(2)([identityCommitment, userMessageLimit]);

    // 2. The leaf is in the tree.
    root <== MerkleRoot(DEPTH)(rateCommitment, identityPathIndex, pathElements);

    // 3. The message id is one of the member's.
    BelowLimit(LIMIT_BITS)(messageId, userMessageLimit);

    // 4. The share of this slot.
    (y, nullifier) <== SecretShare()(identitySecret, externalNullifier, messageId, x);
}
