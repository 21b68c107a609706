// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IEscrow as I} from "../../contracts/interfaces/IEscrow.sol";
import {Vm} from "./support/Vm.sol";
import {PlainDeal} from "./support/PlainDeal.sol";

contract EscrowTest is PlainDeal {
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
