// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IEscrow as I} from "../../contracts/interfaces/IEscrow.sol";
import {DealFixture} from "./support/DealFixture.sol";

/// Bonds and collateral. Disputes without bonds are in EscrowRulings.t.sol.
contract EscrowDisputesTest is DealFixture {
    int256 private constant T = int256(uint256(TEA));

    I.Terms private t;
    bytes32 private id;

    function setUp() public override {
        super.setUp();
        t = bondedTerms();
        id = escrow.dealId(t);
    }

    // --- dispute, answer ---

    function test_dispute_takesTheBondAndCallsTheOtherSide() public {
        fundDeal(t);
        uint40 until = uint40(block.timestamp) + t.disputeWindow;
        vm.expectEmit();
        emit I.DealDisputed(id, bob, bob, until);
        vm.prank(bob);
        escrow.dispute(t);
        inState(id, I.State.Challenged);
        I.Deal memory d = escrow.deal(id);
        ok(d.byPayee, "the payee disputed");
        eq(d.endsAt, until, "time to answer");
        eq(token.balanceOf(address(escrow)), t.amount + BOND, "held");
        (address forPayer, address forPayee) = escrow.advancers(id);
        eq(forPayer, address(0), "nobody for the payer");
        eq(forPayee, bob, "bob for himself");
    }

    function test_answer_byAnyoneStartsTheRuling() public {
        fundDeal(t);
        vm.prank(bob);
        escrow.dispute(t);
        vm.warp(escrow.deal(id).endsAt); // the last second
        uint40 until = uint40(block.timestamp) + t.rulingWindow;
        vm.expectEmit();
        emit I.DisputeAnswered(id, mallory, until);
        vm.prank(mallory);
        escrow.answer(t);
        inState(id, I.State.Disputed);
        eq(escrow.deal(id).endsAt, until, "the arbiter has its whole window");
        (address forPayer, address forPayee) = escrow.advancers(id);
        eq(forPayer, mallory, "mallory for the payer");
        eq(forPayee, bob, "bob for himself");
    }

    function test_answer_refusesInAnotherStateOrTooLate() public {
        fundDeal(t);
        vm.expectRevert(abi.encodeWithSelector(I.WrongState.selector, id, I.State.Funded));
        escrow.answer(t);
        vm.prank(bob);
        escrow.dispute(t);
        uint256 until = escrow.deal(id).endsAt;
        vm.warp(until + 1);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(I.TooLate.selector, id, until));
        escrow.answer(t);
    }

    function test_unanswered_goesToTheSideThatDisputed() public {
        int256[2] memory payee = [int256(100 * T), 0];
        for (uint256 i = 0; i < 2; ++i) {
            t.details = bytes32(i);
            t.deliverBy = uint40(block.timestamp) + 1_000;
            id = fundDeal(t);
            vm.prank(i == 0 ? bob : alice);
            escrow.dispute(t);
            vm.prank(carol);
            vm.expectRevert(abi.encodeWithSelector(I.WrongState.selector, id, I.State.Challenged));
            escrow.rule(t, 0);
            uint256 until = escrow.deal(id).endsAt;
            vm.warp(until);
            vm.expectRevert(abi.encodeWithSelector(I.TooEarly.selector, id, until + 1));
            escrow.expire(t);
            vm.warp(until + 1);
            escrow.expire(t);
            moved(-100 * T, payee[0], 0, 0); // the second time alice has her money back, and every bond is home
        }
    }

    // --- rule ---

    function testFuzz_rule_eachBondPaysInProportionToItsLoss(
        uint128 toPayee,
        uint128 fee,
        uint128 bond
    ) public {
        t.arbiterFee = uint128(within(fee, 0, 1e12));
        t.bond = uint128(within(bond, t.arbiterFee == 0 ? 1 : t.arbiterFee, 1e13));
        toPayee = uint128(within(toPayee, 0, t.amount));
        id = fundAndDispute(t);
        vm.prank(carol);
        escrow.rule(t, toPayee);
        int256 ofPayer = int256((uint256(t.arbiterFee) * toPayee) / t.amount);
        int256 f = int256(uint256(t.arbiterFee));
        int256 p = int256(uint256(toPayee));
        moved(-p - ofPayer, p - (f - ofPayer), f, 0);
    }

    function test_rule_returnsBondsToWhoAdvancedThem() public {
        fundDeal(t);
        vm.prank(alice);
        escrow.dispute(t);
        vm.prank(mallory); // for bob, who has nothing
        escrow.answer(t);
        vm.expectEmit();
        emit I.BondReturned(id, alice, BOND - 5 * TEA);
        vm.expectEmit();
        emit I.BondReturned(id, mallory, BOND);
        vm.prank(carol);
        escrow.rule(t, 100 * TEA);
        moved(-105 * T, 100 * T, 5 * T, 0);
    }

    function test_everyOtherEndReturnsBondsWhole() public {
        for (uint256 i = 0; i < 8; ++i) {
            t.details = bytes32(i);
            t.deliverBy = uint40(block.timestamp) + 1_000;
            id = fundDeal(t);
            vm.prank(alice);
            escrow.dispute(t);
            bool answered = i % 2 == 0;
            if (answered) {
                vm.prank(mallory);
                escrow.answer(t);
            }
            bytes32 digest = settlementDigest(id, 0);
            if (i / 2 == 3) vm.warp(uint256(escrow.deal(id).endsAt) + 1);
            else vm.prank(i / 2 == 0 ? alice : bob);
            if (i / 2 == 0) escrow.release(t);
            else if (i / 2 == 1) escrow.refund(t);
            else if (i / 2 == 2) escrow.settle(t, 0, DEADLINE, signature(aliceKey, digest), "");
            else escrow.expire(t);
        }
        // two releases, and one default of half, since carol was silent
        moved(-250 * T, 250 * T, 0, 0);
    }

    // --- collateral ---

    function test_accept_locksTheCollateral() public {
        t = collateralTerms();
        id = fundDeal(t);
        inState(id, I.State.Offered);
        eq(escrow.deal(id).endsAt, block.timestamp + t.disputeWindow, "time to accept");
        vm.expectEmit();
        emit I.DealAccepted(id, 140 * TEA);
        vm.prank(bob);
        escrow.accept(t);
        inState(id, I.State.Funded);
        eq(token.balanceOf(address(escrow)), 140 * TEA, "held");
    }

    function test_accept_isThePayeesOnlyInTimeAndOnce() public {
        t = collateralTerms();
        t.deliverBy = uint40(block.timestamp) + 10; // before the dispute window would end
        id = fundDeal(t);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(I.NotAllowed.selector, id, alice));
        escrow.accept(t);
        vm.warp(uint256(t.deliverBy) + 1);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(I.TooLate.selector, id, t.deliverBy));
        escrow.accept(t);
        vm.warp(t.deliverBy);
        vm.startPrank(bob);
        escrow.accept(t);
        vm.expectRevert(abi.encodeWithSelector(I.WrongState.selector, id, I.State.Funded));
        escrow.accept(t);
        vm.stopPrank();
    }

    function test_offered_canOnlyBeAcceptedOrGoBack() public {
        t = collateralTerms();
        for (uint256 i = 0; i < 3; ++i) {
            t.details = bytes32(i);
            id = fundDeal(t);
            bytes memory refusal = abi.encodeWithSelector(I.WrongState.selector, id, I.State.Offered);
            vm.startPrank(alice);
            vm.expectRevert(refusal);
            escrow.release(t);
            vm.expectRevert(refusal);
            escrow.releasePart(t, 1);
            vm.expectRevert(refusal);
            escrow.dispute(t);
            vm.stopPrank();
            vm.expectRevert(refusal);
            escrow.settle(t, 0, DEADLINE, "", "");
            if (i == 0) vm.warp(uint256(escrow.deal(id).endsAt) + 1);
            else vm.prank(i == 1 ? alice : bob);
            if (i == 0) escrow.expire(t);
            else escrow.refund(t);
            moved(0, 0, 0, 0);
            t.deliverBy = uint40(block.timestamp) + 1_000;
        }
    }

    function test_collateral_returnsOnRelease_andGoesToThePayerOnRefund() public {
        t = collateralTerms();
        fundAndAccept(t);
        vm.prank(alice);
        escrow.release(t);
        moved(-100 * T, 99 * T, 0, 1 * T); // the app fee is on the amount alone
        t.details = "refunded";
        id = fundAndAccept(t);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(I.NotAllowed.selector, id, alice));
        escrow.refund(t); // accepted: no longer the payer's
        vm.prank(bob);
        escrow.refund(t);
        moved(-60 * T, 59 * T, 0, 1 * T);
    }
}
