// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IEscrow as I} from "../../../contracts/interfaces/IEscrow.sol";
import {ITokenCustody} from "../../../contracts/interfaces/ITokenCustody.sol";
import {DealFixture} from "../support/DealFixture.sol";
import {ObedientEvaluator} from "../support/HostileEvaluators.sol";
import {Receiver} from "../support/HostileTokens.sol";
import {Intrusion} from "../support/Intrusion.sol";

/// While Escrow moves tokens, no call of it that does can be entered. Attack 21 of the list in docs/contracts.md.
contract EscrowReentrancyTest is DealFixture, Intrusion {
    int256 private constant T = int256(uint256(TEA));

    I.Terms private t;

    function setUp() public override {
        super.setUp();
        useHooks();
        doors = [
            I.fund.selector,
            I.fundFor.selector,
            I.accept.selector,
            I.acceptFor.selector,
            I.release.selector,
            I.releaseFor.selector,
            I.releasePart.selector,
            I.releasePartFor.selector,
            I.refund.selector,
            I.refundFor.selector,
            I.settle.selector,
            I.expire.selector,
            I.dispute.selector,
            I.disputeFor.selector,
            I.answer.selector,
            I.answerFor.selector,
            I.rule.selector,
            I.ruleFor.selector,
            I.evaluate.selector,
            ITokenCustody.claim.selector
        ];
        t = terms();
        (t.payee, t.appFeeBps) = (address(evil), 0);
    }

    /// @dev The intruder does it.
    function does(bytes memory call) private {
        lurk(address(escrow));
        evil.act(address(escrow), call);
        shut();
    }

    /// @dev `who` does it. The intruder says yes to every signature.
    function does(address who, bytes memory call) private {
        lurk(address(escrow));
        vm.prank(who);
        (bool worked, ) = address(escrow).call(call);
        ok(worked, "it works");
        shut();
    }

    function holds(uint256 amount) private view {
        eq(token.balanceOf(address(escrow)), amount, "what the escrow holds");
    }

    // --- on the way in ---

    function test_attack21_reentrancyOfAPayerThatFunds() public {
        (t.payer, t.payee) = (address(evil), bob);
        does(abi.encodeCall(I.fund, (t)));
        holds(100 * TEA);
        t.details = "second";
        does(mallory, abi.encodeCall(I.fundFor, (t, DEADLINE, "")));
        holds(200 * TEA);
        gained(-200 * T);
    }

    function test_attack21_reentrancyOfAPayeeThatAccepts() public {
        t.collateral = COLLATERAL;
        fundDeal(t);
        does(abi.encodeCall(I.accept, (t)));
        t.details = "second";
        fundDeal(t);
        does(mallory, abi.encodeCall(I.acceptFor, (t, DEADLINE, "")));
        holds(280 * TEA);
        gained(-80 * T);
    }

    function test_attack21_reentrancyOfAPartyThatDisputes() public {
        t.bond = BOND;
        fundDeal(t);
        does(abi.encodeCall(I.dispute, (t)));
        t.details = "second";
        fundDeal(t);
        does(mallory, abi.encodeCall(I.disputeFor, (t, address(evil), address(evil), DEADLINE, "")));
        holds(200 * TEA + 2 * BOND);
        gained(-16 * T);
    }

    function test_attack21_reentrancyOfAPartyThatAnswers() public {
        t.bond = BOND;
        fundDeal(t);
        vm.prank(alice);
        escrow.dispute(t);
        does(abi.encodeCall(I.answer, (t)));
        t.details = "second";
        fundDeal(t);
        vm.prank(alice);
        escrow.dispute(t);
        does(mallory, abi.encodeCall(I.answerFor, (t, address(evil), DEADLINE, "")));
        holds(200 * TEA + 4 * BOND);
        gained(-16 * T);
    }

    // --- on the way out ---

    function test_attack21_reentrancyOfAPayeeOfARelease() public {
        fundDeal(t);
        does(alice, abi.encodeCall(I.release, (t)));
        gained(100 * T);
        t.details = "second";
        bytes32 id = fundDeal(t);
        bytes memory sig = signedAct(aliceKey, I.Act.Release, id, 0);
        does(mallory, abi.encodeCall(I.releaseFor, (t, DEADLINE, sig)));
        gained(200 * T);
        holds(0);
    }

    function test_attack21_reentrancyOfAPayeeOfParts() public {
        bytes32 id = fundDeal(t);
        does(alice, abi.encodeCall(I.releasePart, (t, 60 * TEA)));
        gained(60 * T);
        bytes memory sig = signedAct(aliceKey, I.Act.PartRelease, id, 90 * TEA);
        does(mallory, abi.encodeCall(I.releasePartFor, (t, 90 * TEA, DEADLINE, sig)));
        gained(90 * T);
        holds(10 * TEA);
    }

    function test_attack21_reentrancyOfAPayerOfARefund() public {
        (t.payer, t.payee) = (address(evil), bob);
        fundDeal(t);
        does(bob, abi.encodeCall(I.refund, (t)));
        gained(0);
        t.details = "second";
        bytes32 id = fundDeal(t);
        bytes memory sig = signedAct(bobKey, I.Act.Refund, id, 0);
        does(mallory, abi.encodeCall(I.refundFor, (t, DEADLINE, sig)));
        gained(0);
        holds(0);
    }

    function test_attack21_reentrancyOfAPartyOfASettlement() public {
        fundDeal(t);
        does(alice, abi.encodeCall(I.settle, (t, 60 * TEA, DEADLINE, "", "")));
        gained(60 * T);
        change(alice, -60 * T, "the payer has the rest");
        holds(0);
    }

    function test_attack21_reentrancyOfAPartyOfARuling() public {
        fundAndDispute(t);
        does(carol, abi.encodeCall(I.rule, (t, 60 * TEA)));
        gained(60 * T);
        t.details = "second";
        bytes32 id = fundAndDispute(t);
        bytes memory sig = signedAct(carolKey, I.Act.Ruling, id, 60 * TEA);
        does(mallory, abi.encodeCall(I.ruleFor, (t, 60 * TEA, DEADLINE, sig)));
        gained(120 * T);
        change(carol, 10 * T, "the arbiter has its fee twice");
        holds(0);
    }

    function test_attack21_reentrancyOfAnArbiterThatRules() public {
        (t.payee, t.arbiter) = (bob, address(evil));
        fundAndDispute(t);
        does(abi.encodeCall(I.rule, (t, 60 * TEA)));
        gained(5 * T);
        change(bob, 60 * T, "the payee has its part");
        holds(0);
    }

    function test_attack21_reentrancyOfAPayeeOfAnEvaluation() public {
        t.evaluator = address(new ObedientEvaluator());
        fundDeal(t);
        does(mallory, abi.encodeCall(I.evaluate, (t, abi.encode(60 * TEA, false))));
        gained(60 * T);
        does(mallory, abi.encodeCall(I.evaluate, (t, abi.encode(80 * TEA, true))));
        gained(80 * T);
        holds(0);
    }

    function test_attack21_reentrancyOfAPayeeOfAnExpiry() public {
        fundDeal(t);
        skip(1_501);
        does(mallory, abi.encodeCall(I.expire, (t)));
        gained(100 * T);
        holds(0);
    }

    function test_attack21_reentrancyOfAClaim() public {
        fundDeal(t);
        evil.setMood(Receiver.Mood.Reverting);
        vm.prank(alice);
        escrow.release(t);
        evil.setMood(Receiver.Mood.Quiet);
        does(mallory, abi.encodeCall(ITokenCustody.claim, (address(evil))));
        gained(100 * T);
        holds(0);
    }
}
