// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IOperators} from "../interfaces/IOperators.sol";

/// @title A token bucket for each operator: stake fills it, income draws on it
abstract contract IncomeCredit is IOperators {
    /// @dev The credit is never more than this part of the stake.
    uint256 private constant CAP_DIVISOR = 4;

    uint256 private constant STAKED_BITS = 88;
    uint256 private constant CREDIT_BITS = 88;
    uint256 private constant TIME_BITS = 40;

    /// @dev Kept in one slot, in this order from the lowest bit. `updated` is never 0 for an operator that exists.
    struct Bucket {
        uint256 staked;
        uint256 credit;
        uint256 updated;
        uint256 goodSince;
    }

    /// @inheritdoc IOperators
    uint128 public immutable minimumStake;
    /// @inheritdoc IOperators
    uint40 public immutable creditSeconds;

    mapping(uint32 id => uint256) private _buckets;

    constructor(uint128 minimumStake_, uint40 creditSeconds_) {
        minimumStake = minimumStake_;
        creditSeconds = creditSeconds_;
    }

    function _openBucket(uint32 id) internal {
        _save(id, Bucket(0, 0, block.timestamp, 0));
    }

    function _addStake(uint32 id, uint256 amount) internal returns (uint128) {
        Bucket memory bucket = _settled(id);
        uint256 staked = bucket.staked + amount;
        if (staked >> STAKED_BITS != 0) revert StakeTooLarge(id, staked);
        bucket.staked = staked;
        if (bucket.goodSince == 0 && staked >= minimumStake) bucket.goodSince = block.timestamp;
        _save(id, bucket);
        return uint128(staked);
    }

    /// @param fault whether good standing starts anew
    function _removeStake(uint32 id, uint256 amount, bool fault) internal returns (uint128) {
        Bucket memory bucket = _settled(id);
        uint256 staked = bucket.staked - amount;
        bucket.staked = staked;
        uint256 cap = staked / CAP_DIVISOR;
        if (bucket.credit > cap) bucket.credit = cap;
        if (staked < minimumStake) bucket.goodSince = 0;
        else if (fault) bucket.goodSince = block.timestamp;
        _save(id, bucket);
        return uint128(staked);
    }

    function _draw(uint32 id, uint128 amount) internal returns (uint128 credit) {
        Bucket memory bucket = _settled(id);
        if (amount > bucket.credit) revert InsufficientCredit(id, amount, uint128(bucket.credit));
        bucket.credit -= amount;
        _save(id, bucket);
        return uint128(bucket.credit);
    }

    function _save(uint32 id, Bucket memory bucket) private {
        _buckets[id] =
            bucket.staked |
            (bucket.credit << STAKED_BITS) |
            (bucket.updated << (STAKED_BITS + CREDIT_BITS)) |
            (bucket.goodSince << (STAKED_BITS + CREDIT_BITS + TIME_BITS));
    }

    function _stakeOf(uint32 id) internal view returns (uint128) {
        return uint88(_buckets[id]);
    }

    /// @dev The bucket as of now. The rule: stake × seconds ÷ `creditSeconds` more, up to a quarter of the stake.
    function _settled(uint32 id) internal view returns (Bucket memory bucket) {
        uint256 slot = _buckets[id];
        bucket.staked = uint88(slot);
        bucket.credit = uint88(slot >> STAKED_BITS);
        bucket.updated = uint40(slot >> (STAKED_BITS + CREDIT_BITS));
        bucket.goodSince = slot >> (STAKED_BITS + CREDIT_BITS + TIME_BITS);
        if (bucket.updated == 0) revert UnknownOperator(id);
        uint256 cap = bucket.staked / CAP_DIVISOR;
        uint256 elapsed = block.timestamp - bucket.updated;
        uint256 credit = bucket.credit + (bucket.staked * elapsed) / creditSeconds;
        bucket.credit = credit < cap ? credit : cap;
        bucket.updated = block.timestamp;
    }
}
