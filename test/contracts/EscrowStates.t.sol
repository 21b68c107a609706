// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IEscrow as I} from "../../contracts/interfaces/IEscrow.sol";
import {DealFixture} from "./support/DealFixture.sol";
import {ObedientEvaluator} from "./support/HostileEvaluators.sol";

/// Every call by every caller in every state and period, for deals with and without bonds, collateral and evaluator: exactly the
/// listed ones work, and from every state that holds money there is a way out that needs only one party, or nobody in particular.
contract EscrowStatesTest is DealFixture {
    enum Call {
        Fund,
        Accept,
        Release,
        ReleasePart,
        Refund,
        EvaluatePart,
        EvaluateFinal,
        Dispute,
        Answer,
        Rule,
        Expire
    }

    uint256 private constant CALLS = 11;
    uint256 private constant STATES = 6;

    I.Terms private t;
    bytes32 private id;
    uint256 private deals;
    address private evaluator;

    function setUp() public override {
        super.setUp();
        evaluator = address(new ObedientEvaluator());
    }

    /// @dev A new deal; `kind` says in its bits whether there are bonds, collateral and an evaluator.
    function prepare(uint256 kind) private {
        t = terms();
        t.amount = 100;
        t.arbiterFee = 5;
        if (kind & 1 != 0) t.bond = 8;
        if (kind & 2 != 0) t.collateral = 40;
        if (kind & 4 != 0) t.evaluator = evaluator;
        t.details = bytes32(++deals);
        id = escrow.dealId(t);
    }

    function exists(uint256 kind, I.State state) private pure returns (bool) {
        if (state == I.State.Challenged) return kind & 1 != 0;
        return state != I.State.Offered || kind & 2 != 0;
    }

    /// @dev Brings the deal into `state`, and lets its time run out if `late`.
    function arrange(I.State state, bool late) private {
        if (state != I.State.None) fundDeal(t);
        if (state > I.State.Offered && t.collateral != 0) {
            vm.prank(bob);
            escrow.accept(t);
        }
        if (state == I.State.Challenged || state == I.State.Disputed) {
            vm.prank(alice);
            escrow.dispute(t);
        }
        if (state == I.State.Disputed && t.bond != 0) {
            vm.prank(bob);
            escrow.answer(t);
        }
        if (state == I.State.Closed) {
            vm.prank(bob);
            escrow.refund(t);
        }
        inState(id, state);
        if (!late) return;
        uint256 end = escrow.deal(id).endsAt;
        vm.warp((end == 0 ? uint256(t.deliverBy) + t.disputeWindow : end) + 1);
    }

    function attempt(Call call_, address caller) private returns (bool works) {
        bytes memory data;
        if (call_ == Call.Fund) data = abi.encodeCall(I.fund, (t));
        else if (call_ == Call.Accept) data = abi.encodeCall(I.accept, (t));
        else if (call_ == Call.Release) data = abi.encodeCall(I.release, (t));
        else if (call_ == Call.ReleasePart) data = abi.encodeCall(I.releasePart, (t, 1));
        else if (call_ == Call.Refund) data = abi.encodeCall(I.refund, (t));
        else if (call_ == Call.EvaluatePart) data = abi.encodeCall(I.evaluate, (t, abi.encode(1, false)));
        else if (call_ == Call.EvaluateFinal) data = abi.encodeCall(I.evaluate, (t, abi.encode(1, true)));
        else if (call_ == Call.Dispute) data = abi.encodeCall(I.dispute, (t));
        else if (call_ == Call.Answer) data = abi.encodeCall(I.answer, (t));
        else if (call_ == Call.Rule) data = abi.encodeCall(I.rule, (t, 1));
        else data = abi.encodeCall(I.expire, (t));
        vm.prank(caller);
        (works, ) = address(escrow).call(data);
    }

    function allowed(I.State state, bool late, Call call_, address caller) private view returns (bool) {
        bool open = state >= I.State.Funded && state <= I.State.Disputed;
        bool offered = state == I.State.Offered;
        bool funded = state == I.State.Funded;
        bool evaluated = t.evaluator != address(0) && !late;
        if (call_ == Call.Fund) return state == I.State.None && caller == alice && !late;
        if (call_ == Call.Accept) return offered && caller == bob && !late;
        if (call_ == Call.Release) return open && caller == alice;
        if (call_ == Call.ReleasePart) return funded && caller == alice;
        if (call_ == Call.Refund) return ((open || offered) && caller == bob) || (offered && caller == alice);
        if (call_ == Call.EvaluatePart) return evaluated && funded;
        if (call_ == Call.EvaluateFinal) return evaluated && open;
        if (call_ == Call.Dispute) return funded && (caller == alice || caller == bob) && !late;
        if (call_ == Call.Answer) return state == I.State.Challenged && !late;
        if (call_ == Call.Rule) return state == I.State.Disputed && caller == carol && !late;
        return (open || offered) && late;
    }

    function onlyTheListedCallsWork(uint256 kind) private {
        address[4] memory callers = [alice, bob, carol, mallory];
        for (uint256 i = 0; i < STATES * 2 * CALLS * 4; ++i) {
            I.State state = I.State(i % STATES);
            if (!exists(kind, state)) continue;
            bool late = (i / STATES) % 2 == 1;
            Call call_ = Call((i / STATES / 2) % CALLS);
            address caller = callers[i / STATES / 2 / CALLS];
            prepare(kind);
            arrange(state, late);
            bool expected = allowed(state, late, call_, caller);
            if (attempt(call_, caller) != expected) revert Unlisted(state, late, call_, caller, expected);
        }
    }

    error Unlisted(I.State state, bool late, Call call_, address caller, bool expected);

    function test_onlyTheListedCallsWork_plain() public {
        onlyTheListedCallsWork(0);
    }

    function test_onlyTheListedCallsWork_bonds() public {
        onlyTheListedCallsWork(1);
    }

    function test_onlyTheListedCallsWork_collateral() public {
        onlyTheListedCallsWork(2);
    }

    function test_onlyTheListedCallsWork_evaluator() public {
        onlyTheListedCallsWork(4);
    }

    function test_onlyTheListedCallsWork_everything() public {
        onlyTheListedCallsWork(7);
    }

    /// From every state of every kind of deal, whoever is silent: a stranger alone gets all the money out once its time has
    /// come, and either party gets it out at once by giving in.
    function test_moneyIsNeverStuck() public {
        for (uint256 kind = 0; kind < 8; ++kind) {
            for (uint256 s = uint256(I.State.Offered); s < uint256(I.State.Closed); ++s) {
                I.State state = I.State(s);
                if (!exists(kind, state)) continue;
                for (uint256 way = 0; way < 3; ++way) {
                    prepare(kind);
                    arrange(state, way == 0);
                    bool worked =
                        way == 0
                            ? attempt(Call.Expire, mallory)
                            : way == 1 || state == I.State.Offered
                                ? attempt(Call.Refund, way == 1 ? bob : alice)
                                : attempt(Call.Release, alice);
                    ok(worked, "there is a way out");
                    inState(id, I.State.Closed);
                    eq(token.balanceOf(address(escrow)), 0, "nothing stays");
                }
            }
        }
        uint256 sum = token.balanceOf(alice) + token.balanceOf(bob) + token.balanceOf(carol);
        eq(sum + token.balanceOf(mallory), 4 * WEALTH, "nothing is lost");
    }

    function test_closedRefusesEverythingForEver() public {
        address[4] memory people = [alice, bob, carol, mallory];
        for (uint256 kind = 0; kind < 8; ++kind) {
            prepare(kind);
            arrange(I.State.Closed, true);
            vm.warp(block.timestamp + 365 days);
            for (uint256 c = 0; c < CALLS; ++c) {
                for (uint256 p = 0; p < 4; ++p) ok(!attempt(Call(c), people[p]), "refused");
            }
        }
    }
}
