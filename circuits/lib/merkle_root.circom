pragma circom 2.2.0;

include "circomlib/circuits/poseidon.circom";
include "circomlib/circuits/switcher.circom";

// MerkleRoot: the root that `leaf` hashes up to along a path of fixed length.
//   in   leaf, pathIndices[DEPTH] (0: the leaf's side is left), pathElements[DEPTH]   out  root
// Assumes  nothing; the caller compares or publishes `root`.
// Ensures  every index is 0 or 1; root = Poseidon(left, right) level by level, leaf first.
template MerkleRoot(DEPTH) {
    signal input leaf;
    signal input pathIndices[DEPTH];
    signal input pathElements[DEPTH];
    signal output root;

    signal nodes[DEPTH + 1];
    component switchers[DEPTH];

    nodes[0] <== leaf;
    for (var level = 0; level < DEPTH; level++) {
        // 1. The index is one bit.
        pathIndices[level] * (1 - pathIndices[level]) === 0;

        // 2. Put node and sibling on their sides, and hash.
        switchers[level] = Switcher();
        switchers[level].sel <== pathIndices[level];
        switchers[level].L <== nodes[level];
        switchers[level].R <== pathElements[level];
        nodes[level + 1] <== Poseidon(2)([switchers[level].outL, switchers[level].outR]);
    }
    root <== nodes[DEPTH];
}
