// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IEscrow as I} from "../../contracts/interfaces/IEscrow.sol";
import {PlainDeal} from "./support/PlainDeal.sol";

/// Parts that a payer releases before the end. Tree: Escrow.tree.
contract EscrowPartsTest is PlainDeal {
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
}
