// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

/// @dev All that a channel is, in one storage slot; zero if it never was. From the low bits up:
/// allocated 92 · collected 92 · epoch 20 · thawingUntil 36 · nonce 15 · foreign 1.
/// It is open while something is allocated. `foreign` says that another key than the payer's signs, kept in a slot of its
/// own. `nonce` is the next one that the payer may sign with; it counts anew in each epoch.
type ChannelState is uint256;

using ChannelStates for ChannelState global;

library ChannelStates {
    uint256 internal constant MAX_AMOUNT = (1 << 92) - 1;
    uint256 internal constant MAX_EPOCH = (1 << 20) - 1;
    /// @dev Of unix seconds: the year 4147.
    uint256 internal constant MAX_TIME = (1 << 36) - 1;
    uint256 internal constant MAX_NONCE = (1 << 15) - 1;

    uint256 private constant COLLECTED = 92;
    uint256 private constant EPOCH = 184;
    uint256 private constant THAWING = 204;
    uint256 private constant NONCE = 240;
    uint256 private constant FOREIGN = 255;

    function allocated(ChannelState state) internal pure returns (uint128) {
        return uint128(ChannelState.unwrap(state) & MAX_AMOUNT);
    }

    function collected(ChannelState state) internal pure returns (uint128) {
        return uint128((ChannelState.unwrap(state) >> COLLECTED) & MAX_AMOUNT);
    }

    function epoch(ChannelState state) internal pure returns (uint32) {
        return uint32((ChannelState.unwrap(state) >> EPOCH) & MAX_EPOCH);
    }

    function thawingUntil(ChannelState state) internal pure returns (uint40) {
        return uint40((ChannelState.unwrap(state) >> THAWING) & MAX_TIME);
    }

    function nonce(ChannelState state) internal pure returns (uint64) {
        return uint64((ChannelState.unwrap(state) >> NONCE) & MAX_NONCE);
    }

    function isForeign(ChannelState state) internal pure returns (bool) {
        return ChannelState.unwrap(state) >> FOREIGN == 1;
    }

    function isOpen(ChannelState state) internal pure returns (bool) {
        return ChannelState.unwrap(state) & MAX_AMOUNT != 0;
    }

    /// @dev From a closed one with less than MAX_EPOCH: the next epoch, with nothing allocated yet.
    function opened(ChannelState state, bool foreign) internal pure returns (ChannelState) {
        uint256 next = ChannelState.unwrap(state) + (1 << EPOCH);
        return ChannelState.wrap(foreign ? next | (1 << FOREIGN) : next);
    }

    /// @dev `total` must be at most MAX_AMOUNT.
    function withAllocated(ChannelState state, uint256 total) internal pure returns (ChannelState) {
        return ChannelState.wrap((ChannelState.unwrap(state) & ~MAX_AMOUNT) | total);
    }

    /// @dev `total` must be at most MAX_AMOUNT.
    function withCollected(ChannelState state, uint256 total) internal pure returns (ChannelState) {
        uint256 rest = ChannelState.unwrap(state) & ~(MAX_AMOUNT << COLLECTED);
        return ChannelState.wrap(rest | (total << COLLECTED));
    }

    /// @dev `until` must be at most MAX_TIME.
    function withThawingUntil(ChannelState state, uint256 until) internal pure returns (ChannelState) {
        uint256 rest = ChannelState.unwrap(state) & ~(MAX_TIME << THAWING);
        return ChannelState.wrap(rest | (until << THAWING));
    }

    /// @dev MAX_NONCE stays.
    function withNextNonce(ChannelState state) internal pure returns (ChannelState) {
        if (nonce(state) == MAX_NONCE) return state;
        unchecked {
            return ChannelState.wrap(ChannelState.unwrap(state) + (1 << NONCE));
        }
    }

    /// @dev Closed: of all that it was only the epoch stays, so that no voucher of it is ever good again.
    function closed(ChannelState state) internal pure returns (ChannelState) {
        return ChannelState.wrap(ChannelState.unwrap(state) & (MAX_EPOCH << EPOCH));
    }
}
