// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {ISigned} from "../../contracts/interfaces/ISigned.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IRedEnvelope as I} from "../../contracts/interfaces/IRedEnvelope.sol";
import {ISemaphoreVerifier} from "../../contracts/interfaces/ISemaphoreVerifier.sol";
import {ITokenCustody} from "../../contracts/interfaces/ITokenCustody.sol";
import {RedEnvelope} from "../../contracts/payments/RedEnvelope.sol";
import {EnvelopeFixture} from "./support/EnvelopeFixture.sol";
import {Receiver} from "./support/HostileTokens.sol";

contract RedEnvelopeTest is EnvelopeFixture {
    // --- constructor, create ---

    function test_constructor_needsTokenAndVerifier() public {
        ISemaphoreVerifier verifier = envelopes.verifier();
        vm.expectRevert(ITokenCustody.ZeroAddress.selector);
        new RedEnvelope(IERC20(address(0)), verifier);
        vm.expectRevert(ITokenCustody.ZeroAddress.selector);
        new RedEnvelope(token, ISemaphoreVerifier(address(0)));
    }

    function testFuzz_create_locksTheAmount(
        uint128 amount,
        uint16 shares,
        uint40 lifetime,
        bytes32 salt
    ) public {
        I.Terms memory t = termsOf(sharesOf(3));
        t.amount = uint128(within(amount, 1, WEALTH));
        t.shares = uint16(within(shares, 1, 128));
        t.expiry = uint40(block.timestamp + within(lifetime, 1, 366 days));
        t.salt = salt;
        bytes32 id = envelopes.envelopeId(t);
        uint256 before = token.balanceOf(alice);
        vm.expectEmit();
        emit I.EnvelopeCreated(id, alice, t);
        eq(createEnvelope(t), id, "named by its terms");
        eq(envelopes.envelope(id).left, t.amount, "left");
        eq(envelopes.envelope(id).claimed, 0, "claimed");
        eq(before - token.balanceOf(alice), t.amount, "alice paid");
        eq(token.balanceOf(address(envelopes)), t.amount, "held");
    }

    function test_create_forAYearAndNoSecondMore() public {
        I.Terms memory t = termsOf(sharesOf(3));
        t.expiry = uint40(block.timestamp + 366 days + 1);
        badTerms(t);
        t.expiry -= 1;
        createEnvelope(t);
    }

    function test_create_onlyByTheCreator() public {
        I.Terms memory t = termsOf(sharesOf(3));
        vm.expectRevert(abi.encodeWithSelector(I.NotCreator.selector, envelopes.envelopeId(t), mallory));
        vm.prank(mallory);
        envelopes.create(t);
    }

    function badTerms(I.Terms memory t) private {
        vm.expectRevert(I.BadTerms.selector);
        vm.prank(alice);
        envelopes.create(t);
    }

    function test_create_refusesBadTerms() public {
        I.Terms memory t = termsOf(sharesOf(3));
        t.amount = 0;
        badTerms(t);
        t = termsOf(sharesOf(3));
        t.shares = 0;
        badTerms(t);
        t.shares = 129;
        badTerms(t);
        t = termsOf(sharesOf(3));
        t.root = 0;
        badTerms(t);
        t = termsOf(sharesOf(3));
        t.expiry = uint40(block.timestamp);
        badTerms(t);
        t.expiry = uint40(block.timestamp + 366 days + 1);
        badTerms(t);
        t.expiry = 0;
        badTerms(t);
    }

    function test_create_refusesBadTermsOfAGate() public {
        I.Terms memory t = gatedTerms(3);
        t.amount = 301;
        badTerms(t);
        t = gatedTerms(3);
        t.root = 0;
        badTerms(t);
        t.root = bytes32(FIELD);
        badTerms(t);
        t.root = bytes32(FIELD - 1);
        createEnvelope(t);
        t = gatedTerms(3);
        t.shares = 0;
        badTerms(t);
        t = gatedTerms(3);
        t.amount = 0;
        badTerms(t);
        t = gatedTerms(3);
        t.expiry = uint40(block.timestamp);
        badTerms(t);
        // A Merkle root of shares may have any value.
        t = termsOf(sharesOf(3));
        t.root = bytes32(type(uint256).max);
        t.amount = 301;
        createEnvelope(t);
    }

    function exists(I.Terms memory t) private {
        vm.expectRevert(abi.encodeWithSelector(I.EnvelopeExists.selector, envelopes.envelopeId(t)));
        vm.prank(alice);
        envelopes.create(t);
    }

    function test_create_usesTermsOnce() public {
        I.Share[] memory shares = sharesOf(2);
        I.Terms memory t = termsOf(shares);
        createEnvelope(t);
        exists(t);
        claimFor(t, shares, 0, bob);
        exists(t);
        claimFor(t, shares, 1, bob);
        exists(t);
        I.Terms memory gated = gatedTerms(1);
        createEnvelope(gated);
        exists(gated);
        claimGatedFor(gated, 5, bob);
        exists(gated);
        skip(LIFETIME); // whatever became of them, they have expired
        badTerms(t);
    }

    function test_create_everyTermNamesAnotherEnvelope() public view {
        I.Terms memory t = termsOf(sharesOf(3));
        bytes32 id = envelopes.envelopeId(t);
        for (uint256 field = 0; field < 7; ++field) {
            I.Terms memory u = termsOf(sharesOf(3));
            if (field == 0) u.creator = bob;
            if (field == 1) u.amount += 1;
            if (field == 2) u.shares += 1;
            if (field == 3) u.expiry += 1;
            if (field == 4) u.gated = true;
            if (field == 5) u.root = "other";
            if (field == 6) u.salt = "other";
            ok(envelopes.envelopeId(u) != id, "another name");
        }
    }

    // --- createFor ---

    function test_createFor_takesTheCreatorsTokens() public {
        I.Terms memory t = termsOf(sharesOf(3));
        uint40 deadline = uint40(block.timestamp);
        bytes memory sig = signature(aliceKey, envelopes.createDigest(t, deadline));
        (uint256 alices, uint256 bobs) = (token.balanceOf(alice), token.balanceOf(bob));
        vm.prank(bob);
        bytes32 id = envelopes.createFor(t, deadline, sig);
        eq(envelopes.envelope(id).left, t.amount, "left");
        eq(alices - token.balanceOf(alice), t.amount, "alice paid");
        eq(token.balanceOf(bob), bobs, "bob did not");
        vm.expectRevert(abi.encodeWithSelector(I.EnvelopeExists.selector, id));
        envelopes.createFor(t, deadline, sig);
        vm.warp(deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignatureExpired.selector, deadline));
        envelopes.createFor(t, deadline, sig);
    }

    function test_createFor_needsTheCreatorsSignatureOfTheseTerms() public {
        I.Terms memory t = termsOf(sharesOf(3));
        uint40 deadline = uint40(block.timestamp) + 60;
        bytes32 id = envelopes.envelopeId(t);
        bytes[4] memory sigs = [
            signature(bobKey, envelopes.createDigest(t, deadline)),
            signature(aliceKey, envelopes.createDigest(t, deadline + 1)),
            signature(aliceKey, id), // the name is no consent
            bytes("")
        ];
        for (uint256 i = 0; i < sigs.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, alice));
            envelopes.createFor(t, deadline, sigs[i]);
        }
        bytes memory sig = signature(aliceKey, envelopes.createDigest(t, deadline));
        t.amount += 1;
        vm.expectPartialRevert(ISigned.BadSignature.selector);
        envelopes.createFor(t, deadline, sig);
        t.creator = address(0);
        vm.expectPartialRevert(ISigned.BadSignature.selector);
        envelopes.createFor(t, deadline, "");
        t = termsOf(sharesOf(3));
        t.root = 0;
        sig = signature(aliceKey, envelopes.createDigest(t, deadline));
        vm.expectRevert(I.BadTerms.selector);
        envelopes.createFor(t, deadline, sig);
    }

    function test_createFor_aContractSignsByErc1271() public {
        Receiver wallet = new Receiver();
        allow(address(wallet));
        I.Terms memory t = termsOf(sharesOf(3));
        t.creator = address(wallet);
        envelopes.createFor(t, uint40(block.timestamp), "");
        eq(token.balanceOf(address(wallet)), WEALTH - t.amount, "the wallet paid");
    }

    function test_createFor_withAPermitInOneTransaction() public {
        I.Terms memory t = termsOf(sharesOf(3));
        vm.prank(alice);
        token.approve(address(envelopes), 0);
        uint40 deadline = uint40(block.timestamp);
        bytes memory sig = signature(aliceKey, envelopes.createDigest(t, deadline));
        (uint8 v, bytes32 r, bytes32 s) = signPermit(aliceKey, address(envelopes), t.amount);
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(ITokenCustody.tryPermitFor, (alice, t.amount, deadline, v, r, s));
        calls[1] = abi.encodeCall(I.createFor, (t, deadline, sig));
        vm.prank(mallory);
        envelopes.multicall(calls);
        eq(envelopes.envelope(envelopes.envelopeId(t)).left, t.amount, "created");
    }

    // --- refund ---

    function test_refund_paysTheCreatorWhatIsLeft() public {
        I.Share[] memory shares = sharesOf(3);
        I.Terms memory t = termsOf(shares);
        bytes32 id = createEnvelope(t);
        claimFor(t, shares, 1, bob);
        vm.warp(t.expiry - 1);
        vm.expectRevert(abi.encodeWithSelector(I.NotExpired.selector, id, t.expiry));
        envelopes.refund(t);
        vm.warp(t.expiry);
        uint256 before = token.balanceOf(alice);
        vm.expectEmit();
        emit I.EnvelopeRefunded(id, alice, 40);
        vm.prank(mallory);
        eq(envelopes.refund(t), 40, "refunded");
        eq(token.balanceOf(alice) - before, 40, "to alice");
        eq(envelopes.envelope(id).left, 0, "nothing is left");
        eq(envelopes.envelope(id).claimed, 2, "what was claimed stays known");
        vm.expectRevert(abi.encodeWithSelector(I.NothingLeft.selector, id));
        envelopes.refund(t);
    }

    function test_refund_needsAnEnvelope() public {
        I.Terms memory t = termsOf(sharesOf(3));
        t.expiry = uint40(block.timestamp);
        vm.expectRevert(abi.encodeWithSelector(I.NothingLeft.selector, envelopes.envelopeId(t)));
        envelopes.refund(t);
    }
}
