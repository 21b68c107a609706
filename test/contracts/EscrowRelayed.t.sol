// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {ISigned} from "../../contracts/interfaces/ISigned.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {IEscrow as I} from "../../contracts/interfaces/IEscrow.sol";
import {DealFixture} from "./support/DealFixture.sol";

/// Everything a party does, sent by mallory with a signature.
contract EscrowRelayedTest is DealFixture {
    int256 private constant T = int256(uint256(TEA));

    I.Terms private t;
    bytes32 private id;

    function setUp() public override {
        super.setUp();
        t = terms();
        t.appFeeBps = 0;
        t.bond = BOND;
        t.collateral = COLLATERAL;
        id = escrow.dealId(t);
        vm.startPrank(mallory);
    }

    function arrange(I.State state) private {
        vm.stopPrank();
        if (state != I.State.None) fundDeal(t);
        if (state > I.State.Offered) {
            vm.prank(bob);
            escrow.accept(t);
        }
        if (state > I.State.Funded) {
            vm.prank(alice);
            escrow.dispute(t);
        }
        if (state > I.State.Challenged) {
            vm.prank(bob);
            escrow.answer(t);
        }
        vm.startPrank(mallory);
    }

    function test_fundFor_takesThePayersTokens() public {
        escrow.fundFor(t, DEADLINE, signature(aliceKey, escrow.fundingDigest(t, DEADLINE)));
        inState(id, I.State.Offered);
        change(alice, -100 * T, "payer");
        change(mallory, 0, "the relay pays nothing");
    }

    function test_fundFor_withAPermit() public {
        vm.stopPrank();
        vm.prank(alice);
        token.approve(address(escrow), 0);
        vm.startPrank(mallory);
        bytes32 permit = keccak256(
            abi.encode(
                keccak256(
                    "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
                ),
                alice,
                address(escrow),
                uint256(t.amount),
                uint256(0),
                uint256(DEADLINE)
            )
        );
        IERC20Permit permitting = IERC20Permit(address(token));
        bytes32 digest = keccak256(abi.encodePacked("\x19\x01", permitting.DOMAIN_SEPARATOR(), permit));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(aliceKey, digest);
        permitting.permit(alice, address(escrow), t.amount, DEADLINE, v, r, s);
        escrow.fundFor(t, DEADLINE, signature(aliceKey, escrow.fundingDigest(t, DEADLINE)));
        eq(token.allowance(alice, address(escrow)), 0, "used up");
    }

    function test_fundFor_refusesAnotherSignerTermsOrTime() public {
        bytes memory bobs = signature(bobKey, escrow.fundingDigest(t, DEADLINE));
        vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, alice));
        escrow.fundFor(t, DEADLINE, bobs);
        bytes memory alices = signature(aliceKey, escrow.fundingDigest(t, DEADLINE));
        vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, alice));
        escrow.fundFor(t, DEADLINE - 1, alices);
        vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, alice));
        escrow.fundFor(t, DEADLINE, signature(aliceKey, id)); // the terms alone are no order to fund
        t.amount += 1;
        vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, alice));
        escrow.fundFor(t, DEADLINE, alices);
        uint40 past = uint40(block.timestamp - 1);
        bytes memory late = signature(aliceKey, escrow.fundingDigest(t, past));
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignatureExpired.selector, past));
        escrow.fundFor(t, past, late);
    }

    function test_fundFor_isGoodOnce() public {
        bytes memory alices = signature(aliceKey, escrow.fundingDigest(t, DEADLINE));
        escrow.fundFor(t, DEADLINE, alices);
        escrow.refundFor(t, DEADLINE, signedAct(bobKey, I.Act.Refund, id, 0));
        vm.expectRevert(abi.encodeWithSelector(I.WrongState.selector, id, I.State.Closed));
        escrow.fundFor(t, DEADLINE, alices);
    }

    function test_acceptFor() public {
        arrange(I.State.Offered);
        escrow.acceptFor(t, DEADLINE, signedAct(bobKey, I.Act.Acceptance, id, 0));
        inState(id, I.State.Funded);
        change(bob, -40 * T, "payee");
    }

    function test_releaseFor_andPartFor() public {
        arrange(I.State.Funded);
        bytes memory part = signedAct(aliceKey, I.Act.PartRelease, id, 30 * TEA);
        escrow.releasePartFor(t, 30 * TEA, DEADLINE, part);
        vm.expectRevert(
            abi.encodeWithSelector(I.BadSplit.selector, id, 30 * TEA, 30 * TEA + 1, 140 * TEA - 1)
        );
        escrow.releasePartFor(t, 30 * TEA, DEADLINE, part); // sent again: nothing more
        vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, alice));
        escrow.releasePartFor(t, 31 * TEA, DEADLINE, part);
        escrow.releaseFor(t, DEADLINE, signedAct(aliceKey, I.Act.Release, id, 0));
        moved(-100 * T, 100 * T, 0, 0);
    }

    function test_refundFor_isThePayees_andThePayersBeforeTheAcceptance() public {
        arrange(I.State.Offered);
        escrow.refundFor(t, DEADLINE, signedAct(aliceKey, I.Act.Refund, id, 0));
        moved(0, 0, 0, 0);
        t.details = "accepted";
        id = escrow.dealId(t);
        arrange(I.State.Funded);
        bytes memory alices = signedAct(aliceKey, I.Act.Refund, id, 0);
        vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, bob));
        escrow.refundFor(t, DEADLINE, alices);
        escrow.refundFor(t, DEADLINE, signedAct(bobKey, I.Act.Refund, id, 0));
        moved(40 * T, -40 * T, 0, 0);
    }

    function test_disputeFor_withTheBondOfTheParty() public {
        arrange(I.State.Funded);
        bytes memory signed = signedAct(bobKey, I.Act.Dispute, id, uint160(bob));
        escrow.disputeFor(t, bob, bob, DEADLINE, signed);
        inState(id, I.State.Challenged);
        change(bob, -48 * T, "collateral and bond");
    }

    function test_disputeFor_withABondThatTheCallerAdvances() public {
        arrange(I.State.Funded);
        bytes memory signed = signedAct(bobKey, I.Act.Dispute, id, uint160(mallory));
        escrow.disputeFor(t, bob, mallory, DEADLINE, signed);
        change(bob, -40 * T, "payee");
        change(mallory, -8 * T, "advancer");
        escrow.refundFor(t, DEADLINE, signedAct(bobKey, I.Act.Refund, id, 0));
        moved(40 * T, -40 * T, 0, 0); // the bond is back
    }

    function test_disputeFor_refusesStrangersAndOtherPurses() public {
        arrange(I.State.Funded);
        bytes memory forAlice = signedAct(bobKey, I.Act.Dispute, id, uint160(alice));
        vm.expectRevert(abi.encodeWithSelector(I.NotAllowed.selector, id, alice));
        escrow.disputeFor(t, bob, alice, DEADLINE, forAlice); // would take alice's money
        bytes memory forBob = signedAct(bobKey, I.Act.Dispute, id, uint160(bob));
        vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, bob));
        escrow.disputeFor(t, bob, mallory, DEADLINE, forBob); // would return the bond to mallory
        bytes memory carols = signedAct(carolKey, I.Act.Dispute, id, uint160(carol));
        vm.expectRevert(abi.encodeWithSelector(I.NotAllowed.selector, id, carol));
        escrow.disputeFor(t, carol, carol, DEADLINE, carols);
    }

    function test_answerFor_takesTheSignersTokens() public {
        arrange(I.State.Challenged);
        escrow.answerFor(t, carol, DEADLINE, signedAct(carolKey, I.Act.Answer, id, 0));
        inState(id, I.State.Disputed);
        change(carol, -8 * T, "advancer");
        (, address forPayee) = escrow.advancers(id);
        eq(forPayee, carol, "who gets it back");
    }

    function test_answerFor_refusesOtherPurses() public {
        arrange(I.State.Challenged);
        bytes memory carols = signedAct(carolKey, I.Act.Answer, id, 0);
        vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, alice));
        escrow.answerFor(t, alice, DEADLINE, carols); // would take alice's money
        uint40 late = uint40(block.timestamp) - 1;
        bytes memory tooLate = signature(carolKey, escrow.actDigest(I.Act.Answer, id, 0, late));
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignatureExpired.selector, late));
        escrow.answerFor(t, carol, late, tooLate);
    }

    function test_ruleFor_isTheArbitersForOneSplit() public {
        arrange(I.State.Disputed);
        bytes memory signed = signedAct(carolKey, I.Act.Ruling, id, 70 * TEA);
        vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, carol));
        escrow.ruleFor(t, 71 * TEA, DEADLINE, signed);
        escrow.ruleFor(t, 70 * TEA, DEADLINE, signed);
        moved(-100 * T + 70 * T - 2_500_000, -40 * T + 70 * T - 2_500_000, 5 * T, 0);
    }

    /// A signature for one step is good for no other step, deal, contract or chain.
    function test_signaturesAreForOneThingOnly() public {
        bytes32[] memory digests = new bytes32[](13);
        for (uint256 i = 0; i < 8; ++i) digests[i] = escrow.actDigest(I.Act(i), id, uint160(bob), DEADLINE);
        digests[8] = escrow.fundingDigest(t, DEADLINE);
        digests[9] = escrow.actDigest(I.Act.Release, id, 0, DEADLINE - 1);
        digests[10] = escrow.actDigest(I.Act.Release, bytes32(uint256(id) ^ 1), 0, DEADLINE);
        vm.chainId(block.chainid + 1);
        digests[11] = escrow.actDigest(I.Act.Release, id, 0, DEADLINE);
        digests[12] = id;
        for (uint256 i = 0; i < 13; ++i)
            for (uint256 j = 0; j < i; ++j) ok(digests[i] != digests[j], "all differ");
    }
}
