// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {ISigned} from "../../../contracts/interfaces/ISigned.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IEscrow as I} from "../../../contracts/interfaces/IEscrow.sol";
import {Escrow} from "../../../contracts/escrow/Escrow.sol";
import {LocalToken} from "../../../contracts/token/LocalToken.sol";
import {DenyToken, Receiver} from "../support/HostileTokens.sol";
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
        vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, alice));
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

    /// The largest amounts, bonds and fees that terms may have: no step overflows, and the shares are the whole.
    function testFuzz_attack22_theLargestAmounts(
        uint128 amount,
        uint128 collateral,
        uint128 fee,
        uint128 bond,
        uint128 toPayee,
        uint16 bps,
        uint256 way
    ) public {
        I.Terms memory t = terms();
        t.amount = uint128(within(amount, 1, type(uint128).max));
        t.collateral = uint128(within(collateral, 0, type(uint128).max - t.amount));
        t.bond = bond;
        t.arbiterFee = uint128(within(fee, 0, bond == 0 ? t.amount : bond));
        t.defaultToPayee = bps % 10_001;
        t.appFeeBps = bps % 1_001;
        LocalToken(address(token)).mint(alice, type(uint200).max);
        LocalToken(address(token)).mint(bob, type(uint200).max);
        uint256 sum = wealth();
        bytes32 id = t.collateral == 0 ? fundDeal(t) : fundAndAccept(t);
        uint128 pot = escrow.deal(id).left;
        eq(pot, uint256(t.amount) + t.collateral, "the pot");
        if (pot > 1 && way % 2 == 0) {
            vm.prank(alice);
            escrow.releasePart(t, uint128(within(toPayee, 1, pot - 1)));
        }
        if (way % 3 != 0) {
            vm.prank(bob);
            escrow.dispute(t);
            vm.prank(alice);
            if (t.bond != 0) escrow.answer(t);
            else escrow.deal(id);
        }
        uint128 left = escrow.deal(id).left;
        if (t.bond == 0) left -= left < t.arbiterFee ? left : t.arbiterFee;
        uint256 end = escrow.deal(id).endsAt;
        if (way % 3 == 1) vm.prank(carol);
        else vm.warp((end == 0 ? uint256(t.deliverBy) + t.disputeWindow : end) + 1);
        if (way % 3 == 1) escrow.rule(t, uint128(within(toPayee, 0, left)));
        else escrow.expire(t);
        eq(token.balanceOf(address(escrow)), 0, "nothing stays");
        eq(wealth(), sum, "nothing is lost");
    }

    /// Nobody who can't be paid keeps the others waiting, whoever it is.
    function test_attack08_partiesArbiterAndAdvancersThatCannotBePaid() public {
        deploy(IERC20(address(new DenyToken())));
        address[4] memory people = [alice, bob, carol, mallory];
        for (uint256 i = 0; i < 4; ++i) fund(people[i]);
        for (uint256 denied = 0; denied < 4; ++denied) {
            I.Terms memory t = terms();
            t.details = bytes32(denied);
            t.bond = 8 * TEA;
            fundDeal(t);
            vm.prank(alice);
            escrow.dispute(t);
            vm.prank(mallory);
            escrow.answer(t);
            DenyToken(address(token)).deny(people[denied], true, DenyToken.Manner.Bomb);
            vm.prank(carol);
            escrow.rule(t, 50 * TEA);
            ok(escrow.claimable(people[denied]) != 0, "waits for whom it is");
            DenyToken(address(token)).deny(people[denied], false, DenyToken.Manner.Bomb);
            escrow.claim(people[denied]);
            eq(token.balanceOf(address(escrow)), 0, "everybody else was paid");
        }
        moved(-210 * 1e6, 200 * 1e6, 20 * 1e6, -10 * 1e6);
    }

    function wealth() private view returns (uint256) {
        uint256 parties = token.balanceOf(alice) + token.balanceOf(bob);
        return parties + token.balanceOf(carol) + token.balanceOf(mallory);
    }
}
