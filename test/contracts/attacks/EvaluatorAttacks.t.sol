// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IEscrow as I} from "../../../contracts/interfaces/IEscrow.sol";
import {DealFixture} from "../support/DealFixture.sol";
import {
    FailingEvaluator,
    FickleEvaluator,
    ObedientEvaluator,
    ReenteringEvaluator
} from "../support/HostileEvaluators.sol";

/// Evaluators, bonds and signatures that try to get at money. Numbered like the list of attacks in docs/contracts.md.
contract EvaluatorAttacksTest is DealFixture {
    int256 private constant T = int256(uint256(TEA));

    function says(uint128 payeeAmount, bool isFinal) private pure returns (bytes memory) {
        return abi.encode(payeeAmount, isFinal);
    }

    /// An evaluator gets at most what its own deal has left, and other deals stay whole.
    function test_attack19_evaluatorReachesNoOtherDeal() public {
        I.Terms memory victim = collateralTerms();
        victim.details = "victim";
        bytes32 victimId = fundAndAccept(victim);
        I.Terms memory t = evaluatedTerms(address(new ObedientEvaluator()));
        bytes32 id = fundDeal(t);
        vm.expectRevert(abi.encodeWithSelector(I.EvaluatorFailed.selector, id, t.evaluator));
        escrow.evaluate(t, says(240 * TEA, true));
        escrow.evaluate(t, says(99 * TEA, false));
        vm.expectRevert(abi.encodeWithSelector(I.EvaluatorFailed.selector, id, t.evaluator));
        escrow.evaluate(t, says(101 * TEA, true));
        escrow.evaluate(t, says(100 * TEA, true));
        eq(token.balanceOf(address(escrow)), 140 * TEA, "the other deal is whole");
        eq(escrow.deal(victimId).left, 140 * TEA, "by its state too");
        vm.expectRevert(abi.encodeWithSelector(I.NoEvaluator.selector, victimId));
        escrow.evaluate(victim, says(140 * TEA, true));
    }

    function test_attack19_evaluatorThatChangesItsMind() public {
        FickleEvaluator fickle = new FickleEvaluator();
        I.Terms memory t = evaluatedTerms(address(fickle));
        t.appFeeBps = 0;
        bytes32 id = fundDeal(t);
        fickle.say(60 * TEA, false);
        escrow.evaluate(t, "");
        fickle.say(10 * TEA, true); // takes back what was paid
        vm.expectRevert(abi.encodeWithSelector(I.EvaluatorFailed.selector, id, fickle));
        escrow.evaluate(t, "");
        fickle.say(10 * TEA, false);
        vm.expectRevert(
            abi.encodeWithSelector(I.BadSplit.selector, id, 10 * TEA, 60 * TEA + 1, 100 * TEA - 1)
        );
        escrow.evaluate(t, "");
        fickle.say(70 * TEA, true);
        escrow.evaluate(t, "");
        fickle.say(100 * TEA, true);
        vm.expectRevert(abi.encodeWithSelector(I.WrongState.selector, id, I.State.Closed));
        escrow.evaluate(t, "");
        moved(-70 * T, 70 * T, 0, 0);
    }

    function test_attack19_aMilestoneIsNotPaidTwice_whoeverPaysIt() public {
        I.Terms memory t = evaluatedTerms(address(new ObedientEvaluator()));
        t.appFeeBps = 0;
        bytes32 id = fundDeal(t);
        bytes memory signed = signedAct(aliceKey, I.Act.PartRelease, id, 50 * TEA);
        escrow.evaluate(t, says(50 * TEA, false));
        bytes memory refusal = abi.encodeWithSelector(
            I.BadSplit.selector,
            id,
            50 * TEA,
            50 * TEA + 1,
            100 * TEA - 1
        );
        vm.expectRevert(refusal);
        escrow.releasePartFor(t, 50 * TEA, DEADLINE, signed); // the same milestone, signed by the payer
        vm.expectRevert(refusal);
        escrow.evaluate(t, says(50 * TEA, false));
        change(bob, 50 * T, "once");
    }

    /// What the arbiter looks at can't be made smaller under its ruling.
    function test_attack19_aDisputedDealDoesNotShrinkUnderARuling() public {
        I.Terms memory t = evaluatedTerms(address(new ObedientEvaluator()));
        bytes32 id = fundAndDispute(t);
        bytes memory signed = signedAct(aliceKey, I.Act.PartRelease, id, 50 * TEA);
        bytes memory refusal = abi.encodeWithSelector(I.WrongState.selector, id, I.State.Disputed);
        vm.expectRevert(refusal);
        escrow.releasePartFor(t, 50 * TEA, DEADLINE, signed);
        vm.expectRevert(refusal);
        escrow.evaluate(t, says(50 * TEA, false));
        vm.prank(carol);
        escrow.rule(t, 95 * TEA);
    }

    function test_attack19_bondsGoBackToWhoAdvancedThemAndNobodyElse() public {
        I.Terms memory t = bondedTerms();
        t.appFeeBps = 0;
        bytes32 id = fundDeal(t);
        bytes memory signed = signedAct(bobKey, I.Act.Dispute, id, uint160(mallory));
        vm.prank(mallory); // pays the bond of bob
        escrow.disputeFor(t, bob, mallory, DEADLINE, signed);
        vm.prank(carol); // even the arbiter may pay for alice
        escrow.answer(t);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(I.WrongState.selector, id, I.State.Disputed));
        escrow.answer(t); // nobody can put himself in an advancer's place
        vm.prank(carol);
        escrow.rule(t, 0);
        moved(0, 0, 5 * T, -5 * T); // bob lost: mallory's bond paid the fee
    }

    function test_attack19_bondsOfTwoDealsStayApart() public {
        I.Terms memory one = bondedTerms();
        I.Terms memory two = bondedTerms();
        two.details = "two";
        fundAndDispute(one);
        fundAndDispute(two);
        vm.prank(carol);
        escrow.rule(one, 100 * TEA);
        eq(token.balanceOf(address(escrow)), 100 * TEA + 2 * BOND, "the second deal with both bonds");
        vm.prank(bob);
        escrow.refund(two);
        moved(-105 * T, 100 * T, 5 * T, 0);
    }

    function test_attack19_silentArbiterEarnsNothing_withBondsNeither() public {
        I.Terms memory t = bondedTerms();
        bytes32 id = fundAndDispute(t);
        vm.warp(uint256(escrow.deal(id).endsAt) + 1);
        vm.prank(carol);
        vm.expectPartialRevert(I.TooLate.selector);
        escrow.rule(t, 0);
        escrow.expire(t);
        moved(-50 * T, 50 * T, 0, 0);
    }

    /// An insurer can't wait for what happens before it takes the risk.
    function test_attack19_collateralIsLockedSoonOrNotAtAll() public {
        I.Terms memory t = collateralTerms();
        bytes32 id = fundDeal(t);
        uint256 end = escrow.deal(id).endsAt;
        ok(end < t.deliverBy, "long before the end of the deal");
        vm.warp(end + 1);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(I.TooLate.selector, id, end));
        escrow.accept(t);
        escrow.expire(t);
        moved(0, 0, 0, 0);
    }

    function test_attack21_evaluatorThatReenters() public {
        ReenteringEvaluator evil = new ReenteringEvaluator(escrow);
        I.Terms memory t = evaluatedTerms(address(evil));
        t.payee = address(evil); // even as a party
        t.appFeeBps = 0;
        bytes32 id = fundDeal(t);
        evil.add(abi.encodeCall(I.refund, (t)));
        evil.add(abi.encodeCall(I.evaluate, (t, "")));
        evil.add(abi.encodeCall(I.dispute, (t)));
        evil.add(abi.encodeCall(I.expire, (t)));
        escrow.evaluate(t, "");
        inState(id, I.State.Closed);
        eq(token.balanceOf(address(evil)), 100 * TEA, "once");
        eq(token.balanceOf(address(escrow)), 0, "nothing else is there to take");
    }

    /// Gas that an evaluator burns and a megabyte that it answers are paid by who asks, and bounded.
    function test_attack24_evaluatorBurnsGasOrAnswersAMegabyte() public {
        I.Terms memory t = evaluatedTerms(address(new FailingEvaluator()));
        fundDeal(t);
        for (uint256 manner = 1; manner < 4; ++manner) {
            uint256 gas = gasleft();
            (bool works, ) = address(escrow).call(abi.encodeCall(I.evaluate, (t, abi.encode(manner))));
            gas -= gasleft();
            ok(!works, "refused");
            ok(gas < 620_000, "bounded");
        }
    }

    /// With less gas an evaluator could answer differently; it is asked with all its gas, or not.
    function testFuzz_attack24_evaluatorStarvedOfGas(uint256 gas) public {
        gas = within(gas, 60_000, 800_000);
        I.Terms memory t = evaluatedTerms(address(new GasTeller()));
        t.appFeeBps = 0;
        bytes32 id = fundDeal(t);
        try escrow.evaluate{gas: gas}(t, "") {
            eq(token.balanceOf(bob), WEALTH + 100 * TEA, "had its whole gas");
        } catch {
            inState(id, I.State.Funded);
        }
    }

    function test_attack25_noEvaluatorBlocksTheExits() public {
        I.Terms memory t = evaluatedTerms(address(new FailingEvaluator()));
        for (uint256 i = 0; i < 5; ++i) {
            t.details = bytes32(i);
            t.deliverBy = uint40(block.timestamp) + 1_000;
            bytes32 id = fundDeal(t);
            bytes32 digest = settlementDigest(id, 0);
            if (i == 1 || i == 4) {
                vm.prank(bob);
                escrow.dispute(t);
            }
            if (i == 2) vm.warp(uint256(t.deliverBy) + t.disputeWindow + 1);
            else vm.prank([alice, carol, mallory, alice, bob][i]);
            if (i == 0) escrow.release(t);
            if (i == 1) escrow.rule(t, 0);
            if (i == 2) escrow.expire(t);
            if (i == 3) escrow.settle(t, 0, DEADLINE, "", signature(bobKey, digest));
            if (i == 4) escrow.refund(t);
            inState(id, I.State.Closed);
        }
        eq(token.balanceOf(address(escrow)), 0, "all is out");
    }
}

/// @dev Decides for the payee if it has nearly all of its gas, else for the payer.
contract GasTeller {
    function evaluate(
        bytes32,
        I.Terms calldata terms,
        uint128,
        bytes calldata
    ) external view returns (uint128, bool) {
        return (gasleft() > 485_000 ? terms.amount : 0, true);
    }
}
