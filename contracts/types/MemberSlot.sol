// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IMembershipRegistry} from "../interfaces/IMembershipRegistry.sol";

/// @dev A membership in one storage slot, from the lowest bit: state 8, rate limit 16, index 32, home 32, expiry 40,
/// claimed until 40, withdrawable at 40, nonce 16. Packed by hand: the compiler would write it field by field.
type MemberSlot is uint256;

using MemberSlots for MemberSlot global;

library MemberSlots {
    uint256 private constant RATE_LIMIT = 8;
    uint256 private constant INDEX = 24;
    uint256 private constant HOME = 56;
    uint256 private constant EXPIRY = 88;
    uint256 private constant CLAIMED = 128;
    uint256 private constant WITHDRAWABLE = 168;
    uint256 private constant NONCE = 208;

    /// @dev A new active member, claimed until now.
    function create(
        uint16 rateLimit_,
        uint32 index_,
        uint32 home_,
        uint40 expiry_
    ) internal view returns (MemberSlot) {
        uint256 word = uint256(IMembershipRegistry.State.Active) | (uint256(rateLimit_) << RATE_LIMIT);
        word |= (uint256(index_) << INDEX) | (uint256(home_) << HOME) | (uint256(expiry_) << EXPIRY);
        return MemberSlot.wrap(word | (uint256(uint40(block.timestamp)) << CLAIMED));
    }

    function state(MemberSlot m) internal pure returns (IMembershipRegistry.State) {
        return IMembershipRegistry.State(uint8(MemberSlot.unwrap(m)));
    }

    function rateLimit(MemberSlot m) internal pure returns (uint16) {
        return uint16(MemberSlot.unwrap(m) >> RATE_LIMIT);
    }

    function index(MemberSlot m) internal pure returns (uint32) {
        return uint32(MemberSlot.unwrap(m) >> INDEX);
    }

    function home(MemberSlot m) internal pure returns (uint32) {
        return uint32(MemberSlot.unwrap(m) >> HOME);
    }

    function expiry(MemberSlot m) internal pure returns (uint40) {
        return uint40(MemberSlot.unwrap(m) >> EXPIRY);
    }

    function claimedUntil(MemberSlot m) internal pure returns (uint40) {
        return uint40(MemberSlot.unwrap(m) >> CLAIMED);
    }

    function withdrawableAt(MemberSlot m) internal pure returns (uint40) {
        return uint40(MemberSlot.unwrap(m) >> WITHDRAWABLE);
    }

    function nonce(MemberSlot m) internal pure returns (uint16) {
        return uint16(MemberSlot.unwrap(m) >> NONCE);
    }

    function withState(MemberSlot m, IMembershipRegistry.State value) internal pure returns (MemberSlot) {
        return _with(m, 0, type(uint8).max, uint8(value));
    }

    function withHome(MemberSlot m, uint32 value) internal pure returns (MemberSlot) {
        return _with(m, HOME, type(uint32).max, value);
    }

    function withExpiry(MemberSlot m, uint40 value) internal pure returns (MemberSlot) {
        return _with(m, EXPIRY, type(uint40).max, value);
    }

    function withClaimedUntil(MemberSlot m, uint40 value) internal pure returns (MemberSlot) {
        return _with(m, CLAIMED, type(uint40).max, value);
    }

    function withWithdrawableAt(MemberSlot m, uint40 value) internal pure returns (MemberSlot) {
        return _with(m, WITHDRAWABLE, type(uint40).max, value);
    }

    /// @dev The next nonce. Stays at the last one, with which nothing can be signed: a nonce must not come twice.
    function withNextNonce(MemberSlot m) internal pure returns (MemberSlot) {
        uint16 last = m.nonce();
        return last == type(uint16).max ? m : _with(m, NONCE, type(uint16).max, last + 1);
    }

    function unpack(MemberSlot m) internal pure returns (IMembershipRegistry.Member memory) {
        return
            IMembershipRegistry.Member({
                state: m.state(),
                rateLimit: m.rateLimit(),
                index: m.index(),
                home: m.home(),
                expiry: m.expiry(),
                claimedUntil: m.claimedUntil(),
                withdrawableAt: m.withdrawableAt(),
                nonce: m.nonce()
            });
    }

    function _with(
        MemberSlot m,
        uint256 offset,
        uint256 mask,
        uint256 value
    ) private pure returns (MemberSlot) {
        return MemberSlot.wrap((MemberSlot.unwrap(m) & ~(mask << offset)) | (value << offset));
    }
}
