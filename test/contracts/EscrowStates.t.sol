// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IEscrow as I} from "../../contracts/interfaces/IEscrow.sol";
import {Fixture} from "./support/Fixture.sol";

/// Every call by every caller in every state and period: exactly the listed ones work, and from every state that holds
/// money there is a way out that needs only one party, or nobody in particular.
contract EscrowStatesTest is Fixture {
    enum Call {
        Fund,
        Release,
        Refund,
        Dispute,
        Rule,
        Expire
    }
    enum Period {
        BeforeDelivery,
        DisputeWindow,
        After
    }

    I.Terms private t;
    bytes32 private id;

    function setUp() public override {
        super.setUp();
        t = terms();
        t.rulingWindow = 2_000; // outlasts the dispute window, so that Disputed exists in all periods
        id = escrow.dealId(t);
    }

    function attempt(Call call_, address caller) private returns (bool works) {
        bytes memory data;
        if (call_ == Call.Fund) data = abi.encodeCall(I.fund, (t));
        else if (call_ == Call.Release) data = abi.encodeCall(I.release, (t));
        else if (call_ == Call.Refund) data = abi.encodeCall(I.refund, (t));
        else if (call_ == Call.Dispute) data = abi.encodeCall(I.dispute, (t));
        else if (call_ == Call.Rule) data = abi.encodeCall(I.rule, (t, 1));
        else data = abi.encodeCall(I.expire, (t));
        vm.prank(caller);
        (works, ) = address(escrow).call(data);
    }

    function allowed(I.State state, Period period, Call call_, address caller) private view returns (bool) {
        bool open = state == I.State.Funded || state == I.State.Disputed;
        if (call_ == Call.Fund)
            return state == I.State.None && caller == alice && period == Period.BeforeDelivery;
        if (call_ == Call.Release) return open && caller == alice;
        if (call_ == Call.Refund) return open && caller == bob;
        if (call_ == Call.Dispute)
            return state == I.State.Funded && (caller == alice || caller == bob) && period != Period.After;
        if (call_ == Call.Rule) return state == I.State.Disputed && caller == carol;
        return state == I.State.Funded && period == Period.After;
    }

    function arrange(I.State state, Period period) private {
        if (state != I.State.None) fundDeal(t);
        if (state == I.State.Disputed) {
            vm.prank(alice);
            escrow.dispute(t);
        }
        if (state == I.State.Closed) {
            vm.prank(bob);
            escrow.refund(t);
        }
        if (period == Period.DisputeWindow) vm.warp(uint256(t.deliverBy) + 1);
        if (period == Period.After) vm.warp(uint256(t.deliverBy) + t.disputeWindow + 1);
    }

    function testFuzz_onlyTheListedCallsWork(
        uint8 stateSeed,
        uint8 periodSeed,
        uint8 callSeed,
        uint8 who
    ) public {
        I.State state = I.State(stateSeed % 4);
        Period period = Period(periodSeed % 3);
        Call call_ = Call(callSeed % 6);
        address caller = [alice, bob, carol, mallory][who % 4];
        arrange(state, period);
        bool expected = allowed(state, period, call_, caller);
        eq(attempt(call_, caller) ? 1 : 0, expected ? 1 : 0, "works if and only if it is listed");
    }

    /// Nobody moves any more: a stranger alone gets the money out, to the parties, from either state.
    function test_moneyIsNeverStuck_ifEverybodyFallsSilent() public {
        arrange(I.State.Funded, Period.After);
        ok(attempt(Call.Expire, mallory), "an undisputed deal ends");

        t.salt = "second";
        t.deliverBy = uint40(block.timestamp) + 1_000;
        id = escrow.dealId(t);
        arrange(I.State.Disputed, Period.BeforeDelivery);
        vm.warp(uint256(escrow.deal(id).rulingEndsAt) + 1);
        ok(attempt(Call.Expire, mallory), "a disputed deal ends");
        eq(token.balanceOf(address(escrow)), 0, "nothing stays");
    }

    function test_closedRefusesEverythingForEver() public {
        arrange(I.State.Closed, Period.After);
        vm.warp(block.timestamp + 365 days);
        address[4] memory people = [alice, bob, carol, mallory];
        for (uint256 c = 0; c < 6; ++c) {
            for (uint256 p = 0; p < 4; ++p) ok(!attempt(Call(c), people[p]), "refused");
        }
    }
}
