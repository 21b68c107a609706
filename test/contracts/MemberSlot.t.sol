// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IMembershipRegistry as I} from "../../contracts/interfaces/IMembershipRegistry.sol";
import {MemberSlot, MemberSlots} from "../../contracts/types/MemberSlot.sol";
import {TestBase} from "./support/TestBase.sol";

contract MemberSlotTest is TestBase {
    /// Each field at its largest, one beside the other.
    function test_create_packsFromTheLowestBit() public {
        vm.warp(type(uint40).max);
        MemberSlot m = MemberSlots.create(type(uint16).max, type(uint32).max, 0, type(uint40).max);
        uint256 word = uint256(I.State.Active) | (0xffff << 8) | (0xffffffff << 24);
        word |= (uint256(0xffffffffff) << 88) | (uint256(0xffffffffff) << 128);
        eq(MemberSlot.unwrap(m), word, "without a home");
        m = MemberSlots.create(0, 0, type(uint32).max, 0);
        word = uint256(I.State.Active) | (uint256(0xffffffff) << 56) | (uint256(0xffffffffff) << 128);
        eq(MemberSlot.unwrap(m), word, "with nothing else");
    }

    /// Any word is a member, but for its state, and a change of one field shows in no other.
    function testFuzz_aFieldChangesAlone(uint256 word, uint40 time, uint32 home) public pure {
        MemberSlot m = MemberSlot.wrap((word & ~uint256(0xff)) | (word % 4));
        changes(m, m.withState(I.State.Exited), 0, 8);
        changes(m, m.withHome(home), 56, 32);
        changes(m, m.withExpiry(time), 88, 40);
        changes(m, m.withClaimedUntil(time), 128, 40);
        changes(m, m.withWithdrawableAt(time), 168, 40);
        changes(m, m.withNextNonce(), 208, 16);
        eq(uint8(m.withState(I.State.Exited).state()), uint8(I.State.Exited), "state");
        eq(m.withHome(home).home(), home, "home");
        eq(m.withExpiry(time).expiry(), time, "expiry");
        eq(m.withClaimedUntil(time).claimedUntil(), time, "claimed until");
        eq(m.withWithdrawableAt(time).withdrawableAt(), time, "withdrawable at");
    }

    /// From all ones to all zeros and back.
    function test_aFieldChangesInEveryBit() public pure {
        MemberSlot m = MemberSlot.wrap(0);
        eq(m.withHome(type(uint32).max).withHome(0).home(), 0, "home");
        eq(m.withExpiry(type(uint40).max).withExpiry(0).expiry(), 0, "expiry");
        eq(m.withClaimedUntil(type(uint40).max).withClaimedUntil(0).claimedUntil(), 0, "claimed until");
        eq(m.withWithdrawableAt(type(uint40).max).withWithdrawableAt(0).withdrawableAt(), 0, "withdrawable");
    }

    function test_nextNonce_countsAndStaysAtTheLast() public pure {
        MemberSlot m = MemberSlot.wrap(0);
        for (uint256 i = 1; i <= 4; ++i) {
            m = m.withNextNonce();
            eq(m.nonce(), i, "one more");
        }
        m = MemberSlot.wrap(uint256(type(uint16).max - 1) << 208).withNextNonce();
        eq(m.nonce(), type(uint16).max, "the last");
        eq(m.withNextNonce().nonce(), type(uint16).max, "stays");
    }

    function changes(MemberSlot before, MemberSlot m, uint256 offset, uint256 bits) private pure {
        uint256 difference = MemberSlot.unwrap(before) ^ MemberSlot.unwrap(m);
        eq(difference & ~(((1 << bits) - 1) << offset), 0, "nothing beside the field");
    }
}
