// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IEscrow as I} from "../../contracts/interfaces/IEscrow.sol";
import {Fixture} from "./support/Fixture.sol";

contract EscrowTest is Fixture {
    I.Terms private t;
    bytes32 private id;

    function setUp() public override {
        super.setUp();
        t = terms();
        id = escrow.dealId(t);
    }

    function paidOut(uint256 toPayer, uint256 toPayee, uint256 toArbiter, uint256 toApp) private view {
        eq(token.balanceOf(alice), WEALTH - t.amount + toPayer, "payer");
        eq(token.balanceOf(bob), WEALTH + toPayee, "payee");
        eq(token.balanceOf(carol), WEALTH + toArbiter, "arbiter");
        eq(token.balanceOf(mallory), WEALTH + toApp, "app");
        eq(token.balanceOf(address(escrow)), 0, "escrow is empty");
        eq(uint8(escrow.deal(id).state), uint8(I.State.Closed), "closed");
    }

    function disputed() private {
        fundDeal(t);
        vm.prank(bob);
        escrow.dispute(t);
    }

    function afterDisputeWindow() private view returns (uint256) {
        return uint256(t.deliverBy) + t.disputeWindow + 1;
    }

    // --- fund ---

    function test_fund_locksTheAmount() public {
        vm.expectEmit();
        emit I.DealFunded(id, alice, bob, t);
        eq(fundDeal(t), id, "the deal's name");
        eq(token.balanceOf(address(escrow)), t.amount, "held");
        eq(uint8(escrow.deal(id).state), uint8(I.State.Funded), "state");
    }

    function test_fund_isThePayersOnly() public {
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(I.NotAllowed.selector, id, bob));
        escrow.fund(t);
    }

    function test_fund_refusesTermsThatMakeNoSense() public {
        for (uint256 i = 0; i < 13; ++i) {
            I.Terms memory bad = terms();
            if (i == 0) bad.payee = alice;
            if (i == 1) bad.arbiter = alice;
            if (i == 2) bad.arbiter = bob;
            if (i == 3) bad.payee = address(0);
            if (i == 4) bad.arbiter = address(0);
            if (i == 5) bad.deliverBy = uint40(block.timestamp);
            if (i == 6) bad.disputeWindow = type(uint40).max;
            if (i == 7) bad.rulingWindow = 0;
            if (i == 8) bad.amount = 0;
            if (i == 9) bad.defaultToPayee = 10_001;
            if (i == 10) bad.arbiterFee = bad.amount + 1;
            if (i == 11) bad.appFeeBps = 1_001;
            if (i == 12) bad.appFeeRecipient = address(0);
            vm.prank(alice);
            vm.expectRevert(I.BadTerms.selector);
            escrow.fund(bad);
        }
    }

    function test_fund_worksOncePerTerms() public {
        fundDeal(t);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(I.WrongState.selector, id, I.State.Funded));
        escrow.fund(t);
        vm.prank(bob);
        escrow.refund(t);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(I.WrongState.selector, id, I.State.Closed));
        escrow.fund(t);
        t.salt = "another";
        fundDeal(t);
    }

    // --- release, refund ---

    function test_release_paysThePayeeLessTheAppFee() public {
        fundDeal(t);
        vm.expectEmit();
        emit I.DealClosed(id, I.Outcome.Released, 0, 99 * TEA, 0, 1 * TEA);
        vm.prank(alice);
        escrow.release(t);
        paidOut(0, 99 * TEA, 0, 1 * TEA);
    }

    function test_release_ofADisputePaysThePayeeEverything() public {
        disputed();
        vm.prank(alice);
        escrow.release(t);
        paidOut(0, 100 * TEA, 0, 0);
    }

    function test_release_isThePayersOnly() public {
        fundDeal(t);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(I.NotAllowed.selector, id, bob));
        escrow.release(t);
    }

    function test_refund_paysThePayerEverything() public {
        fundDeal(t);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(I.NotAllowed.selector, id, alice));
        escrow.refund(t);
        vm.prank(bob);
        escrow.refund(t);
        paidOut(100 * TEA, 0, 0, 0);
    }

    function test_refund_worksInADispute() public {
        disputed();
        vm.prank(bob);
        escrow.refund(t);
        paidOut(100 * TEA, 0, 0, 0);
    }

    // --- settle ---

    function testFuzz_settle_splitsAsBothSigned(uint128 toPayee, bool inDispute) public {
        toPayee = uint128(within(toPayee, 0, t.amount));
        if (inDispute) disputed();
        else fundDeal(t);
        bytes32 digest = escrow.settlementDigest(id, toPayee);
        vm.prank(mallory); // relayed
        escrow.settle(t, toPayee, signature(aliceKey, digest), signature(bobKey, digest));
        paidOut(t.amount - toPayee, toPayee, 0, 0);
    }

    function test_settle_needsNoSignatureOfTheCaller() public {
        fundDeal(t);
        bytes memory payeeSigned = signature(bobKey, escrow.settlementDigest(id, 30 * TEA));
        vm.prank(alice);
        escrow.settle(t, 30 * TEA, "", payeeSigned);
        paidOut(70 * TEA, 30 * TEA, 0, 0);
    }

    function test_settle_refusesWithoutConsentToThisSplit() public {
        fundDeal(t);
        bytes32 digest = escrow.settlementDigest(id, 30 * TEA);
        bytes memory payerSigned = signature(aliceKey, digest);
        bytes memory payeeSigned = signature(bobKey, digest);
        vm.expectRevert(abi.encodeWithSelector(I.NoConsent.selector, id, alice));
        escrow.settle(t, 31 * TEA, payerSigned, payeeSigned);
        vm.expectRevert(abi.encodeWithSelector(I.NoConsent.selector, id, bob));
        escrow.settle(t, 30 * TEA, payerSigned, payerSigned);
        vm.expectRevert(abi.encodeWithSelector(I.SplitTooLarge.selector, id, 101 * TEA, 100 * TEA));
        escrow.settle(t, 101 * TEA, payerSigned, payeeSigned);
    }

    // --- dispute, rule ---

    function test_dispute_isForThePartiesUntilTheWindowEnds() public {
        fundDeal(t);
        vm.prank(carol);
        vm.expectRevert(abi.encodeWithSelector(I.NotAllowed.selector, id, carol));
        escrow.dispute(t);
        vm.warp(afterDisputeWindow());
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(I.TooLate.selector, id, block.timestamp - 1));
        escrow.dispute(t);
        vm.warp(block.timestamp - 1); // the last second
        uint40 until = uint40(block.timestamp) + t.rulingWindow;
        vm.expectEmit();
        emit I.DealDisputed(id, alice, until);
        vm.prank(alice);
        escrow.dispute(t);
        eq(escrow.deal(id).rulingEndsAt, until, "ruling ends");
    }

    function testFuzz_rule_splitsWhatTheFeeLeaves(uint128 toPayee) public {
        toPayee = uint128(within(toPayee, 0, t.amount - t.arbiterFee));
        disputed();
        vm.warp(escrow.deal(id).rulingEndsAt); // the last second
        vm.prank(carol);
        escrow.rule(t, toPayee);
        paidOut(95 * TEA - toPayee, toPayee, 5 * TEA, 0);
    }

    function test_rule_isTheArbitersOnlyInADisputeInTime() public {
        fundDeal(t);
        vm.prank(carol);
        vm.expectRevert(abi.encodeWithSelector(I.WrongState.selector, id, I.State.Funded));
        escrow.rule(t, 0);
        vm.prank(alice);
        escrow.dispute(t);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(I.NotAllowed.selector, id, alice));
        escrow.rule(t, 0);
        uint256 until = escrow.deal(id).rulingEndsAt;
        vm.warp(until + 1);
        vm.prank(carol);
        vm.expectRevert(abi.encodeWithSelector(I.TooLate.selector, id, until));
        escrow.rule(t, 0);
    }

    // --- expire ---

    function test_expire_undisputedPaysThePayeeAfterTheWindow() public {
        fundDeal(t);
        vm.warp(afterDisputeWindow() - 1);
        vm.expectRevert(abi.encodeWithSelector(I.TooEarly.selector, id, block.timestamp + 1));
        escrow.expire(t);
        vm.warp(block.timestamp + 1);
        escrow.expire(t);
        paidOut(0, 99 * TEA, 0, 1 * TEA);
    }

    function testFuzz_expire_ofASilentArbiterLeadsToTheDefault(uint16 bps) public {
        t.defaultToPayee = uint16(within(bps, 0, 10_000));
        id = escrow.dealId(t);
        disputed();
        uint256 until = escrow.deal(id).rulingEndsAt;
        vm.warp(until);
        vm.expectRevert(abi.encodeWithSelector(I.TooEarly.selector, id, until + 1));
        escrow.expire(t);
        vm.warp(until + 1);
        escrow.expire(t);
        uint256 toPayee = (uint256(t.amount) * t.defaultToPayee) / 10_000;
        paidOut(t.amount - toPayee, toPayee, 0, 0);
    }
}
