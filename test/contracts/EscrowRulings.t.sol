// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IEscrow as I} from "../../contracts/interfaces/IEscrow.sol";
import {ISigned} from "../../contracts/interfaces/ISigned.sol";
import {PlainDeal} from "./support/PlainDeal.sol";

/// Splits by both parties, or by an arbiter without bonds. Tree: Escrow.tree.
contract EscrowRulingsTest is PlainDeal {
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
        vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, alice));
        escrow.settle(t, 31 * TEA, DEADLINE, payerSigned, payeeSigned);
        vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, bob));
        escrow.settle(t, 30 * TEA, DEADLINE, payerSigned, payerSigned);
        vm.expectRevert(abi.encodeWithSelector(I.BadSplit.selector, id, 101 * TEA, 0, 100 * TEA));
        escrow.settle(t, 101 * TEA, DEADLINE, payerSigned, payeeSigned);
        uint40 now_ = uint40(block.timestamp);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignatureExpired.selector, now_ - 1));
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
}
