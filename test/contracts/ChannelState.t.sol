// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {ChannelState, ChannelStates} from "../../contracts/types/ChannelState.sol";
import {TestBase} from "./support/TestBase.sol";

contract ChannelStateTest is TestBase {
    /// Any word is a state, and a change of one field shows in no other.
    function testFuzz_aFieldChangesAlone(uint256 word, uint128 amount, uint40 time) public pure {
        amount = uint128(amount & ChannelStates.MAX_AMOUNT);
        time = uint40(time & ChannelStates.MAX_TIME);
        ChannelState state = ChannelState.wrap(word);
        same(state, state.withAllocated(amount), 0);
        same(state, state.withCollected(amount), 1);
        same(state, state.withThawingUntil(time), 3);
        same(state, state.withNextNonce(), 4);
        eq(state.withAllocated(amount).allocated(), amount, "allocated");
        eq(state.withCollected(amount).collected(), amount, "collected");
        eq(state.withThawingUntil(time).thawingUntil(), time, "thawingUntil");
        ok(state.withAllocated(amount).isOpen() == (amount != 0), "open while something is allocated");
        uint256 next = state.nonce() == ChannelStates.MAX_NONCE ? state.nonce() : state.nonce() + 1;
        eq(state.withNextNonce().nonce(), next, "the next nonce, or the last");
    }

    function testFuzz_closedKeepsTheEpochOnly(uint256 word) public pure {
        ChannelState state = ChannelState.wrap(word);
        ChannelState end = state.closed();
        eq(end.epoch(), state.epoch(), "epoch");
        uint256 rest = uint256(end.allocated()) + end.collected() + end.thawingUntil() + end.nonce();
        eq(rest, 0, "nothing else");
        ok(!end.isOpen() && !end.isForeign(), "closed");
    }

    function testFuzz_openedIsTheNextEpoch(uint256 word, bool foreign) public pure {
        ChannelState state = ChannelState.wrap(word).closed();
        if (state.epoch() == ChannelStates.MAX_EPOCH) return;
        ChannelState begun = state.opened(foreign);
        eq(begun.epoch(), uint256(state.epoch()) + 1, "the next epoch");
        ok(begun.isForeign() == foreign, "foreign");
        uint256 rest = uint256(begun.allocated()) + begun.collected() + begun.thawingUntil() + begun.nonce();
        eq(rest, 0, "nothing yet");
    }

    /// @dev All but one field.
    function same(ChannelState a, ChannelState b, uint256 but) private pure {
        if (but != 0) eq(a.allocated(), b.allocated(), "allocated stays");
        if (but != 1) eq(a.collected(), b.collected(), "collected stays");
        eq(a.epoch(), b.epoch(), "epoch stays");
        if (but != 3) eq(a.thawingUntil(), b.thawingUntil(), "thawingUntil stays");
        if (but != 4) eq(a.nonce(), b.nonce(), "nonce stays");
        ok(a.isForeign() == b.isForeign(), "foreign stays");
    }
}
