// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IEscrow as I} from "../../contracts/interfaces/IEscrow.sol";
import {Vm} from "./support/Vm.sol";
import {DealFixture} from "./support/DealFixture.sol";

contract EscrowTest is DealFixture {
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
        vm.recordLogs();
        eq(fundDeal(t), id, "the deal's name");
        Vm.Log memory log = vm.getRecordedLogs()[0];
        eq(log.topics[0], I.DealFunded.selector, "event");
        eq(log.topics[1], id, "deal");
        bytes memory told = bytes.concat(abi.encode(log.topics[2], log.topics[3]), log.data);
        eq(keccak256(told), keccak256(abi.encode(t)), "the event tells all terms, in their order");
        eq(token.balanceOf(address(escrow)), t.amount, "held");
        I.Deal memory d = escrow.deal(id);
        eq(uint8(d.state), uint8(I.State.Funded), "state");
        eq(d.left, t.amount, "left");
        eq(d.endsAt, 0, "no time of its own");
    }

    function test_fund_isThePayersOnly() public {
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(I.NotAllowed.selector, id, bob));
        escrow.fund(t);
    }

    function test_fund_refusesTermsThatMakeNoSense() public {
        for (uint256 i = 0; i < 19; ++i) {
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
            if (i == 13) bad.collateral = type(uint128).max - bad.amount + 1;
            if (i == 14) bad.bond = bad.arbiterFee - 1;
            if (i == 15) (bad.bond, bad.disputeWindow) = (BOND, 0);
            if (i == 16) (bad.collateral, bad.disputeWindow) = (COLLATERAL, 0);
            if (i == 17) bad.rulingWindow = type(uint40).max - bad.deliverBy - bad.disputeWindow;
            if (i == 18) (bad.evaluator, bad.payee) = (mallory, alice);
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
        t.details = "another";
        fundDeal(t);
    }

    /// Every field's unused high bits must be zero, so that a deal can't get a second name.
    function testFuzz_fund_refusesDirtyFields(uint256 field, uint256 bit) public {
        field = within(field, 0, 13);
        bytes memory data = abi.encodeCall(I.fund, (t));
        bit = within(
            bit,
            field < 4 || field == 12
                ? 160
                : field < 8
                    ? 128
                    : field < 11
                        ? 40
                        : 16,
            255
        );
        uint256 offset = 36 + 32 * field;
        assembly {
            mstore(add(data, offset), or(mload(add(data, offset)), shl(bit, 1)))
        }
        vm.prank(alice);
        (bool works, ) = address(escrow).call(data);
        ok(!works, "refused");
        eq(token.balanceOf(address(escrow)), 0, "nothing is taken");
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

    // --- releasePart ---

    function test_releasePart_paysUpToATotalLessTheAppFee() public {
        fundDeal(t);
        vm.expectEmit();
        emit I.PartPaid(id, 29_700_000, 300_000, 70 * TEA);
        vm.prank(alice);
        escrow.releasePart(t, 30 * TEA);
        eq(escrow.deal(id).left, 70 * TEA, "left");
        vm.prank(alice);
        escrow.releasePart(t, 45 * TEA);
        change(bob, 45 * int256(uint256(TEA)) - 450_000, "the second part is what was missing");
        vm.prank(alice);
        escrow.release(t);
        paidOut(0, 99 * TEA, 0, 1 * TEA);
    }

    function test_releasePart_isThePayersOnlyWhileUndisputed() public {
        fundDeal(t);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(I.NotAllowed.selector, id, bob));
        escrow.releasePart(t, 1);
        vm.startPrank(alice);
        escrow.releasePart(t, 10);
        uint128[4] memory bad = [uint128(0), 10, 100 * TEA, type(uint128).max];
        for (uint256 i = 0; i < 4; ++i) {
            vm.expectRevert(abi.encodeWithSelector(I.BadSplit.selector, id, bad[i], 11, 100 * TEA - 1));
            escrow.releasePart(t, bad[i]);
        }
        escrow.dispute(t);
        vm.expectRevert(abi.encodeWithSelector(I.WrongState.selector, id, I.State.Disputed));
        escrow.releasePart(t, 20);
        vm.stopPrank();
    }

    function testFuzz_releasePart_costsTheSameAppFeeInParts(
        uint128 first,
        uint128 second,
        uint16 bps
    ) public {
        t.appFeeBps = uint16(within(bps, 0, 1_000));
        t.amount = uint128(within(uint256(first) * second, 3, 1e12));
        first = uint128(within(first, 1, t.amount - 2));
        second = uint128(within(second, first + 1, t.amount - 1));
        t.arbiterFee = 0;
        id = fundDeal(t);
        vm.startPrank(alice);
        escrow.releasePart(t, first);
        escrow.releasePart(t, second);
        escrow.release(t);
        vm.stopPrank();
        uint256 toApp = (uint256(t.amount) * t.appFeeBps) / 10_000;
        paidOut(0, t.amount - toApp, 0, toApp);
    }

    function test_afterAPart_everyEndSplitsOnlyWhatIsLeft() public {
        int256 tea = int256(uint256(TEA));
        for (uint256 i = 0; i < 4; ++i) {
            t.details = bytes32(i);
            t.deliverBy = uint40(block.timestamp) + 1_000;
            t.appFeeBps = 0;
            id = fundDeal(t);
            vm.prank(alice);
            escrow.releasePart(t, 60 * TEA);
            if (i == 0) {
                vm.prank(bob);
                escrow.refund(t);
            } else if (i == 1) {
                vm.warp(afterDisputeWindow());
                escrow.expire(t);
            } else {
                vm.prank(bob);
                escrow.dispute(t);
                uint256 until = escrow.deal(id).endsAt;
                if (i == 3) vm.warp(until + 1);
                else vm.prank(carol);
                if (i == 2) escrow.rule(t, 35 * TEA);
                else escrow.expire(t);
            }
        }
        // 60 of each; nothing, 40, 35 of 40 - 5, half of 40
        moved(-(60 + 100 + 100 + 80) * tea, (60 + 100 + 95 + 80) * tea, 5 * tea, 0);
    }

    function test_rule_takesNoMoreFeeThanIsLeft() public {
        fundDeal(t);
        vm.startPrank(alice);
        escrow.releasePart(t, 98 * TEA);
        escrow.dispute(t);
        vm.stopPrank();
        vm.startPrank(carol);
        vm.expectRevert(abi.encodeWithSelector(I.BadSplit.selector, id, 1, 0, 0));
        escrow.rule(t, 1);
        escrow.rule(t, 0);
        vm.stopPrank();
        eq(token.balanceOf(carol), WEALTH + 2 * TEA, "what was left");
    }

    function test_settle_countsWhatThePayeeGotBefore() public {
        t.appFeeBps = 0;
        id = fundDeal(t);
        bytes32 digest = settlementDigest(id, 50 * TEA); // both sign 50 of 100 …
        bytes32 tooLittle = settlementDigest(id, 29 * TEA);
        vm.prank(alice);
        escrow.releasePart(t, 30 * TEA); // … then alice pays a part
        vm.expectRevert(abi.encodeWithSelector(I.BadSplit.selector, id, 29 * TEA, 30 * TEA, 100 * TEA));
        escrow.settle(t, 29 * TEA, DEADLINE, signature(aliceKey, tooLittle), signature(bobKey, tooLittle));
        escrow.settle(t, 50 * TEA, DEADLINE, signature(aliceKey, digest), signature(bobKey, digest));
        paidOut(50 * TEA, 50 * TEA, 0, 0);
    }

    // --- settle ---

    function testFuzz_settle_splitsAsBothSigned(uint128 toPayee, bool inDispute) public {
        toPayee = uint128(within(toPayee, 0, t.amount));
        if (inDispute) disputed();
        else fundDeal(t);
        bytes32 digest = settlementDigest(id, toPayee);
        vm.prank(mallory); // relayed
        escrow.settle(t, toPayee, DEADLINE, signature(aliceKey, digest), signature(bobKey, digest));
        paidOut(t.amount - toPayee, toPayee, 0, 0);
    }

    function test_settle_needsNoSignatureOfTheCaller() public {
        fundDeal(t);
        bytes memory payeeSigned = signature(bobKey, settlementDigest(id, 30 * TEA));
        vm.prank(alice);
        escrow.settle(t, 30 * TEA, DEADLINE, "", payeeSigned);
        paidOut(70 * TEA, 30 * TEA, 0, 0);
    }

    function test_settle_refusesWithoutConsentToThisSplit() public {
        fundDeal(t);
        bytes32 digest = settlementDigest(id, 30 * TEA);
        bytes memory payerSigned = signature(aliceKey, digest);
        bytes memory payeeSigned = signature(bobKey, digest);
        vm.expectRevert(abi.encodeWithSelector(I.NoConsent.selector, id, alice));
        escrow.settle(t, 31 * TEA, DEADLINE, payerSigned, payeeSigned);
        vm.expectRevert(abi.encodeWithSelector(I.NoConsent.selector, id, bob));
        escrow.settle(t, 30 * TEA, DEADLINE, payerSigned, payerSigned);
        vm.expectRevert(abi.encodeWithSelector(I.BadSplit.selector, id, 101 * TEA, 0, 100 * TEA));
        escrow.settle(t, 101 * TEA, DEADLINE, payerSigned, payeeSigned);
        uint40 now_ = uint40(block.timestamp);
        vm.expectRevert(abi.encodeWithSelector(I.SignatureExpired.selector, id, now_ - 1));
        escrow.settle(t, 30 * TEA, now_ - 1, payerSigned, payeeSigned);
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
        emit I.DealDisputed(id, alice, address(0), until);
        vm.prank(alice);
        escrow.dispute(t);
        eq(escrow.deal(id).endsAt, until, "ruling ends");
    }

    function testFuzz_rule_splitsWhatTheFeeLeaves(uint128 toPayee) public {
        toPayee = uint128(within(toPayee, 0, t.amount - t.arbiterFee));
        disputed();
        vm.warp(escrow.deal(id).endsAt); // the last second
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
        uint256 until = escrow.deal(id).endsAt;
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
        uint256 until = escrow.deal(id).endsAt;
        vm.warp(until);
        vm.expectRevert(abi.encodeWithSelector(I.TooEarly.selector, id, until + 1));
        escrow.expire(t);
        vm.warp(until + 1);
        escrow.expire(t);
        uint256 toPayee = (uint256(t.amount) * t.defaultToPayee) / 10_000;
        paidOut(t.amount - toPayee, toPayee, 0, 0);
    }
}
