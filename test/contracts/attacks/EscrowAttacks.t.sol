// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IEscrow as I} from "../../../contracts/interfaces/IEscrow.sol";
import {Escrow} from "../../../contracts/escrow/Escrow.sol";
import {Receiver} from "../support/HostileTokens.sol";
import {DealFixture} from "../support/DealFixture.sol";

/// Numbered like the list of attacks in docs/contracts.md.
contract EscrowAttacksTest is DealFixture {
    function test_attack19_oneDealNeverPaysWithTheMoneyOfAnother() public {
        I.Terms memory one = terms();
        I.Terms memory two = terms();
        two.details = "two";
        bytes32 id = fundDeal(one);
        fundDeal(two);
        vm.startPrank(alice);
        escrow.release(one);
        vm.expectRevert(abi.encodeWithSelector(I.WrongState.selector, id, I.State.Closed));
        escrow.release(one);
        vm.stopPrank();
        vm.startPrank(bob);
        vm.expectRevert(abi.encodeWithSelector(I.WrongState.selector, id, I.State.Closed));
        escrow.refund(one);
        vm.stopPrank();
        eq(token.balanceOf(address(escrow)), two.amount, "the second deal is untouched");
    }

    function test_attack19_changedTermsAreAnotherDeal() public {
        I.Terms memory t = terms();
        fundDeal(t);
        t.amount = 200 * TEA;
        vm.expectRevert(abi.encodeWithSelector(I.WrongState.selector, escrow.dealId(t), I.State.None));
        vm.prank(alice);
        escrow.release(t);
        t = terms();
        t.arbiter = mallory; // an arbiter nobody agreed to
        vm.expectRevert(abi.encodeWithSelector(I.WrongState.selector, escrow.dealId(t), I.State.None));
        vm.prank(mallory);
        escrow.rule(t, 0);
    }

    function test_attack19_arbiterGetsItsFeeAndNoMore() public {
        I.Terms memory t = terms();
        bytes32 id = fundDeal(t);
        vm.prank(alice);
        escrow.dispute(t);
        vm.startPrank(carol);
        vm.expectRevert(abi.encodeWithSelector(I.BadSplit.selector, id, 95 * TEA + 1, 0, 95 * TEA));
        escrow.rule(t, 95 * TEA + 1);
        escrow.rule(t, 0);
        vm.expectRevert(abi.encodeWithSelector(I.WrongState.selector, id, I.State.Closed));
        escrow.rule(t, 0);
        vm.stopPrank();
        eq(token.balanceOf(carol), WEALTH + 5 * TEA, "the fee, once");
    }

    function test_attack19_partiesCannotBeTheArbiter() public {
        I.Terms memory t = terms();
        t.arbiter = t.payee;
        vm.prank(alice);
        vm.expectRevert(I.BadTerms.selector);
        escrow.fund(t);
    }

    function test_attack19_noSecondBelongsToTwoPeriods() public {
        I.Terms memory t = terms();
        fundDeal(t);
        uint256 end = uint256(t.deliverBy) + t.disputeWindow;
        vm.warp(end);
        vm.expectPartialRevert(I.TooEarly.selector);
        escrow.expire(t);
        vm.warp(end + 1);
        vm.prank(alice);
        vm.expectPartialRevert(I.TooLate.selector);
        escrow.dispute(t);
        escrow.expire(t);

        t.details = "ruling";
        t.deliverBy = uint40(block.timestamp) + 1;
        bytes32 id = fundDeal(t);
        vm.prank(bob);
        escrow.dispute(t);
        end = escrow.deal(id).endsAt;
        vm.warp(end);
        vm.expectPartialRevert(I.TooEarly.selector);
        escrow.expire(t);
        vm.warp(end + 1);
        vm.prank(carol);
        vm.expectPartialRevert(I.TooLate.selector);
        escrow.rule(t, 0);
        escrow.expire(t);
    }

    function test_attack19_aSettlementIsGoodForOneDealOnOneContractOnly() public {
        I.Terms memory t = terms();
        bytes32 digest = settlementDigest(escrow.dealId(t), 0);
        bytes memory payerSigned = signature(aliceKey, digest);
        bytes memory payeeSigned = signature(bobKey, digest);
        t.details = "another";
        bytes32 id = fundDeal(t);
        vm.expectRevert(abi.encodeWithSelector(I.NoConsent.selector, id, alice));
        escrow.settle(t, 0, DEADLINE, payerSigned, payeeSigned);

        Escrow twin = new Escrow(token);
        ok(twin.dealId(t) != id, "another contract names it differently");
        vm.chainId(block.chainid + 1);
        ok(escrow.dealId(t) != id, "so does another chain");
    }

    function test_attack19_aContractPartySignsByErc1271() public {
        Receiver wallet = new Receiver();
        I.Terms memory t = terms();
        t.payee = address(wallet);
        bytes32 id = fundDeal(t);
        bytes memory payerSigned = signature(aliceKey, settlementDigest(id, 40 * TEA));
        escrow.settle(t, 40 * TEA, DEADLINE, payerSigned, "");
        eq(token.balanceOf(address(wallet)), 40 * TEA, "its share");
    }

    function test_attack22_amountsAndTimesAtTheirLimits() public {
        I.Terms memory t = terms();
        t.deliverBy = type(uint40).max;
        vm.prank(alice);
        vm.expectRevert(I.BadTerms.selector);
        escrow.fund(t);
        t.deliverBy = type(uint40).max - 2 * t.disputeWindow - t.rulingWindow; // the last second that fits
        t.bond = 5 * TEA;
        bytes32 id = fundDeal(t);
        vm.warp(uint256(t.deliverBy) + t.disputeWindow);
        vm.prank(alice);
        escrow.dispute(t);
        vm.warp(escrow.deal(id).endsAt);
        vm.prank(bob);
        escrow.answer(t);
        eq(escrow.deal(id).endsAt, type(uint40).max, "does not wrap");
    }
}
