pragma circom 2.2.0;

include "circomlib/circuits/bitify.circom";
include "circomlib/circuits/comparators.circom";

// BelowLimit: a message id lies under a member's limit.
//   in   messageId, limit
// Assumes  nothing about either input: a leaf may hold any field element as its limit.
// Ensures  0 <= messageId < limit < 2^LIMIT_BITS.
template BelowLimit(LIMIT_BITS) {
    assert(LIMIT_BITS < 253);
    signal input messageId;
    signal input limit;

    // 1. Both are ranged: LessThan alone wraps around the field for wider inputs.
    _ <== Num2Bits(LIMIT_BITS)(messageId);
    _ <== Num2Bits(LIMIT_BITS)(limit);

    // 2. Strictly below; a limit of 0 has no solution.
    signal isBelow <== LessThan(LIMIT_BITS)([messageId, limit]);
    isBelow === 1;
}
